//! What is found on the way from GitLab to us, and from us to Prometheus.

super::diagnoses! {
    ADDRESS_UNKNOWN<0> = "address_unknown":
        "it is not known by which address GitLab reaches the exporter"
        / "on ignore par quelle adresse GitLab joint l’exporteur"
        => "set server.external_url: the page, `hooks` and this check use it"
        / "réglez server.external_url\u{a0}: la page, `hooks` et cette vérification s’en servent";
    ADDRESS_ANSWERS<1> = "address_answers":
        "{0} is answered by the exporter" / "l’exporteur répond à {0}";
    ADDRESS_REDIRECTS<2> = "address_redirects":
        "{0} points to {1}: GitLab shows success, and events are lost"
        / "{0} renvoie vers {1}\u{a0}: GitLab affiche un succès, et les événements sont perdus"
        => "let the proxy pass this path through, without log-in and redirect"
        / "laissez le proxy transmettre ce chemin, sans connexion ni redirection";
    ADDRESS_FOREIGN<2> = "address_foreign":
        "{0} answers {1}, which is not the exporter's answer"
        / "{0} répond {1}, ce qui n’est pas la réponse de l’exporteur"
        => "check the proxy before it, and that `serve` runs"
        / "vérifiez le proxy devant lui, et que `serve` tourne";
    ADDRESS_SILENT<2> = "address_silent":
        "{0} does not answer: {1}" / "{0} ne répond pas\u{a0}: {1}"
        => "is `serve` running? From here the address may be out of reach all the same"
        / "`serve` tourne-t-il\u{a0}? D’ici, l’adresse peut aussi être hors de portée";

    PROBE_IMPOSSIBLE<0> = "probe_impossible":
        "no probe could be sent: there is no address or no secret for it"
        / "aucune sonde n’a pu être envoyée\u{a0}: il manque une adresse ou un secret"
        => "server.external_url, and a secret in a [[gitlab]] block"
        / "server.external_url, et un secret dans un bloc [[gitlab]]";
    PROBE_IN_CLEAR<1> = "probe_in_clear":
        "no probe was sent to {0}: there is no signing token, and the secret token would travel in clear"
        / "aucune sonde n’a été envoyée à {0}\u{a0}: il n’y a pas de jeton de signature, et le jeton secret voyagerait en clair"
        => "https, or signing_tokens in the [[gitlab]] block"
        / "https, ou signing_tokens dans le bloc [[gitlab]]";
    PROBE_ARRIVES<1> = "probe_arrives":
        "a proved delivery to {0} arrives as it was sent" / "un envoi prouvé à {0} arrive tel quel";
    PROBE_LOST<1> = "probe_lost":
        "{0} answers success, and the exporter did not receive the probe: events are lost while GitLab shows green"
        / "{0} répond un succès sans que l’exporteur ait reçu la sonde\u{a0}: les événements sont perdus, GitLab affiche vert"
        => "something before the exporter answers for it (log-in, WAF, cache): let it pass POST through"
        / "quelque chose répond à sa place (connexion, WAF, cache)\u{a0}: laissez passer POST";
    PROBE_OLD<1> = "probe_old":
        "{0} is an exporter that does not know probes" / "{0} est un exporteur qui ne connaît pas les sondes"
        => "run the same version of `serve` and `doctor`" / "employez la même version de `serve` et de `doctor`";
    PROBE_REDIRECTED<2> = "probe_redirected":
        "a delivery to {0} is pointed to {1}: GitLab shows success, and events are lost"
        / "un envoi à {0} est renvoyé vers {1}\u{a0}: GitLab affiche un succès, et les événements sont perdus"
        => "let the proxy pass POST on this path through, without log-in and redirect"
        / "laissez le proxy transmettre POST sur ce chemin, sans connexion ni redirection";
    PROBE_BLOCKED<2> = "probe_blocked":
        "something before the exporter answers {1} to a delivery to {0}"
        / "quelque chose devant l’exporteur répond {1} à un envoi à {0}"
        => "allow POST on this path in the proxy, WAF or log-in before it"
        / "autorisez POST sur ce chemin dans le proxy, le WAF ou la connexion devant lui";
    PROBE_DOWN<2> = "probe_down":
        "the proxy at {0} answers {1}: it does not reach the exporter"
        / "le proxy de {0} répond {1}\u{a0}: il ne joint pas l’exporteur"
        => "is `serve` running, and is it where the proxy looks?"
        / "`serve` tourne-t-il, et là où le proxy le cherche\u{a0}?";
    PROBE_SILENT<2> = "probe_silent":
        "no answer to a delivery to {0} within the 10 s that GitLab waits: {1}"
        / "pas de réponse à un envoi à {0} dans les 10\u{a0}s que GitLab accorde\u{a0}: {1}"
        => "check name, certificate and proxy; from here the address may be out of reach all the same"
        / "vérifiez nom, certificat et proxy\u{a0}; d’ici, l’adresse peut aussi être hors de portée";
    PROBE_UNBELIEVED<1> = "probe_unbelieved":
        "the exporter at {0} does not believe the probe" / "l’exporteur de {0} ne croit pas la sonde"
        => "same secrets in `serve` (reload it), same clock, and a proxy that keeps webhook-* and X-Gitlab-Token headers and the body"
        / "mêmes secrets dans `serve` (rechargez-le), même horloge, et un proxy qui garde les en-têtes webhook-* et X-Gitlab-Token et le corps";
    PROBE_STRIPPED<1> = "probe_stripped":
        "on the way to {0} the headers that prove a delivery are taken away"
        / "en chemin vers {0}, les en-têtes qui prouvent un envoi sont supprimés"
        => "let the proxy pass webhook-id, webhook-timestamp, webhook-signature and X-Gitlab-Token through"
        / "laissez le proxy transmettre webhook-id, webhook-timestamp, webhook-signature et X-Gitlab-Token";
    PROBE_REPEATED<1> = "probe_repeated":
        "on the way to {0} a header that proves a delivery is doubled"
        / "en chemin vers {0}, un en-tête qui prouve un envoi est doublé"
        => "one proxy adds what is there already: let it set nothing of webhook-* and X-Gitlab-Token"
        / "un proxy ajoute ce qui existe déjà\u{a0}: qu’il ne touche ni à webhook-* ni à X-Gitlab-Token";
    PROBE_CHANGED<1> = "probe_changed":
        "on the way to {0} the body or the signed headers are changed"
        / "en chemin vers {0}, le corps ou les en-têtes signés sont modifiés"
        => "switch off what rewrites bodies (WAF, JSON filter), or sign by the secrets of the running exporter"
        / "désactivez ce qui réécrit les corps (WAF, filtre JSON), ou signez avec les secrets de l’exporteur en marche";
    PROBE_OTHER_SECRETS<1> = "probe_other_secrets":
        "the exporter at {0} has other secrets than this configuration"
        / "l’exporteur de {0} a d’autres secrets que cette configuration"
        => "reload `serve`, or give `doctor` the configuration that it runs with"
        / "rechargez `serve`, ou donnez à `doctor` la configuration qu’il emploie";
    PROBE_STALE<1> = "probe_stale":
        "the exporter at {0} has another clock: signed deliveries are refused"
        / "l’exporteur de {0} a une autre horloge\u{a0}: les envois signés sont refusés"
        => "synchronise the clocks by NTP" / "synchronisez les horloges par NTP";
    PROBE_LIMITED<2> = "probe_limited":
        "{0} takes bodies of {1} MiB, and not of the 25 MiB that GitLab sends at most"
        / "{0} accepte des corps de {1}\u{a0}Mio, et non des 25\u{a0}Mio que GitLab envoie au plus"
        => "raise the limit of bodies of the proxy (client_max_body_size 25m), and server.body_limit"
        / "augmentez la limite du proxy (client_max_body_size 25m), et server.body_limit";
    PROBE_LARGE<1> = "probe_large":
        "a body of 25 MiB, the largest of GitLab, arrives at {0}"
        / "un corps de 25\u{a0}Mio, le plus grand de GitLab, arrive à {0}";
    PROBE_CENSORED<2> = "probe_censored":
        "{0} answers {1} to a commit message that looks like an attack"
        / "{0} répond {1} à un message de commit qui ressemble à une attaque"
        => "exempt this path from the rules of the WAF: commit messages hold anything"
        / "exemptez ce chemin des règles du WAF\u{a0}: un message de commit contient n’importe quoi";
    PROBE_BUFFERED<1> = "probe_buffered":
        "on the way to {0} a body is held back until it is whole"
        / "en chemin vers {0}, un corps est retenu jusqu’à ce qu’il soit entier"
        => "it works; proxy_request_buffering off spares the time of large ones"
        / "cela fonctionne\u{a0}; proxy_request_buffering off fait gagner du temps aux plus grands";
    PROBE_COMPRESSED<2> = "probe_compressed":
        "{0} answers compressed ({1}) though nobody asked for it"
        / "{0} répond compressé ({1}) sans qu’on l’ait demandé"
        => "switch compression off on this path: GitLab logs the answer"
        / "désactivez la compression sur ce chemin\u{a0}: GitLab journalise la réponse";

    PROMETHEUS_ANSWERS<1> = "prometheus_answers": "{0} answers" / "{0} répond";
    PROMETHEUS_SILENT<2> = "prometheus_silent":
        "{0} does not answer: {1}" / "{0} ne répond pas\u{a0}: {1}"
        => "check prometheus.url, ca_file and the network" / "vérifiez prometheus.url, ca_file et le réseau";
    PROMETHEUS_REFUSES<2> = "prometheus_refuses":
        "{0} answers {1} to a question" / "{0} répond {1} à une question"
        => "prometheus.token_env, when it asks for a token"
        / "prometheus.token_env, s’il demande un jeton";
    PROMETHEUS_FOREIGN<2> = "prometheus_foreign":
        "{0} answers {1}, and not as a Prometheus does" / "{0} répond {1}, et non comme un Prometheus"
        => "the address of Prometheus itself, with its path prefix, without /api/v1"
        / "l’adresse de Prometheus lui-même, avec son préfixe de chemin, sans /api/v1";
    SCRAPE_NONE<0> = "scrape_none":
        "Prometheus knows no metric of ours: it does not scrape us, or fails to"
        / "Prometheus ne connaît aucune de nos métriques\u{a0}: il ne nous lit pas, ou échoue"
        => "the job of deploy/prometheus/prometheus.yml, with the address of our /metrics"
        / "le job de deploy/prometheus/prometheus.yml, avec l’adresse de notre /metrics";
    SCRAPE_OTHER<1> = "scrape_other":
        "Prometheus scrapes another exporter ({0}), and not the one that runs here"
        / "Prometheus lit un autre exporteur ({0}), et non celui qui tourne ici"
        => "the address of our /metrics in its scrape configuration"
        / "l’adresse de notre /metrics dans sa configuration";
    SCRAPE_OLD<2> = "scrape_old":
        "the last scrape of {0} is {1} s old" / "la dernière lecture de {0} date de {1}\u{a0}s"
        => "the page *Targets* of Prometheus says why" / "la page *Targets* de Prometheus dit pourquoi";
    SCRAPE_DOWN<1> = "scrape_down":
        "the last scrape of {0} failed" / "la dernière lecture de {0} a échoué"
        => "the page *Targets* of Prometheus says why" / "la page *Targets* de Prometheus dit pourquoi";
    SCRAPE_FRESH<2> = "scrape_fresh":
        "{0} was scraped {1} s ago" / "{0} a été lu il y\u{a0}a {1}\u{a0}s";
    SCRAPE_INCOMPLETE<2> = "scrape_incomplete":
        "{0} of our families do not arrive in Prometheus: {1}"
        / "{0} de nos familles n’arrivent pas dans Prometheus\u{a0}: {1}"
        => "metric_relabel_configs, sample_limit or label limits of its job drop them"
        / "metric_relabel_configs, sample_limit ou des limites d’étiquettes de son job les écartent";
    SCRAPE_WHOLE<1> = "scrape_whole":
        "all {0} families that we show are in Prometheus"
        / "les {0} familles que nous exposons sont toutes dans Prometheus";
    RULES_UNREAD<1> = "rules_unread":
        "its rules cannot be read: {0}" / "ses règles ne peuvent pas être lues\u{a0}: {0}"
        => "where a ruler holds them, look there" / "si un autre service les évalue, regardez là-bas";
    RULES_NONE<0> = "rules_none":
        "none of our rules and alerts is loaded" / "aucune de nos règles et alertes n’est chargée"
        => "rule_files with deploy/prometheus/rules/gitlab-dora.rules.yml"
        / "rule_files avec deploy/prometheus/rules/gitlab-dora.rules.yml";
    RULES_LACK<2> = "rules_lack":
        "{0} of our rules are not loaded: {1}" / "{0} de nos règles ne sont pas chargées\u{a0}: {1}"
        => "the rules of this version, deploy/prometheus/rules/gitlab-dora.rules.yml"
        / "les règles de cette version, deploy/prometheus/rules/gitlab-dora.rules.yml";
    RULES_LOADED<1> = "rules_loaded":
        "all {0} rules and alerts of ours are loaded" / "nos {0} règles et alertes sont toutes chargées";
    RULE_BROKEN<2> = "rule_broken":
        "{0} cannot be evaluated: {1}" / "{0} ne peut pas être évaluée\u{a0}: {1}"
        => "the page *Rules* of Prometheus says more" / "la page *Rules* de Prometheus en dit plus";
    ALERT_FIRES<1> = "alert_fires":
        "{0} fires" / "{0} est déclenchée"
        => "its runbook is in docs/operations.md" / "sa marche à suivre est dans docs/operations.md";
}
