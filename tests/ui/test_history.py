"""The session's tweets below the answer: newest first, with verdicts, each to be opened again."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from live_api import LiveApi
from person import keys, press, type_and_analyse
from streamlit.testing.v1 import AppTest

from ui.analyse.history import clock
from ui.analyse.session import HISTORY_LENGTH
from ui.elements.moments import zone_of
from ui.words.english.wording import ENGLISH


def verdicts(page: AppTest) -> list[str]:
    words = (ENGLISH.no_verdict, ENGLISH.not_sent, ENGLISH.said_correct, "You said")
    return [caption.value for caption in page.caption if caption.value.startswith(words)]


def past_texts(page: AppTest) -> list[str]:
    shown = [text.value for text in page.text]
    model = next(place for place, text in enumerate(shown) if text.startswith("Model "))
    return shown[model + 1 :]


def test_the_newest_tweet_comes_first(page: AppTest) -> None:
    type_and_analyse(page, "late again")
    type_and_analyse(page, "lovely crew")
    assert past_texts(page) == ["lovely crew", "late again"]


def test_each_tweet_shows_its_label_probability_and_verdict(page: AppTest) -> None:
    type_and_analyse(page, "late again")
    press(page, "correct")
    type_and_analyse(page, "lovely crew")
    lines = [found.value for found in page.markdown if "%" in found.value]
    assert lines[0] == "**:green[:material/sentiment_satisfied: Positive]** 95.3%"
    assert verdicts(page) == [ENGLISH.no_verdict, ENGLISH.said_correct]


def test_a_correction_is_shown_with_its_label(page: AppTest) -> None:
    type_and_analyse(page, "late again")
    press(page, "wrong")
    press(page, "send")
    assert verdicts(page) == ["You said: positive"]


def test_a_verdict_that_was_not_sent_waits_in_the_history_and_can_be_sent_later(page: AppTest, api: LiveApi) -> None:
    type_and_analyse(page, "late again")
    press(page, "wrong")
    page.text_area[1].set_value("irony")
    api.stop()
    press(page, "send")
    api.start()
    type_and_analyse(page, "lovely crew")
    assert verdicts(page) == [ENGLISH.no_verdict, ENGLISH.not_sent]
    press(page, "reopen")
    assert (page.radio[0].value, page.text_area[1].value) == ("positive", "irony")
    press(page, "send")
    assert [(row.label, row.comment) for row in api.feedback_for("late again")] == [("positive", "irony")]


def test_the_open_tweet_has_no_button_to_open_it(page: AppTest) -> None:
    type_and_analyse(page, "late again")
    assert not [key for key in keys(page) if key.startswith("reopen")]


def test_the_history_keeps_a_bounded_number_of_tweets(page: AppTest) -> None:
    session = page.session_state["session"]
    for number in range(HISTORY_LENGTH + 2):
        session.analyse(f"tweet {number}")
    page.run()
    assert past_texts(page)[-1] == "tweet 2"
    assert len(past_texts(page)) == HISTORY_LENGTH


def test_the_time_is_the_one_on_the_readers_clock() -> None:
    assert clock(datetime(2026, 1, 1, 12, 5, tzinfo=UTC), ZoneInfo("Europe/Paris")) == "13:05"


@pytest.mark.parametrize("zone", [None, "Nowhere/Land", "../etc"])
def test_an_unknown_time_zone_falls_back_to_utc(zone: str | None) -> None:
    assert zone_of(zone) == ZoneInfo("UTC")
