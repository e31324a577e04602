"""Judging the tweets of the queue: each answer is stored once, none is lost, and the last one may be taken back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from live_api import LiveApi
from person import button, keys, press, shown
from rejections import client_of
from review_queue import (
    TWEETS,
    answer,
    confirm,
    desk_of,
    fill,
    other,
    said,
    turn_of,
    tweet_on,
    verdicts,
    without_glance,
)
from streamlit.testing.v1 import AppTest

from ui.people import visitor
from ui.people.person import Person, Role
from ui.review.answer_form import judge, skip, undo
from ui.words.english.wording import ENGLISH

WORDS = ENGLISH.review
OpenPage = Callable[[str], AppTest]


@pytest.fixture
def page(review_page: AppTest) -> AppTest:
    return review_page


def write_comment(page: AppTest, comment: str) -> None:
    page.text_input(key=f"comment-{turn_of(page).prediction_id}").set_value(comment).run()


def test_the_models_own_label_confirms_and_the_next_tweet_comes(page: AppTest, api: LiveApi) -> None:
    label = turn_of(page).item.label
    tweet = confirm(page)
    assert verdicts(api) == [(tweet, "confirmed", label)]
    assert tweet_on(page) != tweet
    assert WORDS.last_stored.format(label=ENGLISH.labels[label].word.lower()) in shown(page)


def test_another_label_rejects_with_that_label(page: AppTest, api: LiveApi) -> None:
    label = other(turn_of(page).item.label)
    tweet = answer(page, label)
    assert verdicts(api) == [(tweet, "rejected", label)]


def test_a_comment_goes_with_its_answer_and_not_with_the_next(page: AppTest, api: LiveApi) -> None:
    write_comment(page, " It is *irony* ")
    confirm(page)
    confirm(page)
    assert [each.comment for each in said(api)] == ["It is *irony*", None]


def test_a_comment_past_the_limit_is_told_and_nothing_is_stored(page: AppTest, api: LiveApi) -> None:
    write_comment(page, "x" * 1001)
    tweet = confirm(page)
    assert page.warning[0].value.startswith("This comment is too long: 1,001 characters")
    assert tweet_on(page) == tweet and not said(api)
    write_comment(page, "x" * 1000)
    confirm(page)
    assert [each.comment for each in said(api)] == ["x" * 1000]
    assert not page.warning


def test_the_key_of_an_answer_is_made_when_the_tweet_is_first_shown(page: AppTest, api: LiveApi) -> None:
    key = turn_of(page).idempotency_key
    tweet = confirm(page)
    assert api.keys_kept_for(tweet) == [key]


def test_the_same_key_twice_does_not_judge_a_tweet_that_was_not_seen(page: AppTest, api: LiveApi) -> None:
    desk, turn = desk_of(page), turn_of(page)
    for _ in range(2):
        judge(desk, turn, turn.item.label)
    page.run()
    assert [each.text for each in said(api)] == [turn.item.text]


@pytest.mark.parametrize("press_key", [judge, skip], ids=["answer", "skip"])
def test_a_key_just_after_the_next_tweet_was_drawn_was_not_meant_for_it(
    page: AppTest, press_key: Callable[..., None]
) -> None:
    desk = desk_of(page)
    desk.glance = timedelta(hours=1)
    turn = turn_of(page)
    press_key(desk, turn, *([turn.item.label] if press_key is judge else []))
    assert desk.current is turn and not desk.answers
    turn.shown_at = datetime.now(UTC) - timedelta(hours=2)
    press_key(desk, turn, *([turn.item.label] if press_key is judge else []))
    assert desk.current is not turn


def test_a_tweet_that_was_never_drawn_cannot_be_judged(page: AppTest) -> None:
    desk, turn = desk_of(page), turn_of(page)
    judge(desk, turn, turn.item.label)
    following = turn_of(page)
    judge(desk, following, following.item.label)
    assert desk.current is following


def test_a_label_that_is_none_of_the_predictions_is_not_sent(page: AppTest) -> None:
    desk, turn = desk_of(page), turn_of(page)
    judge(desk, turn, "furious")
    assert desk.current is turn and not desk.answers


def test_a_skipped_tweet_comes_back_at_the_end(page: AppTest, api: LiveApi) -> None:
    first = tweet_on(page)
    press(page, "skip")
    second = tweet_on(page)
    press(page, "skip")
    for _ in range(len(TWEETS) - 2):
        assert WORDS.skipped_before not in shown(page)
        assert confirm(page) not in (first, second)
    assert tweet_on(page) == first
    assert WORDS.skipped_before in shown(page)
    confirm(page)
    assert confirm(page) == second
    assert sorted(each.text for each in said(api)) == sorted(TWEETS)


def test_skipping_the_only_tweet_shows_it_again(api: LiveApi, open_review: OpenPage) -> None:
    fill(api, "late again")
    page = without_glance(open_review(api.url))
    press(page, "skip")
    press(page, "skip")
    assert tweet_on(page) == "late again"
    confirm(page)
    assert len(said(api)) == 1


def test_undo_brings_the_tweet_back_and_another_answer_changes_the_verdict(page: AppTest, api: LiveApi) -> None:
    label = turn_of(page).item.label
    tweet = confirm(page)
    following = tweet_on(page)
    press(page, "undo")
    assert tweet_on(page) == tweet
    assert page.info[0].value == WORDS.answered_before.format(label=ENGLISH.labels[label].word.lower())
    assert button(page, "skip").label == WORDS.keep
    answer(page, other(label))
    assert verdicts(api) == [(tweet, "confirmed", label), (tweet, "rejected", other(label))]
    assert len(set(api.keys_kept_for(tweet))) == 2
    assert tweet_on(page) == following
    assert desk_of(page).own_count == 1


def test_an_answer_can_be_kept_after_all(page: AppTest, api: LiveApi) -> None:
    tweet = confirm(page)
    press(page, "undo")
    press(page, "skip")
    assert [each.text for each in said(api)] == [tweet]
    assert tweet_on(page) != tweet
    press(page, "undo")
    assert tweet_on(page) == tweet


def test_the_same_answer_after_an_undo_is_stored_once(page: AppTest, api: LiveApi) -> None:
    confirm(page)
    press(page, "undo")
    confirm(page)
    assert len(said(api)) == 1


def test_undo_goes_back_as_far_as_one_answered(page: AppTest, api: LiveApi) -> None:
    tweets = [confirm(page), confirm(page)]
    press(page, "undo")
    press(page, "undo")
    assert tweet_on(page) == tweets[0]
    assert "undo" not in [key.split("-")[0] for key in keys(page)]
    desk_of(page)._asked_at = None
    page.run()
    press(page, "skip")
    assert tweet_on(page) == tweets[1]
    assert len(said(api)) == 2


def test_undo_twice_on_a_page_that_was_not_redrawn_takes_back_one(page: AppTest) -> None:
    confirm(page)
    confirm(page)
    desk = desk_of(page)
    last = desk.answers[-1]
    undo(desk, last)
    undo(desk, last)
    assert [each.item.text for each in desk.answers] != [] and desk.current is not None
    assert desk.current.item is last.item
    desk.glance = timedelta(hours=1)
    undo(desk, desk.answers[-1])
    assert desk.current.item is last.item


def test_what_others_judged_meanwhile_is_not_shown(page: AppTest, api: LiveApi) -> None:
    desk = desk_of(page)
    gone = desk.waiting[0]
    client_of(api).send_feedback(gone.prediction_id, "confirmed", idempotency_key="other")
    desk._asked_at = None
    page.run()
    assert gone.item.text not in [turn.item.text for turn in desk.waiting]
    assert len(desk.waiting) == len(TWEETS) - 2


def test_more_is_fetched_before_the_last_one_is_judged(page: AppTest, api: LiveApi) -> None:
    desk = desk_of(page)
    fill(api, "never, never late")
    desk._asked_at = datetime.now(UTC) - timedelta(seconds=10)
    tweet = tweet_on(page)
    page.run()
    assert "never, never late" in [turn.item.text for turn in desk.waiting]
    assert tweet_on(page) == tweet


def test_whoever_has_signed_in_answers_in_that_name(
    api: LiveApi, open_review: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitor, "current_person", lambda *_: Person(Role.REVIEWER, "ana@example.org"))
    fill(api)
    page = without_glance(open_review(api.url))
    assert "ana@example.org" in [each.value for each in page.text]
    assert "change-name" not in keys(page)
    confirm(page)
    assert said(api)[0].reviewer is not None
