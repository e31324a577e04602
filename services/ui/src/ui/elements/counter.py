"""Counts the characters of the tweet while it is typed, in the browser.

Streamlit's own counter comes with a limit that drops what goes past it; this one only tells.
"""

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

JAVASCRIPT = """
export default function ({ parentElement, data }) {
  const line = parentElement.querySelector("p")
  const field = document.querySelector(data.field)
  const show = (text) => {
    const count = [...text.normalize("NFC")].length
    line.textContent = data.words.replace("{count}", count).replace("{limit}", data.limit)
    line.classList.toggle("over", count > data.limit)
  }
  // A text set by the page reaches the field only after this; what is being typed is only in the field.
  show(!field || line.dataset.text !== data.text ? data.text : field.value)
  line.dataset.text = data.text
  if (!field) return
  const onInput = () => show(field.value)
  field.addEventListener("input", onInput)
  return () => field.removeEventListener("input", onInput)
}
"""

CSS = """
p { margin: 0; font-size: 0.8rem; text-align: right; opacity: 0.75; color: var(--st-text-color); }
p.over { opacity: 1; font-weight: 600; color: var(--st-red-text-color, #b3261e); }
"""


def show_counter(text: str, *, limit: int, words: str, field: str) -> None:
    """`text` is what the page knows, `field` the CSS selector of the text area where more is typed."""
    _counter()(key="counter", data={"text": text, "limit": limit, "words": words, "field": field})


@st.cache_resource
def _counter() -> ComponentRenderer:
    return st.components.v2.component("character_counter", html="<p></p>", css=CSS, js=JAVASCRIPT)
