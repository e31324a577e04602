"""How a label of the model is written on the page, also one that no wording knows."""

from ui.inert import plain_word
from ui.wording import ENGLISH, LabelWording

COLOURS = {"bad": "red", "good": "green", "plain": "gray"}


def label_wording(label: str) -> LabelWording:
    known = ENGLISH.label(label)
    if known is not None:
        return known
    return LabelWording(plain_word(label).capitalize() or "?", ":material/label:", "plain")


def label_word(label: str) -> str:
    return label_wording(label).word


def label_markup(label: str) -> str:
    """Icon, word and colour together: the colour is never the only sign."""
    wording = label_wording(label)
    return f":{COLOURS[wording.tone]}[{wording.icon} {wording.word}]"


def percent(probability: float) -> str:
    return f"{probability:.1%}"
