"""Alerts, in French."""

from ui.words.alert_wording import AlertWording

ALERTS = AlertWording(
    refused=(
        "L’API ne donne pas ses alertes. Sa version est peut-être plus ancienne que celle de cette page : "
        "mettez-la à jour."
    ),
    none_yet="Aucune alerte jusqu’ici",
    when_one_comes=(
        "Une alerte s’ouvre lorsque plusieurs réponses du modèle sont rejetées en quelques minutes, "
        "lorsque la part de réponses rejetées dépasse ce qui est accepté, "
        "ou lorsque les tweets reçus ne ressemblent plus à ceux de l’entraînement."
    ),
    none_open="Aucune alerte ouverte",
    rules={
        "burst": "Plusieurs réponses du modèle ont été rejetées en quelques minutes",
        "rate": "La part de réponses rejetées a augmenté",
        "drift": "Les tweets reçus ne ressemblent plus à ceux de l’entraînement",
    },
    moved="Ce qui a changé",
    report="Rapport",
    other_rule="Une alerte du type {rule}",
    since="Depuis",
    seen="Vue en dernier",
    seen_once="{moment}, une fois",
    seen_times="{moment}, {times} fois en tout",
    version="Version du modèle",
    rejected="Rejets",
    share="{rejected} des {judged} derniers avis, {share} (intervalle à 95 % : {low} à {high})",
    no_share="Aucun avis ne compte encore",
    ended="Terminée",
    ended_because="{moment}, {reason}",
    acknowledged="Prise en charge",
    acknowledged_by="par {name}, {moment}",
    not_acknowledged="Pas encore",
    examples="Des réponses rejetées, entre autres",
    more_examples="D’autres ({count})",
    no_examples="Aucune n’est conservée.",
    text_not_kept="Le texte n’est plus conservé.",
    model_said="Modèle : {label} {probability}",
    people_say="Personnes : {label}",
    people_reject="Personnes : faux",
    told="Qui a été prévenu",
    nobody_told="Personne. Le bouton « Envoyer un message d’essai » de cette page dit quoi régler.",
    purposes={"opened": "Message d’ouverture", "closed": "Message de fin", "test": "Message d’essai"},
    delivered="{purpose} : arrivé, {moment}",
    waiting="{purpose} : pas encore arrivé",
    given_up="{purpose} : n’est pas arrivé, et n’est plus retenté",
    no_attempt="Le destinataire n’a pas encore répondu.",
    attempt="Essai {number}, {moment} : {error}",
    history="Historique",
    events={"opened": "Ouverte", "acknowledged": "Prise en charge", "closed": "Fermée"},
    event_by="{event} par {name}",
    reply_intro="Prenez-la en charge pour dire que vous vous en occupez.",
    reply_intro_again="Quelqu’un s’en occupe. Vous pouvez ajouter votre nom, ou une note.",
    name="Votre nom",
    name_missing="Dites d’abord qui vous êtes.",
    name_too_long="Ce nom est trop long : {count} caractères, le maximum est {limit}. Raccourcissez-le et renvoyez.",
    note="Note (facultatif)",
    note_too_long=(
        "Cette note est trop longue : {count} caractères, le maximum est {limit}. "
        "Rien n’a été coupé ; raccourcissez-la et renvoyez."
    ),
    acknowledge="Prendre en charge",
    thanks="Merci. Enregistré : vous vous en occupez.",
    add_note="Ajouter une note",
    kept_reply=(
        "Ce n’est peut-être pas encore enregistré. Votre saisie est conservée ; appuyez sur Réessayer, "
        "elle ne sera enregistrée qu’une fois."
    ),
    refused_reply="L’API n’a pas accepté cela ; rien n’est enregistré.",
    trial="Un message arrive-t-il ?",
    trial_intro="Un message d’essai part vers tous ceux qui sont prévenus des alertes.",
    trial_send="Envoyer un message d’essai",
    trial_sent="Envoyé à {clock}.",
    trial_waits="Ce qui n’est pas arrivé est retenté pendant une minute.",
    kept_trial="Appuyez de nouveau sur « Envoyer un message d’essai » dans un instant.",
    refused_trial="Aucun message n’a été envoyé.",
    past="Alertes passées",
    past_one="{moment} : {rule}",
    past_unread="L’API ne donne pas les détails pour le moment.",
    past_limit="Seules les {count} dernières alertes sont listées.",
)
