"""Asking for a name, in English."""

from ui.words.name_wording import NameWording

NAMES = NameWording(
    optional="Your name (optional)",
    why=(
        "Answers without a name count less: in a retraining they are taken for one person’s, "
        "and too many of one person’s are refused."
    ),
    too_long="This name is too long: {count} characters, and {limit} is the most. Shorten it; it is not used yet.",
    unsendable="This name holds a character that cannot be stored. Type it anew; it is not used yet.",
    reviews_as="You review as",
    change="Change name",
)
