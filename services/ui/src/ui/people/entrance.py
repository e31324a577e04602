"""What stands before all pages where people sign in, and who has, at their top."""

from typing import Literal

import streamlit as st

from ui.elements.inert import readable
from ui.people.person import Person
from ui.people.sign_in import is_begun
from ui.people.visitor import current_address, current_claims
from ui.settings import Settings
from ui.words.language import wording


def entrance(settings: Settings) -> None:
    """For whoever is not let in: no page is drawn then, and nothing is asked of the API."""
    with st.container(border=True, key="entrance"):
        if current_claims(settings) is None:
            _sign_in()
        else:
            _no_access(current_address(settings))


def who_is_here(person: Person) -> None:
    """Nothing where nobody signs in."""
    if person.name is None:
        return
    with st.container(key="visitor", horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        with st.container(key="visitor-name", width="content", gap=None):
            st.text(readable(person.name), width="content")
            st.caption(wording().roles[person.role.name], width="content")
        _sign_out("tertiary")


def closed(settings: Settings, parts: list[str]) -> None:
    """For everybody, until those parts of the signing in are there."""
    words = wording().people.set_up_in_part if is_begun(settings) else wording().people.not_set_up
    st.error(words, icon=":material/lock:")
    st.markdown("\n".join(f"- {wording().people.parts[part]}" for part in parts))


def _sign_in() -> None:
    st.title(wording().people.title, anchor=False)
    st.markdown(wording().people.intro)
    st.button(wording().people.sign_in, key="sign-in", type="primary", icon=":material/login:", on_click=st.login)


def _no_access(address: str | None) -> None:
    st.title(wording().people.no_access, anchor=False)
    if address is None:
        st.markdown(wording().people.no_address)
    else:
        st.caption(wording().people.no_access_who)
        st.text(readable(address))
        st.markdown(wording().people.no_access_what)
    _sign_out("secondary")


def _sign_out(kind: Literal["secondary", "tertiary"]) -> None:
    st.button(wording().people.sign_out, key="sign-out", type=kind, icon=":material/logout:", on_click=st.logout)
