"""What a person may not do is not offered, and who signed in is not asked for a name: the page says so."""

import streamlit as st

from ui.elements.inert import readable
from ui.people.person import Person, Role
from ui.words.language import wording


def is_offered(person: Person, role: Role) -> bool:
    if not person.may(role):
        st.caption(wording().not_allowed.format(role=wording().roles[role.name]))
    return person.may(role)


def show_name(name: str) -> None:
    """In the place of a field that asks for it."""
    st.text(readable(wording().people.in_the_name_of.format(name=name)))
