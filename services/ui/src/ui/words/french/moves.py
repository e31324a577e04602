"""Promoting and rolling back, in French."""

from ui.words.move_wording import MoveWording

MOVES = MoveWording(
    promote="Promouvoir",
    promote_intro="Une version qui a passé la barrière face au champion actuel peut prendre sa place.",
    nothing_to_promote="Aucune version n’a passé la barrière face au champion actuel : il n’y a rien à promouvoir.",
    version="Version",
    version_choice="{version}, {candidate}",
    version_challenger="{version}, {candidate} (challenger)",
    roll_back="Revenir en arrière",
    roll_back_intro="Cela ramène la version {version}, le champion précédent.",
    roll_back_intro_unknown="Cela ramène le champion précédent.",
    no_way_back="Il n’y a pas de champion précédent auquel revenir.",
    reason="Raison",
    reason_missing="Dites d’abord pourquoi : on le lira si quelque chose tourne mal.",
    reason_too_long=(
        "Cette raison est trop longue : {count} caractères, le maximum est {limit}. "
        "Rien n’a été coupé ; raccourcissez-la et continuez."
    ),
    version_missing="Choisissez d’abord une version.",
    name="Votre nom",
    name_missing="Dites d’abord qui vous êtes.",
    name_too_long="Ce nom est trop long : {count} caractères, le maximum est {limit}. Raccourcissez-le et continuez.",
    promote_asks="Promouvoir …",
    roll_back_asks="Revenir en arrière …",
    promote_first_confirm=(
        "La version {version} répondra à tous les tweets dans quelques secondes. "
        "C’est le premier champion : il n’y en a pas auquel revenir."
    ),
    promote_confirm=(
        "La version {version} répondra à tous les tweets dans quelques secondes. "
        "La version {champion} reste à un pas : « Revenir en arrière » la ramène."
    ),
    roll_back_confirm=(
        "La version {version} répondra de nouveau à tous les tweets dans quelques secondes, "
        "à la place de la version {champion}."
    ),
    roll_back_confirm_unknown=(
        "Le champion précédent répondra de nouveau à tous les tweets dans quelques secondes, à la place de {champion}."
    ),
    will_say="Le journal dira, pour toujours :",
    promote_now="Promouvoir la version {version}",
    roll_back_now="Revenir maintenant",
    back="Changer quelque chose",
    promoted="Fait : la version {version} est le champion. Les réponses suivent dans quelques secondes.",
    rolled_back="Fait : la version {version} est de nouveau le champion. Les réponses suivent dans quelques secondes.",
    changed="Le champion a changé entre-temps, et rien n’a été envoyé. Regardez ci-dessus, et décidez à nouveau.",
    kept=(
        "Cela s’est peut-être fait, ou non : le champion et le journal de cette page le disent. "
        "Votre saisie est conservée ; appuyez de nouveau sur le bouton."
    ),
    refused="L’API a refusé : le champion reste. Ses raisons :",
    refused_key=(
        "L’API demande la clé de son propriétaire, ou une clé qui a le droit admin : le champion reste. "
        "Démarrez ces pages avec UI_OWNER_KEY réglée sur la valeur de INFERENCE_OWNER_KEY, "
        "ou avec une telle clé dans UI_API_KEY."
    ),
)
