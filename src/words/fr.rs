//! The phrases in French.

use super::{Language, Phrases, Plural, Text};

/// All of them.
pub(super) static PHRASES: Phrases = Phrases {
    language: Language::French,

    title: "Comment nos logiciels sont livrés",
    lede: "À quelle fréquence les logiciels parviennent à leurs utilisateurs, en combien de temps \
           et avec quelle sûreté\u{a0}: les cinq mesures de DORA, d’après ce que GitLab rapporte.",
    skip: "Aller au contenu",
    language_label: "Langue",
    period_label: "Période",
    period: Plural::new("{0} dernier jour", "{0} derniers jours"),
    measured_on: Text::new("Mesuré le {0}"),
    last_delivery: Text::new("dernières nouvelles de GitLab {0}"),
    no_delivery: "pas encore de nouvelles de GitLab",
    ago: Text::new("il y\u{a0}a\u{a0}{0}"),
    just_now: "à l’instant",

    groups: "Groupes",
    teams: "Équipes",
    projects: "Projets",
    group: "Groupe",
    team: "Équipe",
    project: "Projet",
    groups_caption: Text::new("{0}, production, échantillons des projets de chaque groupe réunis."),
    teams_caption: Text::new("{0}, production, échantillons des projets de chaque équipe réunis."),
    projects_caption: Text::new("{0}, production, par ordre alphabétique."),
    cut: Text::new(
        "Les {0} premiers sur {1} sont affichés\u{a0}; tous figurent dans les métriques.",
    ),
    without_production: Plural::new(
        "{0} projet n’a pas d’environnement de production.",
        "{0} projets n’ont pas d’environnement de production.",
    ),
    incomplete: Plural::new(
        "Les chiffres de {0} projet sont incomplets\u{a0}: des faits manquent, et on le sait.",
        "Les chiffres de {0} projets sont incomplets\u{a0}: des faits manquent, et on le sait.",
    ),
    incomplete_because: Text::new("{0}\u{a0}: {1}"),
    doubts: [
        "l’API de GitLab n’a pas été lue jusqu’au bout depuis le démarrage. Patientez\u{a0}; si cela dure, le journal dit pourquoi.",
        "GitLab a suspendu le webhook. Faites en sorte qu’il réponde à nouveau\u{a0}: sa page dans GitLab dit ce qui a échoué\u{a0}; ce qu’il a perdu est lu ensuite.",
        "aucun webhook ne parle du projet, et l’API n’est pas lue. Lancez hooks sync, ou réglez backfill_since.",
        "le webhook se tait et l’API n’a pas été lue récemment. Vérifiez le jeton, et la page du webhook dans GitLab.",
        "des envois ont été refusés faute de place. Libérez le disque\u{a0}; ce qui manque est ensuite lu dans GitLab.",
        "des envois n’ont pas été compris. Cherchez un modèle de webhook personnalisé, ou une version plus récente de cet exporteur.",
        "GitLab n’a pas gardé ce que le webhook a perdu. La prochaine lecture de l’API y remédie.",
        "ce dont les changements et les déploiements ont besoin est encore demandé à GitLab. Patientez quelques minutes.",
        "nul ne sait quelle version ont apportée certains déploiements d’un autre projet. Interrogez explain\u{a0}; vérifiez project_links, et que les webhooks annoncent les étiquettes Git.",
    ],
    is_incomplete: "incomplet",
    of_no_service: "autres déploiements",
    no_production: "aucun environnement de production connu à ce jour",
    pooled: Plural::new("{0} projet", "{0} projets"),
    data_for: Text::new("connu depuis {0} seulement"),

    deployment_frequency: "Fréquence de déploiement",
    change_lead_time: "Délai de livraison des changements",
    change_fail_rate: "Taux d’échec des changements",
    recovery_time: "Temps de rétablissement après un échec",
    rework_rate: "Taux de déploiements correctifs",
    deployment_frequency_means: "À quelle fréquence une nouvelle version arrive en production.",
    change_lead_time_means: "Du premier commit d’un changement à son arrivée en production\u{a0}; \
                             la moitié des changements ont pris moins de temps.",
    change_fail_rate_means: "Déploiements suivis d’un incident, d’un retour arrière, d’une \
                             annulation ou d’un correctif urgent.",
    recovery_time_means: "Du début d’un déploiement raté au retour du service\u{a0}; la moitié des \
                          échecs ont duré moins longtemps.",
    rework_rate_means: "Déploiements que personne n’avait prévus, faits pour réparer ce que les \
                        utilisateurs voyaient en panne.",
    not_enough_data: "pas assez de données",
    a_day: Plural::new("{0} par jour", "{0} par jour"),
    every_day: "tous les jours",
    every_days: Plural::new("tous les {0} jour", "tous les {0} jours"),
    once_in_days: Plural::new("une fois en {0} jour", "une fois en {0} jours"),
    none_in_days: Plural::new("aucun en {0} jour", "aucun en {0} jours"),
    to: Text::new("{0} à {1}"),
    of: Text::new("{0} sur {1}"),
    deployments: Plural::new("{0} déploiement", "{0} déploiements"),
    changes: Plural::new("{0} changement", "{0} changements"),
    recoveries: Plural::new("{0} rétablissement", "{0} rétablissements"),
    median_of_changes: Plural::new("{0} changement", "médiane de {0} changements"),
    median_of_recoveries: Plural::new("{0} rétablissement", "médiane de {0} rétablissements"),

    surveys: "En regard des enquêtes de DORA",
    surveys_caption: Text::new(
        "{0}, production\u{a0}: le niveau de {1} et la note du Quick Check, 10 étant la meilleure.",
    ),
    public_sector: "Secteur public, moyenne 2025",
    all_industries: "Tous secteurs, moyenne 2025",
    levels: ["élite", "élevé", "moyen", "faible"],
    no_level: "aucun niveau",
    figures_of_levels: Text::new(
        "Le rapport de {0} ne donne pas de classes de taux d’échec, seulement des chiffres qui ne \
         suivent pas l’ordre des niveaux\u{a0}: élite {1}, élevé {2}, moyen {3}, faible {4}.",
    ),
    surveys_caution: "Un niveau est une classe des équipes qui ont répondu à l’enquête de cette \
                      année-là. Ce n’est pas un objectif et il ne dit rien des personnes\u{a0}; \
                      les niveaux d’années différentes ne se comparent pas. Les chiffres de 2022 \
                      et des années suivantes proviennent de reprises publiées par des tiers.",

    open_incidents: "Incidents ouverts",
    open_incidents_caption: "Projets dont un incident est encore ouvert.",
    open: "Ouverts",
    by_severity: "Par gravité",
    oldest: "Le plus ancien",
    severity_count: Text::new("{0} de gravité {1}"),
    severities: ["inconnue", "faible", "moyenne", "élevée", "critique"],
    no_open_incident: "Aucun dans les projets connus.",
    incidents_unheard: "Inconnus\u{a0}: GitLab n’a envoyé aucun événement de ticket, et les \
                        incidents sont des tickets.",

    setup: "Mise en place, projet par projet",
    setup_lede: "Ce que GitLab a dit de chaque projet par webhook, et ce qui manque.",
    setup_caption: "Événements reçus de chaque projet, et leur nombre.",
    speaks: "✓ reçu comme d’habitude",
    silent: "⚠\u{fe0e} silencieux",
    no_rhythm: "· trop peu pour le dire",
    unheard: "○ aucun webhook reçu",
    usual_pause: Text::new("silencieux à partir de {0}"),
    silence_means: "Un projet est dit silencieux après deux fois sa plus longue pause des cinq \
                    dernières semaines, une heure au moins. Vérifiez si GitLab a désactivé son \
                    webhook.",

    hooks: "Ce que GitLab nous dit",
    hooks_intro: "Chaque type d’événement rend des mesures possibles. Ce qui manque peut être coché \
                  dans le webhook du projet ou du groupe, sous Paramètres › Webhooks.",
    hooks_caption: "Événements des webhooks de GitLab, reçus ou non.",
    event: "Événement, tel que le nomme le webhook",
    makes_possible: "Rend possible",
    deliveries: "Envois",
    last_heard: "Reçu",
    state: "État",
    heard: "✓ reçu",
    missing: "⚠\u{fe0e} manquant, nécessaire",
    optional: "○ jamais reçu, utile",
    unused: "· reçu, pas nécessaire",
    never: "jamais",
    deployment_unlocks: "La fréquence de déploiement\u{a0}; toute autre mesure en dépend.",
    merge_request_unlocks: "Le délai de livraison\u{a0}; les annulations et correctifs urgents des \
                            taux d’échec et de déploiements correctifs.",
    issue_unlocks: "Les incidents\u{a0}: taux d’échec, temps de rétablissement, incidents ouverts.",
    push_unlocks: "Les premiers commits du délai de livraison\u{a0}; les changements sans merge \
                   request.",
    note_unlocks: "La première relecture, dans les étapes du délai de livraison.",
    other_unlocks: "Rien de ce qui est affiché ici.",

    found_levels: ["bon", "note", "risque", "échec"],
    tick_event: Text::new("cochez-le dans leurs webhooks\u{a0}; il débloque\u{a0}: {0}"),
    advised: "faire",
    findings_count: Plural::new("{0} constat à traiter", "{0} constats à traiter"),

    loading: "L’historique est en cours de lecture\u{a0}; les chiffres arrivent dans un instant.",
    waiting: "Rien à montrer pour l’instant",
    waiting_for_delivery: "Cet exportateur tourne et attend des nouvelles de GitLab. Ajoutez un \
                           webhook, et cette page se remplira d’elle-même.",
    waiting_for_deployment: "Le webhook de GitLab arrive. Les chiffres commencent avec le premier \
                             déploiement dans un environnement de production.",
    set_up: "Comment régler le webhook",
    step_open: "Dans GitLab, ouvrez le projet, ou le groupe pour couvrir tous ses projets \
                (Premium), puis Paramètres › Webhooks › Ajouter un nouveau webhook.",
    step_url: "URL\u{a0}:",
    this_server: "https://ce-serveur",
    step_token: "Jeton de signature (GitLab 19.0 ou plus récent) ou jeton secret\u{a0}: celui de la \
                 configuration de cet exportateur.",
    step_events: "Cochez ces événements\u{a0}:",
    step_leave: "Laissez de côté les événements de job\u{a0}: ils sont nombreux et aucun chiffre \
                 n’en a besoin.",
    step_save: "Enregistrez, puis envoyez un événement push de test\u{a0}: il apparaît ici en \
                quelques secondes.",

    definitions: "Comment lire les chiffres",
    caution: "Les chiffres parlent d’applications, jamais de personnes. Ils permettent à un projet \
              de suivre sa propre évolution\u{a0}; ce ne sont ni des objectifs ni un classement, et \
              ceux d’un groupe n’ont de sens qu’à côté de la taille de leurs échantillons.",
    dora_guide: "Le guide de DORA sur ses mesures",
    metrics_link: "Métriques pour Prometheus",
    healthy_link: "Santé",
    ready_link: "Disponibilité",
    links_label: "Liens techniques",
    documentation: "Définitions et réglages complets\u{a0}:",
    version: Text::new("version {0}"),

    days: Plural::new("{0}\u{a0}jour", "{0}\u{a0}jours"),
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    first_of_month: "1er",
    date: Text::new("{0} {1} {2} à {3}\u{a0}h\u{a0}{4} UTC"),
};
