"""How a label of the model is written on the page, also one that no wording knows."""

from ui.elements.inert import plain_word
from ui.words.language import wording
from ui.words.wording import LabelWording

COLOURS = {"bad": "red", "good": "green", "plain": "gray"}
# Of the style sheet, for charts.
CHART_COLOURS = {"bad": "#c8505a", "good": "#2f9567", "plain": "#7d8c98"}


def label_wording(label: str) -> LabelWording:
    known = wording().label(label)
    if known is not None:
        return known
    return LabelWording(plain_word(label).capitalize() or "?", ":material/label:", "plain")


def label_word(label: str) -> str:
    return label_wording(label).word


def label_markup(label: str) -> str:
    """Icon, word and colour together: the colour is never the only sign."""
    written = label_wording(label)
    return f":{COLOURS[written.tone]}[{written.icon} {written.word}]"


def percent(probability: float) -> str:
    return wording().percent(probability, 1)
