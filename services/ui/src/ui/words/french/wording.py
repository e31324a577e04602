"""French."""

from ui.words.french.alerts import ALERTS
from ui.words.french.batch import BATCH
from ui.words.french.models import MODELS
from ui.words.french.monitor import MONITOR
from ui.words.french.moves import MOVES
from ui.words.french.names import NAMES
from ui.words.french.people import PEOPLE
from ui.words.french.review import REVIEW
from ui.words.wording import LabelWording, Wording

FRENCH = Wording(
    language="Langue",
    own_name="Français",
    # Narrow spaces that do not break, as French sets figures.
    thousands_mark="\u202f",
    decimal_mark=",",
    percent_sign="\u202f%",
    product="Air Paradis",
    misconfigured="Cette page a été démarrée avec une valeur impossible dans {variables}. Corrigez-la et redémarrez.",
    unreadable=(
        "Cette page a été démarrée avec un secret qui ne peut être lu. Rendez son fichier lisible et redémarrez."
    ),
    broken=(
        "Un problème est survenu sur cette page, et a été noté dans son journal. "
        "Rien de ce qui était enregistré n’est perdu ; rechargez la page."
    ),
    roles={"VIEWER": "lecteur", "REVIEWER": "relecteur", "OWNER": "propriétaire"},
    not_allowed=(
        "Ceci demande le rôle {role}, que votre compte n’a pas reçu. Adressez-vous à qui administre ces pages."
    ),
    page_title="Que ressent ce tweet ?",
    page_intro="Collez un tweet pour voir comment le modèle le lit, puis dites-lui s’il a raison.",
    tweet="Tweet",
    tweet_placeholder="Tapez ou collez un tweet qui parle de nous",
    analyse="Analyser",
    counter="{count} / {limit} caractères",
    tweet_missing="Il n’y a encore rien à analyser. Tapez ou collez d’abord un tweet.",
    tweet_too_long=(
        "Ce tweet est trop long : {count} caractères, le maximum est {limit}. "
        "Rien n’a été coupé ; raccourcissez-le et appuyez sur Analyser."
    ),
    examples_title="Ou essayez l’un de ceux-ci",
    examples=(
        "Deux heures sur le tarmac à Lyon et pas un mot de l’équipage. Plus jamais.",
        "Correspondance ratée, mais le comptoir m’a trouvé un siège en dix minutes. Merci !",
        "Embarquement pour Tunis porte B12, siège hublot.",
    ),
    answer_title="Pour le modèle, ce tweet est",
    unsure="Incertain : une personne devrait lire ce tweet.",
    unsure_short="Incertain : une personne devrait le lire",
    calibrated="Parmi les tweets qui reçoivent une telle probabilité, à peu près cette part s’avère l’être.",
    spoke_for="Parlait pour {label}",
    spoke_against="Parlait contre {label}",
    listed="{what} : {words}",
    unexplained="On ne sait pas pour le moment quels mots ont fait la différence.",
    compare="Comparer avec le challenger",
    compared="Les deux modèles sur ce tweet",
    no_challenger="Aucun challenger n’est à l’œuvre pour le moment : la page Modèles dit comment on en fait un.",
    kept_comparison="Appuyez de nouveau sur le bouton.",
    refused_comparison="L’API n’a pas comparé les modèles sur ce tweet.",
    model="Modèle {name}, version {version}",
    labels={
        "negative": LabelWording("Négatif", ":material/sentiment_dissatisfied:", "bad"),
        "neutral": LabelWording("Neutre", ":material/sentiment_neutral:", "plain"),
        "positive": LabelWording("Positif", ":material/sentiment_satisfied:", "good"),
    },
    question="Est-ce juste ?",
    correct="Juste",
    wrong="Faux",
    right_label="La bonne réponse est",
    right_label_missing="Choisissez d’abord la bonne réponse.",
    comment="Commentaire (facultatif)",
    comment_placeholder="Qu’est-ce qui a échappé au modèle ?",
    comment_too_long=(
        "Ce commentaire est trop long : {count} caractères, le maximum est {limit}. "
        "Rien n’a été coupé ; raccourcissez-le et renvoyez."
    ),
    send="Envoyer",
    try_again="Réessayer",
    change="Changer ma réponse",
    changing="Votre réponse précédente compte jusqu’à ce que vous en donniez une autre.",
    keep="La laisser telle quelle",
    thanks_confirmed="Merci. Enregistré : le modèle avait raison.",
    thanks_rejected="Merci. Enregistré : le modèle avait tort.",
    thanks_label="Merci. Enregistré : le modèle avait tort, la bonne réponse est {label}.",
    thanks_comment="Votre commentaire",
    refreshed="Actualisé automatiquement toutes les {seconds} secondes, la dernière fois à {clock}.",
    kept="Ce que vous voyez date de {clock} ; nouvel essai toutes les {seconds} secondes.",
    kept_nothing="Nouvel essai toutes les {seconds} secondes.",
    unreachable="L’API à l’adresse {url} ne répond pas.",
    busy="L’API à l’adresse {url} n’est pas prête à répondre pour le moment.",
    wait="Elle demande d’attendre {seconds} secondes.",
    kept_tweet="Votre saisie est conservée ; appuyez sur Réessayer.",
    kept_verdict=(
        "Votre réponse n’est peut-être pas encore enregistrée. Elle est conservée ici ; appuyez sur Réessayer, "
        "elle ne sera enregistrée qu’une fois."
    ),
    refused_tweet="L’API n’a pas accepté ce tweet. Modifiez-le et appuyez sur Analyser.",
    refused_verdict="L’API n’a pas accepté cette réponse ; elle n’est pas enregistrée.",
    too_large="C’est trop volumineux pour être envoyé.",
    misunderstood="L’API à l’adresse {url} a donné une réponse que cette page ne comprend pas (statut {status}).",
    key_unknown=(
        "L’API à l’adresse {url} ne laisse pas entrer ces pages : elles n’ont pas de clé, ou une clé qu’elle ne "
        "connaît pas. Demandez à qui les administre de mettre une clé de l’API dans UI_API_KEY."
    ),
    key_too_weak=(
        "L’API à l’adresse {url} ne permet pas cela à ces pages : leur clé n’en a pas le droit. "
        "Demandez à qui les administre de donner ce droit à la clé de UI_API_KEY."
    ),
    history_title="Cette session",
    no_verdict="Pas encore d’avis",
    not_sent="Avis pas encore envoyé",
    said_correct="Vous avez dit : juste",
    said_wrong="Vous avez dit : faux",
    said_other="Vous avez dit : {label}",
    reopen="Ouvrir",
    alerts=ALERTS,
    batch=BATCH,
    monitor=MONITOR,
    models=MODELS,
    moves=MOVES,
    names=NAMES,
    review=REVIEW,
    people=PEOPLE,
)
