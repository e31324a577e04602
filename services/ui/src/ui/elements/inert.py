"""Text by others, made safe to show: no markup, no characters that reorder or hide what is read."""

import unicodedata

# Joiners stay: emoji families and several scripts are written with them.
JOINERS = frozenset("\u200c\u200d")
# Control and format characters, line and paragraph separators; and letters that take room and show nothing.
HIDING_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp"})
BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")


def count_characters(text: str) -> int:
    """Counted the way the API counts: code points of the composed form."""
    return len(unicodedata.normalize("NFC", text))


def readable(text: str) -> str:
    """For elements that show plain text."""
    return "".join(c for c in text if c in "\n\t" or c in JOINERS or not _hides(c))


def _hides(character: str) -> bool:
    return character in BLANK_LETTERS or unicodedata.category(character) in HIDING_CATEGORIES


def plain_word(text: str) -> str:
    """For the few elements that render markup: letters, digits and single spaces, nothing else."""
    return " ".join("".join(c if c.isalnum() else " " for c in text).split())
