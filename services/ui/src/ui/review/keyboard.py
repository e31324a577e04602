"""What the keyboard does on this page beside the keys of the buttons, which Streamlit knows itself.

A key that is held down judges once. Enter leads to the comment and back. Whoever works with Tab finds the button at the
same place again when the next tweet comes, which a screen reader reads out.
"""

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

JAVASCRIPT = """
const BUTTONS = ".st-key-review-answers button, .st-key-review-steps button"
let place = -1

// For a moment Streamlit keeps what is not drawn any more, unseen.
const drawn = (selector) => [...document.querySelectorAll(selector)].filter((each) => !each.closest("[data-retained]"))
const buttons = () => drawn(BUTTONS)
const isTyping = (element) => element?.matches?.("input, textarea, select, [contenteditable=true]")
const isPressed = (element) => element?.closest?.("a, button, summary, input, textarea, select, [role]:not(main)")

export default function ({ data }) {
  document.querySelector(".st-key-review-tweet")?.setAttribute("aria-live", "polite")
  const comment = () => drawn(".st-key-review-comment input")[0]

  const onKey = (event) => {
    const at = event.composedPath()[0]
    if (at === comment()) {
      const leaves = event.key === "Escape" || (event.key === "Enter" && !event.isComposing)
      if (leaves) setTimeout(() => at.blur())
    } else if (!isTyping(at) && event.repeat && /^([0-9]|Backspace)$/.test(event.key)) {
      event.preventDefault()
      event.stopImmediatePropagation()
    } else if (data.keys && event.key === "Enter" && !isPressed(at) && comment()) {
      event.preventDefault()
      comment().focus()
    }
  }
  const onFocus = (event) => {
    place = event.target.matches(":focus-visible") ? buttons().indexOf(event.target) : -1
  }
  const onPointer = () => { place = -1 }
  const restore = () => {
    if (place >= 0 && document.activeElement === document.body) buttons()[place]?.focus({ focusVisible: true })
  }
  window.addEventListener("keydown", onKey, true)
  document.addEventListener("focusin", onFocus)
  document.addEventListener("pointerdown", onPointer)
  // The new buttons may be drawn a moment after this is told of the new tweet.
  const timers = [0, 150, 500].map((wait) => setTimeout(restore, wait))
  return () => {
    timers.forEach(clearTimeout)
    window.removeEventListener("keydown", onKey, true)
    document.removeEventListener("focusin", onFocus)
    document.removeEventListener("pointerdown", onPointer)
  }
}
"""


def listen_to_keys(prediction_id: str | None, *, single_keys: bool) -> None:
    """`prediction_id`: of the tweet that is shown."""
    _keyboard()(key="keyboard", data={"turn": prediction_id or "", "keys": single_keys})


@st.cache_resource
def _keyboard() -> ComponentRenderer:
    return st.components.v2.component("review_keyboard", html="<span></span>", js=JAVASCRIPT)
