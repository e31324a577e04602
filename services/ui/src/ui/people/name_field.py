"""Where somebody who has not signed in says who they are: asked for once, and never in the way."""

from dataclasses import dataclass

import streamlit as st

from ui.elements.inert import readable
from ui.people.nameplate import Nameplate, name_objection
from ui.people.person import Person
from ui.words.language import Notice, wording

FIELD = "reviewer"


@dataclass(eq=False)
class NameQuestion:
    """Whether the field is open, and what is wrong with what was typed."""

    plate: Nameplate
    is_open: bool = False
    notice: Notice | None = None


def name_field(question: NameQuestion, person: Person) -> None:
    name = person.name or question.plate.name
    with st.container(key="reviewer-name", gap="xxsmall"):
        if person.name is None and (question.is_open or not name):
            _field(question)
        else:
            _known(question, name, may_change=person.name is None)


def take_name(question: NameQuestion) -> None:
    # One read without a point at which Streamlit could end this callback.
    name = str(st.session_state.to_dict().get(FIELD) or "").strip()
    question.notice = name_objection(name)
    question.is_open = question.notice is not None
    if question.notice is None:
        question.plate.name = name


def ask_again(question: NameQuestion) -> None:
    question.is_open = True


def _field(question: NameQuestion) -> None:
    # A default would count for the first drawing only, and the name may have been given on another page since.
    if st.session_state.get(FIELD) is None:
        st.session_state[FIELD] = question.plate.name
    st.text_input(
        wording().names.optional, key=FIELD, on_change=take_name, args=(question,), persist_state="session", width=320
    )
    st.caption(wording().names.why)
    if question.notice is not None:
        st.warning(question.notice(wording()), icon=":material/edit:")


def _known(question: NameQuestion, name: str, *, may_change: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(wording().names.reviews_as, width="content")
        st.text(readable(name), width="content")
        if may_change:
            st.button(wording().names.change, key="change-name", type="tertiary", on_click=ask_again, args=(question,))
