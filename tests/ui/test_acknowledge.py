"""Saying that one looks after an alert, and keeping what was typed when the API is away."""

from collections.abc import Callable

import pytest
from live_api import LiveApi
from person import button, keys, press, shown
from rejections import client_of, raise_alert
from streamlit.testing.v1 import AppTest

from ui.api.alert_answers import AlertEvent
from ui.words.english.wording import ENGLISH

WORDS = ENGLISH.alerts


@pytest.fixture
def page(api: LiveApi, open_alerts: Callable[[str], AppTest]) -> AppTest:
    """With one open alert."""
    raise_alert(api)
    return open_alerts(api.url)


def write(page: AppTest, name: str, note: str = "") -> None:
    page.text_input[0].set_value(name)
    page.text_area[0].set_value(note)


def acknowledgements(api: LiveApi) -> list[tuple[str | None, str | None]]:
    client = client_of(api)
    history: list[AlertEvent] = client.read_alert(client.list_alerts(1)[0].alert_id).history
    return [(event.by, event.note) for event in history if event.event == "acknowledged"]


def test_an_acknowledgement_is_stored_and_shown_with_name_note_and_time(page: AppTest, api: LiveApi) -> None:
    write(page, " Ana ", "Ask the crew\nof AP12")
    press(page, "acknowledge")
    assert page.success[0].value == WORDS.thanks
    assert acknowledgements(api) == [("Ana", "Ask the crew\nof AP12")]
    assert "Acknowledged by Ana: Ask the crew\nof AP12" in [text.value for text in page.text]
    assert any(text.value.startswith("by Ana, ") and text.value.endswith(" UTC") for text in page.text)


def test_the_note_may_be_left_out(page: AppTest, api: LiveApi) -> None:
    write(page, "Ana", "  ")
    press(page, "acknowledge")
    assert acknowledgements(api) == [("Ana", None)]


def test_without_a_name_it_asks_for_one_and_keeps_the_note(page: AppTest, api: LiveApi) -> None:
    write(page, "  ", "half a note")
    press(page, "acknowledge")
    assert page.warning[0].value == WORDS.name_missing
    assert page.text_area[0].value == "half a note"
    assert not acknowledgements(api)


@pytest.mark.parametrize(
    ("name", "note", "said"),
    [("n" * 129, "", "This name is too long: 129 characters"), ("Ana", "x" * 1001, "This note is too long: 1,001")],
)
def test_too_long_is_told_and_not_cut(page: AppTest, api: LiveApi, name: str, note: str, said: str) -> None:
    write(page, name, note)
    press(page, "acknowledge")
    assert page.warning[0].value.startswith(said)
    assert (page.text_input[0].value, page.text_area[0].value) == (name, note)
    assert not acknowledgements(api)


def test_the_longest_name_and_note_are_stored(page: AppTest, api: LiveApi) -> None:
    write(page, "é" * 128, "é" * 1000)
    press(page, "acknowledge")
    assert acknowledgements(api) == [("é" * 128, "é" * 1000)]


def test_what_was_typed_while_the_api_is_away_is_kept_and_stored_once(page: AppTest, api: LiveApi) -> None:
    api.stop()
    write(page, "Ana", "Ask the crew")
    press(page, "acknowledge")
    assert page.error[1].value.endswith(WORDS.kept_reply)
    assert (page.text_input[0].value, page.text_area[0].value) == ("Ana", "Ask the crew")
    assert button(page, "acknowledge").label == ENGLISH.try_again
    api.start()
    press(page, "acknowledge")
    assert not page.error
    assert acknowledgements(api) == [("Ana", "Ask the crew")]


def test_an_answer_lost_on_its_way_back_does_not_store_twice(page: AppTest, api: LiveApi) -> None:
    api.answer_after(1.5)
    write(page, "Ana", "Ask the crew")
    press(page, "acknowledge")
    assert page.error
    api.answer_after(0)
    press(page, "acknowledge")
    assert page.success
    assert acknowledgements(api) == [("Ana", "Ask the crew")]


def test_another_note_has_an_empty_form_that_knows_the_name(page: AppTest, api: LiveApi) -> None:
    write(page, "Ana", "Ask the crew")
    press(page, "acknowledge")
    press(page, "add")
    assert (page.text_input[0].value, page.text_area[0].value) == ("Ana", "")
    write(page, "Ana", "They know")
    press(page, "acknowledge")
    assert acknowledgements(api) == [("Ana", "Ask the crew"), ("Ana", "They know")]


def test_who_else_looks_at_it_sees_that_somebody_does_and_may_join(page: AppTest, api: LiveApi) -> None:
    client_of(api).acknowledge(client_of(api).list_alerts(1)[0].alert_id, "Ana")
    page.run()
    assert WORDS.reply_intro_again in shown(page)
    write(page, "Ben", "I am on it too")
    press(page, "acknowledge")
    assert acknowledgements(api) == [("Ana", None), ("Ben", "I am on it too")]
    assert any(text.value.startswith("by Ana, ") for text in page.text)


def test_a_refusal_gives_the_reason_of_the_api(page: AppTest) -> None:
    write(page, "Ana\0", "")
    press(page, "acknowledge")
    assert page.error[0].value == WORDS.refused_reply
    assert "by: must not contain the NUL character" in [text.value for text in page.text]
    assert ENGLISH.try_again not in [found.label for found in page.button]


def test_an_alert_that_is_looked_after_offers_no_second_thanks(page: AppTest) -> None:
    write(page, "Ana")
    press(page, "acknowledge")
    assert not [key for key in keys(page) if key.startswith("acknowledge")]
