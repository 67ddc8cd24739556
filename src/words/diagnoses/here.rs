//! What is found on this machine: configuration, store, numbers.

super::diagnoses! {
    CONFIGURATION_USABLE<0> = "configuration_usable":
        "every setting can be used" / "tous les réglages sont utilisables";
    // What is wrong with a setting is said by the configuration itself, in English.
    SETTING_WRONG<1> = "setting_wrong": "{0}" / "{0}"
        => "`config default` prints every setting with its meaning"
        / "`config default` affiche chaque réglage et son sens";
    SETTING_DOUBTFUL<1> = "setting_doubtful": "{0}" / "{0}"
        => "`config default` prints every setting with its meaning"
        / "`config default` affiche chaque réglage et son sens";
    CONFIGURATION_EXPOSED<1> = "configuration_exposed":
        "{0} holds a secret, and every user of this machine may read it"
        / "{0} contient un secret, et tout utilisateur de cette machine peut le lire"
        => "chmod o-r on it, or the secrets by variable or file"
        / "chmod o-r, ou les secrets par variable ou fichier";

    SERVER_RUNS<1> = "server_runs": "the exporter answers at {0}" / "l’exporteur répond à {0}";
    SERVER_SILENT<1> = "server_silent":
        "no exporter answers at {0}" / "aucun exporteur ne répond à {0}"
        => "start `serve`; what only a running one knows was left out"
        / "lancez `serve`\u{a0}; ce que lui seul sait n’a pas été vérifié";
    SERVER_NOT_READY<1> = "server_not_ready":
        "the exporter is not ready: {0}" / "l’exporteur n’est pas prêt\u{a0}: {0}"
        => "its log says why; the history may still be loading"
        / "son journal dit pourquoi\u{a0}; l’historique se charge peut-être encore";

    STORE_READABLE<1> = "store_readable":
        "it can be read and knows {0} projects" / "elle est lisible et connaît {0} projets";
    // What the store itself says is quoted, in English.
    STORE_ABSENT<1> = "store_absent": "{0}" / "{0}"
        => "start `serve` once: it makes the store" / "lancez `serve` une fois\u{a0}: il crée la base";
    STORE_DAMAGED<1> = "store_damaged": "{0}" / "{0}"
        => "put a backup in its place, or move the files away to start an empty store; nothing was changed"
        / "remettez une sauvegarde, ou déplacez les fichiers pour repartir d’une base vide\u{a0}; rien n’a été modifié";
    STORE_OTHER_VERSION<1> = "store_other_version": "{0}" / "{0}"
        => "the newer version of this program, the backup that its migration made, or another store.directory"
        / "la version plus récente du programme, la sauvegarde faite à sa migration, ou un autre store.directory";
    STORE_MISPLACED<1> = "store_misplaced": "{0}" / "{0}"
        => "a directory on a local disk whose parent exists, by store.directory"
        / "un répertoire d’un disque local dont le parent existe, par store.directory";
    STORE_AWAY<1> = "store_away": "{0}" / "{0}"
        => "try again, as a user who may read its files" / "réessayez, sous un utilisateur qui peut lire ses fichiers";
    STORE_ROOM<2> = "store_room":
        "{0} MiB are free on its disk ({1}), which keeps locks"
        / "{0}\u{a0}Mio sont libres sur son disque ({1}), qui garde les verrous";
    STORE_SHORT<2> = "store_short":
        "{0} MiB are free on its disk ({1})" / "{0}\u{a0}Mio sont libres sur son disque ({1})"
        => "free some: below 64 MiB nothing is taken in any more"
        / "libérez de la place\u{a0}: sous 64\u{a0}Mio plus rien n’est accepté";
    STORE_DOUBTFUL_DISK<1> = "store_doubtful_disk": "{0}" / "{0}"
        => "a directory on a local disk, by store.directory"
        / "un répertoire d’un disque local, par store.directory";
    STORE_IN_MEMORY<0> = "store_in_memory":
        "its disk is memory: everything is gone when the machine stops"
        / "son disque est en mémoire\u{a0}: tout disparaît à l’arrêt de la machine"
        => "a directory on a real disk, by store.directory"
        / "un répertoire d’un vrai disque, par store.directory";
    STORE_DURABLE<2> = "store_durable":
        "write-ahead log, SQLite {0}; the running exporter flushes at every commit ({1})"
        / "journal WAL, SQLite {0}\u{a0}; l’exporteur écrit sur disque à chaque validation ({1})";
    STORE_MODE<1> = "store_mode":
        "write-ahead log, SQLite {0}; `serve` reads its settings back at each start"
        / "journal WAL, SQLite {0}\u{a0}; `serve` relit ses réglages à chaque démarrage";
    STORE_NOT_DURABLE<1> = "store_not_durable":
        "an acknowledged delivery may be lost at a power cut: {0}"
        / "une réception confirmée peut être perdue en cas de coupure\u{a0}: {0}"
        => "restart `serve`: it sets what it needs or refuses to start"
        / "redémarrez `serve`\u{a0}: il règle ce qu’il faut ou refuse de démarrer";
    STORE_FOREIGN_WRITER<1> = "store_foreign_writer":
        "the database was last written by SQLite {0}, which is not this program and can lose commits"
        / "la base a été écrite en dernier par SQLite {0}, qui n’est pas ce programme et peut perdre des données"
        => "open it with no other program; `doctor --deep` checks it"
        / "ne l’ouvrez avec aucun autre programme\u{a0}; `doctor --deep` la vérifie";
    STORE_SOUND<0> = "store_sound": "SQLite finds no damage" / "SQLite ne trouve aucun dommage";
    STORE_UNCHECKED<1> = "store_unchecked":
        "its {0} MiB were not checked for damage, which takes long"
        / "ses {0}\u{a0}Mio n’ont pas été vérifiés, ce serait long"
        => "`doctor --deep` checks them all" / "`doctor --deep` vérifie tout";
    STORE_LONG_LOG<1> = "store_long_log":
        "its write-ahead log has grown to {0} MiB" / "son journal WAL a atteint {0}\u{a0}Mio"
        => "what reads it for long? Close it; the exporter shortens the log when idle"
        / "qui la lit longtemps\u{a0}? Fermez-le\u{a0}; l’exporteur raccourcit le journal au repos";
    STORE_LOG<1> = "store_log": "its write-ahead log takes {0} MiB" / "son journal WAL prend {0}\u{a0}Mio";
    STORE_NO_RESERVE<0> = "store_no_reserve":
        "there is no reserve file for the day when its disk is full"
        / "il n’y a pas de fichier de réserve pour le jour où le disque sera plein"
        => "free 320 MiB and restart `serve`: it lays one where the file system can reserve"
        / "libérez 320\u{a0}Mio et redémarrez `serve`\u{a0}: il le crée si le système de fichiers le permet";
    STORE_UNCLEAN<0> = "store_unclean":
        "the last exporter did not close it" / "le dernier exporteur ne l’a pas fermée"
        => "start `serve`: it recovers, and nothing that was acknowledged is lost"
        / "lancez `serve`\u{a0}: il récupère tout ce qui a été confirmé";
    DISK_HONEST<2> = "disk_honest":
        "{0} flushes took {1} µs each, as a disk does"
        / "{0} écritures forcées ont pris {1}\u{a0}µs chacune, comme un disque";
    DISK_TOO_FAST<2> = "disk_too_fast":
        "{0} flushes took {1} µs each: no disk is that fast, so a power cut may lose what was acknowledged"
        / "{0} écritures forcées ont pris {1}\u{a0}µs chacune\u{a0}: aucun disque n’est si rapide, une coupure peut donc tout perdre"
        => "a disk whose cache is flushed or has a battery; not memory, not a container's own layer"
        / "un disque dont le cache est vidé ou secouru\u{a0}; ni mémoire, ni couche d’un conteneur";
    DISK_SLOW<2> = "disk_slow":
        "{0} flushes took {1} µs each: deliveries wait for that"
        / "{0} écritures forcées ont pris {1}\u{a0}µs chacune\u{a0}: les réceptions attendent"
        => "a faster disk, or fewer writers on this one" / "un disque plus rapide, ou moins sollicité";
    DISK_UNTRIED<1> = "disk_untried":
        "flushes of its disk were not timed: {0}" / "les écritures forcées n’ont pas été mesurées\u{a0}: {0}"
        => "run `doctor` as the exporter's user, who may write there"
        / "lancez `doctor` sous l’utilisateur de l’exporteur, qui peut y écrire";

    NOTHING_HEARD<0> = "nothing_heard":
        "no project has sent anything yet" / "aucun projet n’a encore rien envoyé"
        => "set up hooks (`hooks sync`, or by hand in GitLab) and run a deployment job"
        / "créez les webhooks (`hooks sync`, ou à la main dans GitLab) et lancez un déploiement";
    EVENTS_SENT<1> = "events_sent":
        "every project has sent {0} events" / "tous les projets ont envoyé des événements {0}";
    EVENTS_MISSING<4> = "events_missing":
        "{0} of {1} projects have sent no {2} event: {3}"
        / "{0} projets sur {1} n’ont envoyé aucun événement {2}\u{a0}: {3}";
    NO_PRODUCTION<2> = "no_production":
        "{0} projects have deployed, and never to production: {1}"
        / "{0} projets ont déployé, et jamais en production\u{a0}: {1}"
        => "environment: deployment_tier: production in .gitlab-ci.yml, or policy.tier_overrides"
        / "environment: deployment_tier: production dans .gitlab-ci.yml, ou policy.tier_overrides";
    TIERS_SOUND<0> = "tiers_sound":
        "no environment contradicts the tier it is measured in"
        / "aucun environnement ne contredit le niveau où il est mesuré";
    TIER_DOUBTFUL<3> = "tier_doubtful":
        "{0} is measured as {1}: {2}" / "{0} est mesuré comme {1}\u{a0}: {2}"
        => "environment: deployment_tier in .gitlab-ci.yml, or policy.tier_overrides"
        / "environment: deployment_tier dans .gitlab-ci.yml, ou policy.tier_overrides";
    SERIES_SHORT<2> = "series_short":
        "{0} series are shown, of at most {1}" / "{0} séries sont exposées, sur {1} au plus"
        => "a larger exposition.max_series, or fewer windows and tiers"
        / "un exposition.max_series plus grand, ou moins de périodes et de niveaux";
}
