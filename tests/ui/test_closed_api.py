"""What the pages say where the API does not take their key, and that nothing of what people did is lost by it."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from odd_api import odd_api
from person import keys, type_and_analyse
from streamlit.testing.v1 import AppTest

from ui.api.client import Client
from ui.api.errors import ApiClosed
from ui.api.predictions import ReviewItem
from ui.elements.failure import can_be_retried
from ui.review.answer import Answer
from ui.review.outbox import Outbox
from ui.settings import Settings
from ui.words.english.wording import ENGLISH
from ui.words.french.wording import FRENCH
from ui.words.language import CHOSEN
from ui.words.wording import Wording

DETAIL = "This needs a key with the scope `predict`."


def words_of(language: Wording, status: int, url: str) -> str:
    words = language.key_unknown if status == 401 else language.key_too_weak
    return f"{words.format(url=f'`{url}`')} {language.kept_tweet}"


@pytest.mark.parametrize("status", [401, 403])
def test_whoever_types_is_told_whom_to_ask_in_their_language_and_may_try_again(
    open_page: Callable[[str], AppTest], status: int
) -> None:
    with odd_api(status, json.dumps({"detail": DETAIL}).encode()) as url:
        page = open_page(url)
        type_and_analyse(page, "late again")
        assert page.error[0].value == words_of(ENGLISH, status, url)
        assert "UI_API_KEY" in page.error[0].value
        assert DETAIL in [text.value for text in page.text]
        assert page.text_area(key="tweet").value == "late again" and "analyse-again" in keys(page)
        switch = next(each for each in page.segmented_control if each.key == CHOSEN)
        switch.set_value("fr").run()
        assert page.error[0].value == words_of(FRENCH, status, url)


def answer(text: str) -> Answer:
    item = {
        "prediction_id": str(uuid4()),
        "text": text,
        "label": "negative",
        "probability": 0.9,
        "probabilities": {"negative": 0.9, "positive": 0.1},
        "abstained": False,
        "model": {"name": "tweet-sentiment", "version": "1", "digest": "0" * 64},
        "created_at": "2026-03-01T12:00:00Z",
        "why": "uncertain",
    }
    return Answer(ReviewItem.model_validate(item), "negative", None, None, uuid4().hex)


@pytest.mark.parametrize("status", [401, 403])
def test_what_was_judged_waits_and_the_api_is_not_asked_for_each_of_it(status: int) -> None:
    with odd_api(status, b"{}") as url:
        outbox = Outbox(Client(Settings(api_url=url)))
        answers = [answer("late"), answer("lovely")]
        for each in answers:
            outbox.put(each)
        outbox.send()
    assert outbox.waiting == answers and outbox.refused == []
    assert isinstance(outbox.failure, ApiClosed) and can_be_retried(outbox.failure)
    assert [each.was_tried for each in answers] == [True, False]
