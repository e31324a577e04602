"""Asking for a name, in French."""

from ui.words.name_wording import NameWording

NAMES = NameWording(
    optional="Votre nom (facultatif)",
    why=(
        "Les réponses sans nom comptent moins : lors d’un réentraînement, elles passent pour celles d’une seule "
        "personne, et trop de réponses d’une même personne sont refusées."
    ),
    too_long=(
        "Ce nom est trop long : {count} caractères, le maximum est {limit}. "
        "Raccourcissez-le ; il n’est pas encore utilisé."
    ),
    unsendable="Ce nom contient un caractère impossible à enregistrer. Retapez-le ; il n’est pas encore utilisé.",
    reviews_as="Vous relisez sous le nom de",
    change="Changer de nom",
)
