"""The name that somebody who has not signed in gives, the same on every page of the session."""

from dataclasses import dataclass

import streamlit as st

from ui.words.language import Notice

# The API's own limit.
NAME_LIMIT = 128
KEY = "nameplate"


@dataclass(eq=False)
class Nameplate:
    # Empty where none was given.
    name: str = ""

    @property
    def given(self) -> str | None:
        return self.name or None


def current_nameplate() -> Nameplate:
    """For whoever draws; a callback gets it as an argument."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Nameplate()
    plate = st.session_state[KEY]
    assert isinstance(plate, Nameplate), f"the key `{KEY}` belongs to this file"
    return plate


def name_objection(name: str) -> Notice | None:
    """Why the API would refuse it, told before it is sent. None is an empty name's: it is left out."""
    if len(name) > NAME_LIMIT:
        return lambda words: words.names.too_long.format(count=words.number(len(name)), limit=words.number(NAME_LIMIT))
    if "\0" in name:
        return lambda words: words.names.unsendable
    return None
