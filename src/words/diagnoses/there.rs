//! What is found in GitLab: its version, clock and token, and our hooks.

super::diagnoses! {
    GITLAB_UNASKED<0> = "gitlab_unasked":
        "no GitLab has a token, so none was asked" / "aucun GitLab n’a de jeton, aucun n’a donc été interrogé"
        => "url and token_env in a [[gitlab]] block; `read_api` is enough to look"
        / "url et token_env dans un bloc [[gitlab]]\u{a0}; `read_api` suffit pour regarder";
    GITLAB_CLIENT<1> = "gitlab_client": "{0}" / "{0}"
        => "check ca_file, proxy and the system's certificates"
        / "vérifiez ca_file, proxy et les certificats du système";
    TOKEN_REFUSED<0> = "token_refused":
        "GitLab does not accept the token (401)" / "GitLab n’accepte pas le jeton (401)"
        => "make a new token in GitLab; this one is wrong, expired or revoked"
        / "créez un autre jeton dans GitLab\u{a0}; celui-ci est faux, expiré ou révoqué";
    // What GitLab says itself is quoted behind it.
    TOKEN_FORBIDDEN<1> = "token_forbidden":
        "GitLab does not allow this to the token (403){0}" / "GitLab ne permet pas cela au jeton (403){0}"
        => "a token with the scope `api`, of a Maintainer of the project, an Owner of the group or an administrator of the instance"
        / "un jeton avec le droit `api`, d’un Maintainer du projet, d’un Owner du groupe ou d’un administrateur de l’instance";
    GITLAB_HIDES<0> = "gitlab_hides":
        "GitLab has no such thing, or hides it from the token (404)"
        / "GitLab ne connaît pas cela, ou le cache au jeton (404)"
        => "check the path; GitLab also says so of what the token's user may not see"
        / "vérifiez le chemin\u{a0}; GitLab répond aussi cela de ce que l’utilisateur du jeton ne doit pas voir";
    GITLAB_MOVED<2> = "gitlab_moved":
        "GitLab points to {0} ({1}), and the token goes to the configured address only"
        / "GitLab renvoie vers {0} ({1}), et le jeton ne va qu’à l’adresse réglée"
        => "set url to the address that GitLab itself uses" / "réglez url à l’adresse que GitLab emploie lui-même";
    GITLAB_SILENT<1> = "gitlab_silent":
        "GitLab does not answer: {0}" / "GitLab ne répond pas\u{a0}: {0}"
        => "check url, ca_file and proxy of the [[gitlab]] block"
        / "vérifiez url, ca_file et proxy du bloc [[gitlab]]";
    GITLAB_LIMITED<0> = "gitlab_limited":
        "GitLab takes no more requests for now (429)" / "GitLab n’accepte plus de requêtes pour l’instant (429)"
        => "a smaller requests_per_minute in the [[gitlab]] block"
        / "un requests_per_minute plus petit dans le bloc [[gitlab]]";
    GITLAB_FAILS<2> = "gitlab_fails": "GitLab answered {0}{1}" / "GitLab a répondu {0}{1}"
        => "look again later; the log of GitLab may say more"
        / "réessayez plus tard\u{a0}; le journal de GitLab en dit peut-être plus";
    GITLAB_UNUSABLE<1> = "gitlab_unusable":
        "the answer of GitLab cannot be used: {0}" / "la réponse de GitLab est inutilisable\u{a0}: {0}"
        => "check url: does something stand before the API?"
        / "vérifiez url\u{a0}: quelque chose est-il placé devant l’API\u{a0}?";
    GITLAB_UNVERSIONED<1> = "gitlab_unversioned":
        "{0} tells no version" / "{0} ne dit pas sa version"
        => "is this a GitLab?" / "est-ce bien un GitLab\u{a0}?";
    GITLAB_VERSION<2> = "gitlab_version": "{0} is GitLab {1}" / "{0} est un GitLab {1}";
    LACKS_TIERS<0> = "lacks_tiers":
        "deployment events tell no tier: names alone decide it"
        / "les événements de déploiement ne disent pas le niveau\u{a0}: le nom seul en décide"
        => "GitLab 16.1 or later" / "GitLab 16.1 ou plus récent";
    LACKS_HOOK_LOG<0> = "lacks_hook_log":
        "the log of a hook cannot be read" / "le journal d’un webhook ne peut pas être lu"
        => "GitLab 17.3 or later" / "GitLab 17.3 ou plus récent";
    LACKS_MILESTONES<0> = "lacks_milestones":
        "there are no milestone events" / "il n’y a pas d’événements de jalon"
        => "GitLab 18.2 or later" / "GitLab 18.2 ou plus récent";
    LACKS_SIGNING<0> = "lacks_signing":
        "there are no signing tokens: use secret tokens"
        / "il n’y a pas de jetons de signature\u{a0}: employez des jetons secrets"
        => "GitLab 19.0 or later" / "GitLab 19.0 ou plus récent";
    CLOCKS_AGREE<1> = "clocks_agree":
        "our clock and GitLab's differ by {0} s" / "notre horloge et celle de GitLab diffèrent de {0}\u{a0}s";
    CLOCKS_DIFFER<1> = "clocks_differ":
        "our clock and GitLab's differ by {0} s" / "notre horloge et celle de GitLab diffèrent de {0}\u{a0}s"
        => "synchronise both by NTP" / "synchronisez les deux par NTP";
    CLOCKS_REFUSE<1> = "clocks_refuse":
        "our clock and GitLab's differ by {0} s: signed deliveries are refused"
        / "notre horloge et celle de GitLab diffèrent de {0}\u{a0}s\u{a0}: les envois signés sont refusés"
        => "synchronise both by NTP" / "synchronisez les deux par NTP";
    DELIVERIES_SKEWED<1> = "deliveries_skewed":
        "the last signed delivery was dated {0} s from our clock"
        / "le dernier envoi signé était daté à {0}\u{a0}s de notre horloge"
        => "synchronise both clocks by NTP; ingest.signature_tolerance is the limit"
        / "synchronisez les deux horloges par NTP\u{a0}; ingest.signature_tolerance est la limite";

    TOKEN_OPAQUE<0> = "token_opaque":
        "GitLab does not tell what the token may do" / "GitLab ne dit pas ce que le jeton permet"
        => "a personal, group or project access token tells its scopes and its end"
        / "un jeton d’accès personnel, de groupe ou de projet dit ses droits et sa fin";
    TOKEN_MAY_SET_UP<1> = "token_may_set_up":
        "the token may read and set up hooks ({0})" / "le jeton permet de lire et de créer des webhooks ({0})";
    TOKEN_MAY_READ<1> = "token_may_read":
        "the token may read, and not set up hooks ({0})"
        / "le jeton permet de lire, et non de créer des webhooks ({0})"
        => "a token with the scope `api`, when hooks are to be set up"
        / "un jeton avec le droit `api`, si des webhooks sont à créer";
    TOKEN_MAY_NOT_SYNC<1> = "token_may_not_sync":
        "hooks = \"sync\" is set, and the token may not set up hooks ({0})"
        / "hooks = \"sync\" est réglé, et le jeton ne permet pas de créer des webhooks ({0})"
        => "a token with the scope `api`, or hooks = \"audit\""
        / "un jeton avec le droit `api`, ou hooks = \"audit\"";
    TOKEN_USELESS<1> = "token_useless":
        "the token may not read the API ({0})" / "le jeton ne permet pas de lire l’API ({0})"
        => "a token with the scope `read_api`" / "un jeton avec le droit `read_api`";
    TOKEN_BROAD<1> = "token_broad":
        "the token may do more than hooks need ({0})"
        / "le jeton permet plus que les webhooks ne demandent ({0})"
        => "a token with `read_api` alone, or `api` where hooks are to be set up"
        / "un jeton avec `read_api` seul, ou `api` si des webhooks sont à créer";
    TOKEN_ENDS<1> = "token_ends":
        "the token ends in {0} days" / "le jeton expire dans {0} jours"
        => "make a new one in time; deliveries go on without it"
        / "créez-en un autre à temps\u{a0}; les réceptions continuent sans lui";

    HOOKS_UNSEEN<0> = "hooks_unseen":
        "hooks were not looked at: server.external_url is not set"
        / "les webhooks n’ont pas été examinés\u{a0}: server.external_url n’est pas réglé"
        => "set it: our hooks are known by our address"
        / "réglez-le\u{a0}: nos webhooks se reconnaissent à notre adresse";
    HOOKS_LACKING<2> = "hooks_lacking":
        "{0} projects have no hook of ours: {1}" / "{0} projets n’ont pas de webhook vers nous\u{a0}: {1}"
        => "`hooks sync --group …` or `--project …`; hooks = \"sync\" has `serve` do it"
        / "`hooks sync --group …` ou `--project …`\u{a0}; avec hooks = \"sync\", `serve` s’en charge";
    HOOKS_UNLOOKED<1> = "hooks_unlooked":
        "the hooks of {0} more projects were not looked at"
        / "les webhooks de {0} autres projets n’ont pas été examinés"
        => "`hooks list --group …` looks at all of a group"
        / "`hooks list --group …` examine tout un groupe";
    HOOK_WRONG<3> = "hook_wrong":
        "{0}: hook {1} is not as it should be: {2}"
        / "{0}\u{a0}: le webhook {1} n’est pas comme il devrait\u{a0}: {2}"
        => "`hooks sync` shows the plan and makes it right"
        / "`hooks sync` montre le plan et le corrige";
    HOOK_DOUBLE<2> = "hook_double":
        "{0}: hook {1} is a second one to our address"
        / "{0}\u{a0}: le webhook {1} est le second vers notre adresse"
        => "`hooks sync` shows the plan and makes it right"
        / "`hooks sync` montre le plan et le corrige";
    HOOK_DISABLED<3> = "hook_disabled":
        "{0}: hook {1} is {2}: nothing is sent" / "{0}\u{a0}: le webhook {1} est {2}\u{a0}: rien n’est envoyé"
        => "remove the cause of its failures, then send a test request in GitLab"
        / "supprimez la cause de ses échecs, puis envoyez une requête de test dans GitLab";
    HOOK_FAILS<5> = "hook_fails":
        "{0}: hook {1}: {2} of its last {3} deliveries failed, the last one was answered {4}"
        / "{0}\u{a0}: webhook {1}\u{a0}: {2} de ses {3} derniers envois ont échoué, réponse au dernier\u{a0}: {4}"
        => "*Recent events* of the hook in GitLab says why"
        / "*Événements récents* du webhook dans GitLab dit pourquoi";
    HOOK_FARES<2> = "hook_fares":
        "{0}: hook {1}: its deliveries arrive" / "{0}\u{a0}: webhook {1}\u{a0}: ses envois arrivent";
    HOOK_SILENT<2> = "hook_silent":
        "{0}: hook {1} has delivered nothing for seven days"
        / "{0}\u{a0}: le webhook {1} n’a rien envoyé depuis sept jours"
        => "a test request shows whether it can" / "une requête de test montre s’il le peut";
}
