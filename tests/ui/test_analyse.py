"""Typing a tweet and reading the answer, with the real service and without it."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from live_api import LiveApi
from odd_api import odd_api
from person import button, keys, marked, press, shown, type_and_analyse
from streamlit.testing.v1 import AppTest

from ui.words.english.wording import ENGLISH

OpenPage = Callable[[str], AppTest]
PAGE_FILE = Path(__file__).parents[2] / "services/ui/src/ui/pages/analyse.py"


def test_an_empty_page_offers_examples_and_no_answer(page: AppTest) -> None:
    assert not page.exception
    assert [key for key in keys(page) if key.startswith("example")] == ["example-0", "example-1", "example-2"]
    assert ENGLISH.question not in shown(page)


def test_a_tweet_gets_its_sentiment_probabilities_and_model(page: AppTest) -> None:
    type_and_analyse(page, "late again")
    assert page.subheader[0].value == ":red[:material/sentiment_dissatisfied: Negative]"
    assert [bar.text for bar in page.get("progress")] == ["Negative **95.3%**", "Positive **4.7%**"]
    assert "Model word_weights, version pretrained" in [text.value for text in page.text]
    assert not page.warning


def test_the_text_stays_in_its_field_after_the_answer(page: AppTest) -> None:
    type_and_analyse(page, "late again")
    assert page.text_area(key="tweet").value == "late again"


def test_an_unsure_answer_asks_for_a_person(page: AppTest) -> None:
    type_and_analyse(page, "a plane")
    assert page.warning[0].value == ENGLISH.unsure


def test_an_example_is_filled_in_and_analysed_with_one_click(page: AppTest, api: LiveApi) -> None:
    press(page, "example-1")
    assert page.text_area(key="tweet").value == ENGLISH.examples[1]
    assert api.predictions_of(ENGLISH.examples[1]) == 1
    assert "example-1" not in keys(page)


@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_typed_asks_for_a_tweet(page: AppTest, text: str) -> None:
    type_and_analyse(page, text)
    assert page.warning[0].value == ENGLISH.tweet_missing


def test_a_tweet_past_the_limit_is_said_to_be_too_long_and_kept_whole(page: AppTest, api: LiveApi) -> None:
    text = "late " * 300
    type_and_analyse(page, text)
    assert page.warning[0].value.startswith("This tweet is too long: 1,500 characters, and 1,000 is the most.")
    assert page.text_area(key="tweet").value == text
    assert api.predictions_of(text) == 0


def test_the_longest_tweet_allowed_is_analysed(page: AppTest, api: LiveApi) -> None:
    type_and_analyse(page, "é" * 1000)
    assert api.predictions_of("é" * 1000) == 1


def test_a_refusal_gives_the_reason_of_the_api(
    api: LiveApi, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UI_TEXT_LIMIT", "5000")
    page = open_page(api.url)
    type_and_analyse(page, "x" * 1500)
    assert page.error[0].value == ENGLISH.refused_tweet
    assert "text: must hold at most 1000 characters" in [text.value for text in page.text]
    assert "analyse-again" not in keys(page)


def test_a_tweet_too_large_to_send_is_said_to_be_so(
    api: LiveApi, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UI_TEXT_LIMIT", "50000")
    page = open_page(api.url)
    type_and_analyse(page, "x" * 20_000)
    assert page.error[0].value == f"{ENGLISH.refused_tweet} {ENGLISH.too_large}"


def test_an_api_that_is_away_is_named_and_the_tweet_is_kept(page: AppTest, api: LiveApi) -> None:
    api.stop()
    type_and_analyse(page, "late again")
    assert page.error[0].value == f"The API at `{api.url}` does not answer. {ENGLISH.kept_tweet}"
    assert page.text_area(key="tweet").value == "late again"
    api.start()
    press(page, "analyse-again")
    assert not page.error
    assert api.predictions_of("late again") == 1


def test_an_answer_that_takes_too_long_is_told_like_an_api_away(page: AppTest, api: LiveApi) -> None:
    api.answer_after(1.5)
    type_and_analyse(page, "late again")
    assert "does not answer" in page.error[0].value
    api.answer_after(0)
    press(page, "analyse-again")
    assert "Negative" in page.subheader[0].value


def test_an_api_that_is_not_ready_says_how_long_to_wait(tmp_path: Path, open_page: OpenPage) -> None:
    api = LiveApi(tmp_path / "empty", with_model=False)
    api.start()
    try:
        page = open_page(api.url)
        type_and_analyse(page, "late again")
    finally:
        api.close()
    assert "is not ready to answer just now. It asks to wait" in page.error[0].value


def test_a_busy_api_without_a_time_to_wait_offers_another_try(open_page: OpenPage) -> None:
    with odd_api(503, b"") as url:
        page = open_page(url)
        type_and_analyse(page, "late again")
    assert page.error[0].value == f"The API at `{url}` is not ready to answer just now. {ENGLISH.kept_tweet}"


def test_an_answer_of_something_else_is_told_without_its_content(open_page: OpenPage) -> None:
    with odd_api(200, b"<script>alert(1)</script>") as url:
        page = open_page(url)
        type_and_analyse(page, "late again")
    assert "does not understand (status 200)" in page.error[0].value
    assert "script" not in shown(page)


def test_markup_in_a_refusal_is_shown_as_plain_text(open_page: OpenPage) -> None:
    detail = "![x](https://example.org/beacon.png) <b>bold</b>"
    with odd_api(422, json.dumps({"detail": detail}).encode()) as url:
        page = open_page(url)
        type_and_analyse(page, "late again")
    assert page.error[0].value == ENGLISH.refused_tweet
    assert [text.value for text in page.text] == [detail]


def test_markup_in_a_label_or_model_name_is_never_rendered(open_page: OpenPage) -> None:
    hostile = "![x](https://example.org/beacon.png)"
    answer = {
        "prediction_id": "p",
        "label": hostile,
        "probability": 0.9,
        "probabilities": {hostile: 0.9, "<b>": 0.1},
        "abstained": False,
        "model": {"name": hostile, "version": hostile, "digest": "d"},
    }
    with odd_api(200, json.dumps(answer).encode()) as url:
        page = open_page(url)
        type_and_analyse(page, "late again")
        press(page, "wrong")
    rendered = [element.value for kind in (page.subheader, page.markdown, page.caption) for element in kind]
    rendered += [bar.text for bar in page.get("progress")] + list(page.radio[0].options)
    assert not [text for text in rendered if "](" in text or "<b>" in text]
    assert not page.exception


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "![x](https://example.org/a.png)", ":red[**late**] $x$", "late \u202egnp.exe"]
)
def test_markup_in_a_tweet_is_only_ever_plain_text(page: AppTest, text: str) -> None:
    type_and_analyse(page, text)
    assert [found.value for found in page.text].count(text.replace("\u202e", "")) == 1
    assert "".join(piece for piece, _ in marked(page)) == text.replace("\u202e", "")
    rendered = [element.value for kind in (page.subheader, page.markdown, page.caption) for element in kind]
    assert not [value for value in rendered if text in value]


def test_a_failure_leaves_the_earlier_answer_and_its_verdict_in_place(page: AppTest, api: LiveApi) -> None:
    type_and_analyse(page, "late again")
    api.stop()
    type_and_analyse(page, "lovely crew")
    assert button(page, "correct")
    assert page.subheader[0].value.endswith("Negative]")


def test_the_page_also_runs_when_its_file_is_opened_by_itself(
    api: LiveApi, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UI_API_URL", api.url)
    page = AppTest.from_file(str(PAGE_FILE), default_timeout=20).run()
    assert page.title[0].value == ENGLISH.page_title


def test_a_mountain_of_accents_is_too_long_at_once(page: AppTest) -> None:
    started = time.perf_counter()
    type_and_analyse(page, "a" + "\u0301" * 60_000 + "\u0323" * 60_000)
    assert "120,001 characters" in page.warning[0].value
    assert time.perf_counter() - started < 5
