"""Confirming, rejecting and changing a verdict: stored once, never lost, always told."""

import pytest
from live_api import FeedbackRow, LiveApi
from person import button, keys, press, shown, type_and_analyse, write_comment
from streamlit.testing.v1 import AppTest

from ui.analyse.session import Judgement
from ui.analyse.verdict_form import confirm
from ui.words.english.wording import ENGLISH

TWEET = "late again"


@pytest.fixture
def page(page: AppTest) -> AppTest:
    type_and_analyse(page, TWEET)
    return page


def contents(rows: list[FeedbackRow]) -> list[tuple[str, str | None, str | None]]:
    return [(row.verdict, row.label, row.comment) for row in rows]


def test_correct_is_stored_and_thanked(page: AppTest, api: LiveApi) -> None:
    press(page, "correct")
    assert page.success[0].value == ENGLISH.thanks_confirmed
    assert [row.verdict for row in api.feedback_for(TWEET)] == ["confirmed"]


def test_both_buttons_are_off_once_a_verdict_is_stored(page: AppTest) -> None:
    press(page, "correct")
    assert button(page, "correct").disabled
    assert button(page, "wrong").disabled


def test_wrong_asks_for_the_right_label_and_stores_it_with_the_comment(page: AppTest, api: LiveApi) -> None:
    press(page, "wrong")
    assert not api.feedback_for(TWEET)
    assert page.radio[0].options == ["Positive"]
    write_comment(page, "It is *irony*")
    press(page, "send")
    assert contents(api.feedback_for(TWEET)) == [("rejected", "positive", "It is *irony*")]
    assert page.success[0].value == "Thank you. Stored: the model was wrong, the right answer is positive."
    assert "It is *irony*" in [text.value for text in page.text]


def test_a_blank_comment_is_no_comment(page: AppTest, api: LiveApi) -> None:
    press(page, "wrong")
    write_comment(page, "  ")
    press(page, "send")
    assert contents(api.feedback_for(TWEET)) == [("rejected", "positive", None)]


def test_every_verdict_carries_an_idempotency_key(page: AppTest, api: LiveApi) -> None:
    press(page, "correct")
    [key] = api.keys_kept_for(TWEET)
    assert key is not None
    assert len(key) == 32


def test_a_second_click_on_a_page_that_was_not_redrawn_stores_nothing_more(page: AppTest, api: LiveApi) -> None:
    session = page.session_state["session"]
    for _ in range(2):
        confirm(session, session.current)
    assert len(api.feedback_for(TWEET)) == 1


def test_an_api_away_keeps_label_and_comment_and_a_retry_stores_one_row(page: AppTest, api: LiveApi) -> None:
    press(page, "wrong")
    write_comment(page, "irony")
    api.stop()
    press(page, "send")
    assert page.error[0].value == f"The API at `{api.url}` does not answer. {ENGLISH.kept_verdict}"
    assert (page.radio[0].value, page.text_area[1].value) == ("positive", "irony")
    assert button(page, "send").label == ENGLISH.try_again
    press(page, "send")
    assert page.error
    api.start()
    press(page, "send")
    assert not page.error
    assert contents(api.feedback_for(TWEET)) == [("rejected", "positive", "irony")]


def test_a_confirmation_that_did_not_arrive_is_sent_again_with_one_click(page: AppTest, api: LiveApi) -> None:
    api.stop()
    press(page, "correct")
    assert not page.success
    api.start()
    press(page, "send-again")
    assert page.success[0].value == ENGLISH.thanks_confirmed
    assert len(api.feedback_for(TWEET)) == 1


def test_an_answer_lost_on_its_way_back_does_not_store_twice(page: AppTest, api: LiveApi) -> None:
    session = page.session_state["session"]
    key = session.current.idempotency_key
    api.answer_after(1.5)
    press(page, "correct")
    assert page.error
    api.answer_after(0)
    press(page, "send-again")
    assert page.success
    assert api.keys_sent == [key, key]
    assert api.keys_kept_for(TWEET) == [key]


def test_a_comment_changed_after_a_lost_answer_is_stored_too_and_wins(page: AppTest, api: LiveApi) -> None:
    press(page, "wrong")
    write_comment(page, "first")
    api.answer_after(1.5)
    press(page, "send")
    api.answer_after(0)
    write_comment(page, "second")
    press(page, "send")
    assert len(set(api.keys_sent)) == 2
    assert [row.comment for row in api.feedback_for(TWEET)] == ["first", "second"]
    assert "second" in [text.value for text in page.text]


def test_a_verdict_can_be_changed_and_the_last_one_wins(page: AppTest, api: LiveApi) -> None:
    press(page, "correct")
    press(page, "change")
    press(page, "wrong")
    press(page, "send")
    press(page, "change")
    press(page, "correct")
    assert [row.verdict for row in api.feedback_for(TWEET)] == ["confirmed", "rejected", "confirmed"]
    assert page.success[0].value == ENGLISH.thanks_confirmed


def test_a_change_can_be_given_up(page: AppTest, api: LiveApi) -> None:
    press(page, "correct")
    press(page, "change")
    assert ENGLISH.changing in shown(page)
    press(page, "keep")
    assert page.success[0].value == ENGLISH.thanks_confirmed
    assert len(api.feedback_for(TWEET)) == 1


def test_a_comment_past_the_limit_is_not_cut_but_told(page: AppTest, api: LiveApi) -> None:
    press(page, "wrong")
    write_comment(page, "x" * 1001)
    press(page, "send")
    assert page.warning[0].value.startswith("This comment is too long: 1,001 characters")
    assert page.text_area[1].value == "x" * 1001
    assert not api.feedback_for(TWEET)


def test_among_several_labels_one_has_to_be_chosen(page: AppTest, api: LiveApi) -> None:
    page.session_state["session"].current.prediction.probabilities["neutral"] = 0.0
    press(page, "wrong")
    assert page.radio[0].options == ["Positive", "Neutral"]
    press(page, "send")
    assert page.warning[0].value == ENGLISH.right_label_missing
    page.radio[0].set_value("positive")
    press(page, "send")
    assert contents(api.feedback_for(TWEET)) == [("rejected", "positive", None)]


def test_a_refused_verdict_is_told_with_its_reason_and_can_be_mended(page: AppTest, api: LiveApi) -> None:
    page.session_state["session"].current.prediction.probabilities["neutral"] = 0.0
    press(page, "wrong")
    page.radio[0].set_value("neutral")
    press(page, "send")
    assert page.error[0].value == ENGLISH.refused_verdict
    assert any("label" in text.value for text in page.text)
    page.radio[0].set_value("positive")
    press(page, "send")
    assert contents(api.feedback_for(TWEET)) == [("rejected", "positive", None)]


def test_a_verdict_on_a_prediction_the_api_forgot_is_told(page: AppTest) -> None:
    page.session_state["session"].current.prediction.prediction_id = "gone"
    page.run()
    press(page, "correct")
    assert page.error[0].value == ENGLISH.refused_verdict
    assert "send-again" not in keys(page)


def test_a_rejection_without_a_label_is_thanked_for(page: AppTest, api: LiveApi) -> None:
    session = page.session_state["session"]
    session.current.send(session.client, Judgement("rejected"))
    page.run()
    assert page.success[0].value == ENGLISH.thanks_rejected
    assert ENGLISH.said_wrong in shown(page)
