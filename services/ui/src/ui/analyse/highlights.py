"""Which words made the difference: the tweet with those marked that spoke for the answer, and those against it.

The marks are drawn by a component of our own that puts the words in as text: nothing of a tweet is read as markup.
"""

import string
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from ui.api.predictions import Explanation
from ui.elements.inert import readable
from ui.elements.labels import label_word
from ui.words.language import wording

# Less than this share of the strongest word, or of log-odds at all, is no difference that anybody should look at.
LEAST_SHARE, LEAST_LOG_ODDS = 0.15, 0.05
NAMED = 3

Side = Literal["for", "against", "none"]

JAVASCRIPT = """
export default function ({ parentElement, data }) {
  const line = parentElement.querySelector("p")
  line.replaceChildren(...data.pieces.flatMap(({ text, side, strength }) => {
    if (side === "none") return [text]
    const word = text.trimEnd()
    const mark = document.createElement("mark")
    mark.textContent = word
    mark.className = side
    mark.style.setProperty("--strength", strength)
    mark.title = side === "for" ? data.spoke_for : data.spoke_against
    return [mark, text.slice(word.length)]
  }))
}
"""

# Colour and kind of line together: the colour is never the only sign.
CSS = """
p { margin: 0; color: var(--st-text-color); white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext;
    line-height: 1.7; }
mark { color: inherit; border-radius: 3px; padding: 1px 0; text-decoration-thickness: 2px; text-underline-offset: 4px; }
mark.for { background: rgb(59 139 168 / calc(var(--strength) * 45%)); text-decoration: underline solid #3b8ba8; }
mark.against { background: rgb(200 140 40 / calc(var(--strength) * 45%)); text-decoration: underline dotted #c88c28; }
"""


@dataclass(frozen=True)
class Piece:
    """A word with the blanks after it, and what it added to the answer in log-odds."""

    text: str
    log_odds: float


def highlighted(explanation: Explanation) -> None:
    pieces = pieces_of(explanation)
    largest = max((abs(each.log_odds) for each in pieces), default=0.0)
    marked = [
        {
            "text": readable(each.text),
            "side": side_of(each, largest),
            "strength": round(abs(each.log_odds) / (largest or 1.0), 2),
        }
        for each in pieces
    ]
    word = label_word(explanation.label).lower()
    _marks()(
        key="marks",
        data={
            "pieces": marked,
            "spoke_for": wording().spoke_for.format(label=word),
            "spoke_against": wording().spoke_against.format(label=word),
        },
    )
    for words, side in ((wording().spoke_for, "for"), (wording().spoke_against, "against")):
        named = strongest(pieces, side, largest)
        if named:
            said = wording().listed.format(what=words.format(label=word), words=", ".join(named))
            st.text(readable(said), width="stretch")


def pieces_of(explanation: Explanation) -> list[Piece]:
    """Cut at blanks: the tokens that a word was split into count together, and nothing of the text is left out."""
    text = explanation.text
    starts = [
        place for place in range(len(text)) if not text[place].isspace() and (place == 0 or text[place - 1].isspace())
    ]
    # Blanks before the first word belong to it.
    edges = [0, *starts[1:], len(text)] if starts else [0, len(text)]
    return [
        Piece(text[start:end], sum(each.contribution for each in explanation.tokens if start <= each.start < end))
        for start, end in pairwise(edges)
    ]


def side_of(piece: Piece, largest: float) -> Side:
    if abs(piece.log_odds) < max(LEAST_LOG_ODDS, LEAST_SHARE * largest):
        return "none"
    return "for" if piece.log_odds > 0 else "against"


def strongest(pieces: list[Piece], side: str, largest: float) -> list[str]:
    found = [each for each in pieces if side_of(each, largest) == side]
    words = [bare(each.text) for each in sorted(found, key=lambda each: -abs(each.log_odds))]
    return list(dict.fromkeys(words))[:NAMED]


def bare(word: str) -> str:
    """Without the signs around it; of nothing but signs, an emoji for one, the signs."""
    return word.strip(f"{string.whitespace}{string.punctuation}…’“”«»") or word.strip()


@st.cache_resource
def _marks() -> ComponentRenderer:
    return st.components.v2.component("highlighted_words", html="<p></p>", css=CSS, js=JAVASCRIPT)
