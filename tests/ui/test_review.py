"""The page of review: what is shown of the queue, of the day's progress, and where there is nothing to review."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from live_api import LiveApi, free_port
from odd_api import odd_api
from person import keys, press, shown
from rejections import client_of
from review_queue import TWEETS, answer, confirm, desk_of, fill, said, tweet_on, without_glance
from streamlit.testing.v1 import AppTest

from ui.elements.inert import readable
from ui.people import visitor
from ui.people.person import Person, Role
from ui.review.answer_form import judge
from ui.words.english.wording import ENGLISH
from ui.words.french.wording import FRENCH

WORDS = ENGLISH.review
OpenPage = Callable[[str], AppTest]
ITEM = {
    "prediction_id": "01a21694-0000-7000-8000-000000000000",
    "label": "negative",
    "probability": 0.9,
    "probabilities": {"negative": 0.9, "positive": 0.1},
    "abstained": False,
    "model": {"name": "m", "version": "1", "digest": "d"},
    "text": "late again",
    "created_at": "2026-03-01T11:00:00Z",
    "why": "audit",
}


def queue_of(*items: dict[str, object], judged_today: int = 0) -> bytes:
    return json.dumps({"items": [ITEM | item for item in items], "judged_today": judged_today}).encode()


def progress_of(page: AppTest) -> str:
    [bar] = page.get("progress")
    return str(bar.proto.text)


def test_a_tweet_is_shown_with_why_it_was_chosen_and_what_the_model_says(api: LiveApi, open_review: OpenPage) -> None:
    fill(api, "late again")
    page = open_review(api.url)
    assert not page.exception
    assert tweet_on(page) == "late again"
    assert any(WORDS.why["uncertain"] in each.value for each in page.caption) or WORDS.why["audit"] in shown(page)
    assert "The model says **:red[:material/sentiment_dissatisfied: Negative]**, 95.3%" in shown(page)
    assert [each.label for each in page.button if (each.key or "").startswith("answer")] == ["Negative", "Positive"]


@pytest.mark.parametrize("why", ["audit", "uncertain", "disputed", "novel"])
def test_each_reason_is_one_sentence(open_review: OpenPage, why: str) -> None:
    with odd_api(200, queue_of({"why": why})) as url:
        assert WORDS.why[why] in shown(open_review(url))


def test_a_reason_that_no_wording_knows_is_shown_without_its_markup(open_review: OpenPage) -> None:
    with odd_api(200, queue_of({"why": "[click](https://evil.example) **now**"})) as url:
        page = open_review(url)
    assert "Chosen as click https evil example now." in shown(page)


def test_what_the_model_left_open_is_said(api: LiveApi, open_review: OpenPage) -> None:
    fill(api, "a plane")
    assert ENGLISH.unsure in shown(open_review(api.url))


def test_a_disputed_tweet_comes_back_to_a_third_person(tmp_path: Path, open_review: OpenPage) -> None:
    api = LiveApi(tmp_path / "disputed", audit_share=0.0)
    api.start()
    client = client_of(api)
    prediction = client.predict("late again")
    client.send_feedback(prediction.prediction_id, "confirmed", idempotency_key="a", reviewer="Ana")
    client.send_feedback(prediction.prediction_id, "rejected", idempotency_key="b", reviewer="Ben", label="positive")
    page = without_glance(open_review(api.url))
    assert WORDS.why["disputed"] in shown(page)
    answer(page, "positive")
    assert WORDS.none_left in page.subheader[0].value
    assert [each.label for each in said(api)] == ["negative", "positive", "positive"]
    api.close()


@pytest.mark.parametrize("labels", [3, 11])
def test_each_label_has_its_own_key_and_the_tenth_none(open_review: OpenPage, labels: int) -> None:
    probabilities = {f"label {number}": 1 / labels for number in range(labels)} | {"negative": 0.0}
    with odd_api(200, queue_of({"probabilities": probabilities})) as url:
        page = open_review(url)
    found = [each.proto.shortcut for each in page.button if (each.key or "").startswith("answer")]
    assert found == [str(number) if number <= 9 else "" for number in range(1, labels + 2)]


def test_single_keys_can_be_switched_off(api: LiveApi, open_review: OpenPage) -> None:
    fill(api)
    page = without_glance(open_review(api.url))
    confirm(page)
    assert all(each.proto.shortcut for each in page.button if not (each.key or "").startswith("change"))
    page.toggle[0].set_value(False).run()
    assert not any(each.proto.shortcut for each in page.button)
    assert page.text_input(key=f"comment-{desk_of(page).current.prediction_id}").label == ENGLISH.comment


@pytest.mark.parametrize("text", ["![late](https://evil.example/a.png)", "late \u202egnp.exe\u202c", "<b>late</b>"])
def test_a_tweet_is_shown_as_text(api: LiveApi, open_review: OpenPage, text: str) -> None:
    fill(api, text)
    page = without_glance(open_review(api.url))
    assert readable(text) in [each.value for each in page.text]
    confirm(page)
    assert readable(text) in [each.value for each in page.text]


def test_without_a_tweet_it_says_where_they_come_from(api: LiveApi, open_review: OpenPage) -> None:
    page = open_review(api.url)
    assert page.subheader[0].value.endswith(WORDS.none_yet)
    assert WORDS.none_source in shown(page)
    assert WORDS.none_what.format(seconds="10") in shown(page)
    assert progress_of(page) == "**0 of 20** today"


def test_a_tweet_that_comes_later_appears_by_itself(api: LiveApi, open_review: OpenPage) -> None:
    page = open_review(api.url)
    fill(api, "late again")
    desk_of(page)._asked_at = None
    page.run()
    assert tweet_on(page) == "late again"


def test_without_a_model_it_says_why_nothing_comes(tmp_path: Path, open_review: OpenPage) -> None:
    api = LiveApi(tmp_path / "bare", with_model=False)
    api.start()
    page = open_review(api.url)
    assert WORDS.no_model in shown(page)
    api.close()


def test_the_end_of_the_queue_is_a_friendly_one(api: LiveApi, open_review: OpenPage) -> None:
    fill(api, "late again")
    page = without_glance(open_review(api.url))
    confirm(page)
    assert page.subheader[0].value.endswith(WORDS.none_left)
    assert not page.error
    assert [key.split("-")[0] for key in keys(page)] == ["undo"]


def test_the_progress_counts_everybody_and_this_session(
    api: LiveApi, open_review: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UI_REVIEW_GOAL", "3")
    client = client_of(api)
    client.send_feedback(client.predict("late today").prediction_id, "confirmed", idempotency_key="a")
    fill(api)
    page = without_glance(open_review(api.url))
    assert progress_of(page) == "**1 of 3** today"
    confirm(page)
    assert progress_of(page) == "**2 of 3** today · 1 in this session"
    confirm(page)
    assert progress_of(page) == "**3 of 3** today: the goal is reached · 2 in this session"
    desk_of(page)._asked_at = None
    page.run()
    assert progress_of(page) == "**3 of 3** today: the goal is reached · 2 in this session"


def test_a_viewer_reads_along_and_cannot_answer(
    api: LiveApi, open_review: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitor, "current_person", lambda *_: Person(Role.VIEWER, "Vera"))
    fill(api)
    page = without_glance(open_review(api.url))
    first = tweet_on(page)
    assert page.info[0].value.startswith(WORDS.read_only)
    assert [each.disabled for each in page.button if (each.key or "").startswith("answer")] == [True, True]
    assert not page.text_input
    desk = desk_of(page)
    assert desk.current is not None
    # Whatever a browser sends.
    judge(desk, desk.current, "negative")
    assert tweet_on(page) == first and not said(api)
    press(page, "skip")
    assert tweet_on(page) != first


def test_an_api_away_at_the_start_is_said_and_asked_again(open_review: OpenPage, tmp_path: Path) -> None:
    port = free_port()
    page = open_review(f"http://127.0.0.1:{port}")
    assert "does not answer" in page.error[0].value
    assert page.error[0].value.endswith(ENGLISH.kept_nothing.format(seconds="10"))
    assert not page.get("progress")
    api = LiveApi(tmp_path / "late", port=port)
    api.start()
    fill(api, "late again")
    desk_of(page)._asked_at = None
    page.run()
    assert not page.error
    assert tweet_on(page) == "late again"
    api.close()


def test_an_api_without_a_queue_is_told_to_be_old(open_review: OpenPage) -> None:
    with odd_api(404, b'{"detail": "Not Found"}') as url:
        assert open_review(url).error[0].value == WORDS.refused_queue


def test_a_text_that_is_not_kept_is_passed_over_and_said_so(open_review: OpenPage) -> None:
    gone = {"text": None, "prediction_id": "01a21694-0000-7000-8000-000000000001"}
    with odd_api(200, queue_of(gone, {})) as url:
        page = open_review(url)
    assert tweet_on(page) == "late again"
    assert WORDS.not_kept.format(count=1) in shown(page)


def test_it_speaks_french(api: LiveApi, open_review: OpenPage) -> None:
    fill(api)
    page = open_review(api.url)
    page.session_state["language"] = "fr"
    page.run()
    assert page.title[0].value == FRENCH.review.page
    assert FRENCH.review.question in shown(page) and WORDS.question not in shown(page)


def test_the_tweets_of_the_tests_are_each_shown_once(api: LiveApi, open_review: OpenPage) -> None:
    fill(api)
    page = without_glance(open_review(api.url))
    assert sorted(confirm(page) for _ in TWEETS) == sorted(TWEETS)
    assert sorted(each.text for each in said(api)) == sorted(TWEETS)
