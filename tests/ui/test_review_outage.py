"""Answers given while the API is away, slow, or refuses: each is stored once, in order, and none is lost."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from live_api import LiveApi
from person import press
from rejections import wait_until
from review_queue import (
    TWEETS,
    answer,
    confirm,
    desk_of,
    other,
    said,
    turn_of,
    tweet_on,
    verdicts,
)
from streamlit.testing.v1 import AppTest

from ui.review.answer_form import judge
from ui.words.english.wording import ENGLISH

WORDS = ENGLISH.review
OpenPage = Callable[[str], AppTest]


@pytest.fixture
def page(review_page: AppTest) -> AppTest:
    return review_page


def let_it_send(page: AppTest) -> None:
    """In its next look, which waits longer for an answer than the tests' pages do: the machine may be busy."""
    desk_of(page).outbox.client._transport._timeout = (30.0, 30.0)
    page.run()


def test_while_the_api_is_away_one_judges_on_and_each_answer_is_stored_once_in_order(
    page: AppTest, api: LiveApi
) -> None:
    api.stop()
    tweets = [confirm(page)]
    assert page.warning[0].value.startswith(f"**{WORDS.waits_one}**")
    assert "does not answer" in page.error[0].value
    tweets += [confirm(page), confirm(page)]
    assert page.warning[0].value.startswith("**3 answers wait to be stored.**")
    assert "3 in this session" in page.get("progress")[0].proto.text
    api.start()
    let_it_send(page)
    assert not page.warning and not page.error
    assert [each.text for each in said(api)] == tweets
    assert tweet_on(page) not in tweets


def test_the_button_sends_what_waits(page: AppTest, api: LiveApi) -> None:
    api.stop()
    tweet = confirm(page)
    press(page, "send-now")
    assert page.warning
    api.start()
    press(page, "send-now")
    assert not page.warning
    assert [each.text for each in said(api)] == [tweet]


def test_an_api_that_asks_for_a_while_is_left_alone_until_the_button_is_pressed(page: AppTest, api: LiveApi) -> None:
    desk = desk_of(page)
    desk.outbox._rests_until = datetime.now(UTC) + timedelta(hours=1)
    confirm(page)
    assert page.warning and not said(api)
    press(page, "send-now")
    assert len(said(api)) == 1


def test_after_the_last_tweet_answers_still_wait_and_it_says_so(page: AppTest, api: LiveApi) -> None:
    api.stop()
    tweets = [confirm(page) for _ in TWEETS]
    assert page.subheader[0].value.endswith(WORDS.none_left)
    assert page.warning[0].value.startswith("**5 answers wait")
    api.start()
    let_it_send(page)
    assert [each.text for each in said(api)] == tweets


def test_an_answer_lost_on_its_way_back_is_stored_once(page: AppTest, api: LiveApi) -> None:
    api.answer_after(1.5)
    tweet = confirm(page)
    assert page.warning
    api.answer_after(0)
    let_it_send(page)
    assert not page.warning
    assert api.keys_sent[0] == api.keys_sent[-1] and len(api.keys_sent) >= 2
    assert [each.text for each in said(api)] == [tweet]


def test_what_waits_behind_another_and_is_taken_back_was_never_said(page: AppTest, api: LiveApi) -> None:
    api.stop()
    first, second = confirm(page), confirm(page)
    press(page, "undo")
    assert tweet_on(page) == second
    assert not page.info
    press(page, "skip")
    api.start()
    let_it_send(page)
    assert [each.text for each in said(api)] == [first]


def test_an_answer_that_was_tried_in_vain_and_changed_is_stored_as_changed(page: AppTest, api: LiveApi) -> None:
    api.stop()
    label = turn_of(page).item.label
    tweet = confirm(page)
    press(page, "undo")
    assert page.info
    answer(page, other(label))
    assert page.warning[0].value.startswith(f"**{WORDS.waits_one}**")
    api.start()
    let_it_send(page)
    assert verdicts(api) == [(tweet, "rejected", other(label))]


def test_a_refused_answer_is_told_and_does_not_block_the_others(page: AppTest, api: LiveApi) -> None:
    turn = turn_of(page)
    turn.item.prediction_id = "01a21694-0000-7000-8000-000000000000"
    refused = str(turn.item.text)
    page.run()
    api.stop()
    confirm(page)
    tweets = [confirm(page), confirm(page)]
    api.start()
    let_it_send(page)
    assert page.error[0].value == WORDS.refused
    assert refused in [each.value for each in page.text]
    assert [each.text for each in said(api)] == tweets
    assert desk_of(page).own_count == 2
    press(page, "seen")
    assert not page.error


def test_a_refused_answer_can_be_given_again(page: AppTest, api: LiveApi) -> None:
    turn = turn_of(page)
    right, turn.item.prediction_id = turn.item.prediction_id, "01a21694-0000-7000-8000-000000000000"
    page.run()
    tweet = confirm(page)
    assert page.error[0].value == WORDS.refused
    press(page, "undo")
    assert not page.error and not page.info
    turn_of(page).item.prediction_id = right
    page.run()
    confirm(page)
    assert [each.text for each in said(api)] == [tweet]


def test_who_judges_does_not_wait_for_a_slow_api(page: AppTest, api: LiveApi) -> None:
    desk, turn = desk_of(page), turn_of(page)
    api.answer_after(0.5)
    desk.judge(turn, turn.item.label, None)
    sender = threading.Thread(target=desk.outbox.send)
    sender.start()
    wait_until(lambda: desk.outbox.waiting[0].was_tried, "it was not sent")
    desk.look()
    following = turn_of(page)
    judge(desk, following, following.item.label)
    assert sender.is_alive() and len(desk.outbox.waiting) == 2
    sender.join()
    api.answer_after(0)
    desk.outbox.send()
    assert [each.text for each in said(api)] == [turn.item.text, following.item.text]


def test_two_that_send_at_once_store_each_answer_once(page: AppTest, api: LiveApi) -> None:
    desk = desk_of(page)
    for _ in range(3):
        desk.look()
        turn = turn_of(page)
        desk.judge(turn, turn.item.label, None)
    senders = [threading.Thread(target=desk.outbox.send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(api.keys_sent) == 3
    assert not desk.outbox.waiting
