"""In which language the page speaks: as chosen, else as the browser asks for, else in English."""

from collections.abc import Callable

import streamlit as st

from ui.words.english.wording import ENGLISH
from ui.words.french.wording import FRENCH
from ui.words.wording import Wording

CHOSEN = "language"
LANGUAGES = {"en": ENGLISH, "fr": FRENCH}
USUAL = "en"

# What a click has to say is worded when the page is drawn, in the language of that moment.
Notice = Callable[[Wording], str]


def wording() -> Wording:
    """For whoever draws. A click's callback must not ask: Streamlit may end it at any look at the session's state."""
    return LANGUAGES[current_language()]


def current_language() -> str:
    chosen = st.session_state.get(CHOSEN)
    return str(chosen) if chosen in LANGUAGES else language_of(st.context.locale)


def language_of(locale: str | None) -> str:
    """Of "fr-CA" it is "fr"."""
    language = (locale or "").partition("-")[0].lower()
    return language if language in LANGUAGES else USUAL


def language_switch() -> None:
    st.segmented_control(
        wording().language,
        list(LANGUAGES),
        key=CHOSEN,
        default=current_language(),
        format_func=lambda code: LANGUAGES[code].own_name,
        label_visibility="collapsed",
        required=True,
        persist_state="session",
    )
