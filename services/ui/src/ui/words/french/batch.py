"""The page that analyses a whole file, in French."""

from ui.words.batch_wording import BatchWording

BATCH = BatchWording(
    page="Fichier",
    page_title="Tout un fichier de tweets",
    intro="Déposez un fichier de tweets : il vous revient avec le sentiment de chacun.",
    limits=(
        "csv, tsv, xlsx ou parquet, jusqu’à {megabytes} Mo et {rows} lignes. "
        "Au-delà, adressez-vous à qui administre ces pages."
    ),
    file="Fichier de tweets",
    replaces="Un autre fichier remplace celui-ci et ses résultats : téléchargez-les d’abord.",
    reading="Lecture du fichier",
    read="{name}. Lignes : {rows}. Colonnes : {columns}.",
    unknown_kind=(
        "Ce type de fichier n’est pas lu ici. Enregistrez-le en csv, tsv, xlsx ou parquet et déposez-le à nouveau."
    ),
    empty_file="Ce fichier ne contient rien. Choisissez-en un autre.",
    no_rows="Ce fichier a une ligne de noms et rien en dessous. Choisissez-en un qui contient des tweets.",
    not_text=(
        "Ce n’est pas un fichier de texte, ou il est en UTF-16 sans sa marque. "
        "Enregistrez-le en csv, en UTF-8, et déposez-le à nouveau."
    ),
    unknown_encoding=(
        "Les caractères de ce fichier ne sont ni en UTF-8 ou UTF-16, ni en Windows-1252. "
        "Enregistrez-le en UTF-8 et déposez-le à nouveau."
    ),
    read_as_windows=(
        "Le fichier n’est pas en UTF-8 : il a été lu comme du Windows-1252. "
        "Si les lettres accentuées sont fausses ci-dessous, enregistrez-le en UTF-8 et déposez-le à nouveau."
    ),
    quotes_kept=(
        "Le guillemet de la ligne {line} n’est pas de ceux que le format connaît : "
        "tous ont été lus comme de simples caractères."
    ),
    quotes_odd=(
        "Un guillemet, vers la ligne {line}, n’est pas là où le format l’attend, et le fichier a été lu au mieux. "
        "Vérifiez les résultats à cet endroit, ou enregistrez le fichier en xlsx et déposez-le à nouveau."
    ),
    quotes_unclosed=(
        "Un guillemet, avant la ligne {line}, est ouvert et jamais fermé : toute la suite serait un seul tweet. "
        "Fermez-le, ou enregistrez le fichier en xlsx, et déposez-le à nouveau."
    ),
    torn_rows=(
        "Lignes avec plus de champs qu’il n’y a de colonnes : {count}. On ne sait pas quel champ est le tweet : "
        "elles sont gardées, mais pas analysées. Lignes du fichier : {lines}"
    ),
    short_rows=(
        "Lignes avec moins de champs qu’il n’y a de colonnes : {count}. Ceux qui manquent sont vides. "
        "Lignes du fichier : {lines}"
    ),
    too_many_rows=(
        "Ce fichier a plus de {limit} lignes, et c’est ici le maximum. Divisez-le, "
        "ou demandez à qui administre ces pages d’augmenter UI_BATCH_LIMIT."
    ),
    unfolds_too_far="Décompressé, ce fichier dépasse {limit} Mo. Divisez-le et déposez les parties.",
    too_many_cells=(
        "De sa première à sa dernière cellule, cette feuille s’étend sur plus de {limit} cellules. "
        "Supprimez ce qui se trouve loin en dessous ou à droite des tweets, ou enregistrez-les en csv."
    ),
    broken_workbook=(
        "Ce classeur ne s’ouvre pas. S’il a un mot de passe, enregistrez-le sans ; "
        "sinon, enregistrez-le à nouveau en xlsx ou en csv et déposez-le."
    ),
    broken_parquet="Ce fichier parquet est illisible. Écrivez-le à nouveau et déposez-le.",
    no_text_column=(
        "Aucune colonne de ce fichier ne contient de texte. "
        "Enregistrez les tweets comme des chaînes de caractères et déposez-le à nouveau."
    ),
    sheet="Feuille",
    has_header="La première ligne contient les noms des colonnes",
    column="Colonne qui contient les tweets",
    column_choice="{name} (colonne {number})",
    first_rows="Les premiers",
    row="Ligne",
    text="Tweet",
    answer="Réponse",
    start="Analyser les tweets ({count})",
    progress="{done} tweets sur {total}",
    speed="{count} tweets par seconde",
    speed_unknown="Mesure de la vitesse",
    remaining="encore {time} environ",
    stays=(
        "Vous pouvez regarder d’autres pages entre-temps ; "
        "après cinq minutes sans un regard sur celle-ci, l’analyse s’arrête d’elle-même."
    ),
    api_waits=(
        "L’API ne répond pas pour le moment. Elle est interrogée à nouveau, pendant une minute au plus ; "
        "ce qui a reçu une réponse est gardé."
    ),
    stopping="Arrêt en cours ; les dernières réponses arrivent.",
    cancel="Annuler",
    go_on="Continuer (reste {count})",
    done="Tous sont analysés : {count}.",
    done_but="Analysés : {answered}. Non analysés : {problems} ; choisissez-les sous « Montrer » pour savoir pourquoi.",
    stopped=(
        "Arrêté après {done} tweets sur {total}. Ce qui a reçu une réponse est gardé ; "
        "« Continuer » reprend avec les autres."
    ),
    unwatched=(
        "Personne n’a regardé cette page pendant quelques minutes : l’analyse s’est arrêtée "
        "après {done} tweets sur {total}. Ce qui a reçu une réponse est gardé ; « Continuer » reprend avec les autres."
    ),
    kept="Ce qui a reçu une réponse est gardé ; « Continuer » reprend avec les autres.",
    refused="L’API n’a pas accepté ces tweets : l’analyse s’est arrêtée là. Ce qui a reçu une réponse est gardé.",
    broken=(
        "Un problème est survenu, et a été noté dans le journal de cette page. "
        "Ce qui a reçu une réponse est gardé ; appuyez sur « Continuer »."
    ),
    distribution="Ce qu’ils ressentent",
    distribution_alt="Une barre par réponse. {bars}",
    share="{label} : {count} ({share})",
    unsure="Incertains, une personne devrait les lire : {count} ({share})",
    unanswered="Non analysés : {count}",
    unanswered_short="Non analysés",
    problem_count="{problem} : {count}",
    problems={
        "WAITING": "pas encore analysé",
        "EMPTY": "sans texte",
        "TOO_LONG": "trop long",
        "NUL": "contient un caractère NUL",
        "BROKEN": "contient des octets qui ne sont pas des caractères",
        "TORN": "plus de champs que de colonnes",
        "REFUSED": "refusé par l’API",
    },
    show="Montrer",
    show_all="Tous les tweets",
    only_unsure="Incertains seulement",
    contains="Le tweet contient",
    order="Ordre",
    orders={
        "file": "Comme dans le fichier",
        "least_sure": "Les moins sûrs d’abord",
        "most_negative": "Les plus négatifs d’abord",
    },
    results="Tweets",
    found="{count} tweets sur {total}",
    found_none="Aucun tweet n’y répond. Demandez moins, ou d’autres mots.",
    unsure_mark="incertain",
    download="Télécharger",
    download_kinds={"csv": "csv", "xlsx": "Excel", "parquet": "parquet"},
    csv_marked=(
        "Cellules qu’un tableur pourrait exécuter comme une formule, et qu’une apostrophe précède dans le csv : "
        "{count}. Dans le fichier Excel, ce sont de simples chaînes ; parquet garde tout tel quel."
    ),
    csv_unmarked="Aucune cellule de ce fichier ne peut passer pour une formule : aucune n’est marquée dans le csv.",
    xlsx_cut=(
        "Excel accepte {limit} caractères par cellule. Les plus longues, {count} ici, sont coupées dans son fichier "
        "et entières dans les autres."
    ),
    seconds="{count} s",
    minutes="{count} min",
)
