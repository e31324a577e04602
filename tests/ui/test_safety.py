"""Whatever breaks while a page is drawn: no trace reaches a person, and the log has it."""

import logging

import pytest
from live_api import LiveApi
from person import shown
from streamlit.testing.v1 import AppTest

from ui.analyse import answer_card
from ui.words.english.wording import ENGLISH


def broken_part() -> None:
    import streamlit as st

    from ui.elements.safety import part_of_page

    def part() -> None:
        if st.session_state.setdefault("is_broken", True):
            raise ValueError("secret")
        st.text("well again")

    st.text("what stands around it")
    part_of_page(part)


def stopped_page() -> None:
    import streamlit as st

    from ui.elements.safety import without_traces

    with without_traces():
        st.text("seen")
        st.stop()


def test_a_part_that_breaks_says_so_and_leaves_the_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        page = AppTest.from_function(broken_part, default_timeout=20).run()
    assert not page.exception and "secret" not in shown(page)
    assert [text.value for text in page.text] == ["what stands around it"]
    assert page.error[0].value == ENGLISH.broken
    assert "ValueError: secret" in caplog.text
    page.session_state["is_broken"] = False
    page.run()
    assert not page.error and "well again" in shown(page)


def test_what_streamlit_ends_by_itself_is_no_error() -> None:
    page = AppTest.from_function(stopped_page, default_timeout=20).run()
    assert "seen" in shown(page) and not page.error


def test_a_page_that_breaks_is_said_to_be_broken(page: AppTest, api: LiveApi, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(answer_card.st, "subheader", breaks)
    page.text_area(key="tweet").set_value("late")
    page.button(key="analyse").click().run()
    assert not page.exception
    assert page.error[0].value == ENGLISH.broken and "secret" not in shown(page)
