"""The page of review, in French."""

from ui.words.review_wording import ReviewWording

REVIEW = ReviewWording(
    page="Relecture",
    intro="Les tweets dont le modèle apprend le plus lorsqu’une personne les lit, un à la fois.",
    progress="**{done} sur {goal}** aujourd’hui",
    progress_reached="**{done} sur {goal}** aujourd’hui : l’objectif est atteint",
    own="{count} dans cette session",
    why={
        "audit": "Tiré au sort : ces réponses montrent combien de fois le modèle a raison.",
        "uncertain": "Le modèle a eu du mal à trancher.",
        "disputed": "Des personnes, ou un second modèle, ne sont pas d’accord sur ce tweet.",
        "novel": "Il contient des mots que le modèle ne connaît pas.",
    },
    why_other="Choisi pour : {why}.",
    model_says="Le modèle dit {label}, {probability}",
    question="Quelle est la bonne réponse ?",
    comment="Commentaire (facultatif ; Entrée y mène et en ramène)",
    skip="Passer",
    keep="Garder ma réponse",
    undo="Annuler",
    skipped_before="Vous avez déjà passé ce tweet.",
    answered_before="Vous avez dit {label}. Cela compte jusqu’à ce que vous donniez une autre réponse.",
    last_stored="Vous avez dit {label}. Enregistré :",
    last_waits="Vous avez dit {label}. Pas encore enregistré :",
    single_keys="Répondre d’une seule touche",
    single_keys_help=("Désactivez ceci si vos touches servent à autre chose, comme avec certains lecteurs d’écran."),
    read_only="Vous pouvez lire ces tweets.",
    waits_one="1 réponse attend d’être enregistrée.",
    waits_many="{count} réponses attendent d’être enregistrées.",
    waits_what=(
        "Continuez avec les tweets qui sont ici. Nouvel essai toutes les {seconds} secondes, et chaque réponse n’est "
        "enregistrée qu’une fois. Gardez cette page ouverte jusque-là."
    ),
    send_now="Envoyer maintenant",
    kept="Continuez avec les tweets qui sont ici ; nouvel essai toutes les {seconds} secondes.",
    refused="L’API n’a pas accepté cette réponse ; elle n’est pas enregistrée.",
    refused_queue=(
        "L’API ne donne pas sa file de relecture. Sa version est peut-être plus ancienne que celle de cette page : "
        "mettez-la à jour."
    ),
    seen="Compris",
    not_kept="Écartés, car leur texte n’est plus conservé : {count}.",
    none_left="Plus rien à relire",
    none_yet="Rien à relire pour l’instant",
    none_what=(
        "Nouvel essai toutes les {seconds} secondes : laissez cette page ouverte, le prochain tweet apparaîtra "
        "de lui-même."
    ),
    none_source="Les tweets arrivent ici une fois que le modèle les a lus : analysez-en quelques-uns.",
    no_model=(
        "Aucun modèle ne répond pour le moment : il n’arrive donc pas de nouveaux tweets. "
        "La page Modèles dit lequel devrait répondre."
    ),
)
