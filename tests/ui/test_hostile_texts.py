"""Five hundred hostile tweets, as comments too: stored byte for byte, and answered like any other."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from hostile_texts import COUNT, hostile_texts
from live_api import LiveApi
from sqlalchemy import select

from inference.tables import feedback, predictions
from ui.api.client import Client
from ui.api.errors import ApiRefused
from ui.api.predictions import Prediction
from ui.elements.inert import count_characters, plain_word, readable
from ui.settings import Settings


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveApi]:
    live = LiveApi(tmp_path_factory.mktemp("hostile"))
    live.start()
    yield live
    live.close()


@pytest.fixture(scope="module")
def client(api: LiveApi) -> Client:
    return Client(Settings(api_url=api.url))


@pytest.fixture(scope="module")
def judged(client: Client) -> list[Prediction]:
    """Each of them predicted, and rejected with itself for a comment."""
    texts = hostile_texts()
    made = [each for start in range(0, COUNT, 250) for each in client.predict_batch(texts[start : start + 250])]
    for text, prediction in zip(texts, made, strict=True):
        client.send_feedback(prediction.prediction_id, "rejected", idempotency_key=uuid4().hex, comment=text)
    return made


def rows_of(api: LiveApi) -> dict[str, tuple[str, str]]:
    query = select(predictions.c.prediction_id, predictions.c.text, feedback.c.comment).join_from(feedback, predictions)
    with api.reading() as connection:
        return {str(prediction_id): (text, comment) for prediction_id, text, comment in connection.execute(query)}


def test_there_are_five_hundred_different_ones() -> None:
    assert len(set(hostile_texts())) == COUNT == 500


def test_text_and_comment_are_stored_byte_for_byte(api: LiveApi, judged: list[Prediction]) -> None:
    stored = rows_of(api)
    assert len(stored) == COUNT
    for text, prediction in zip(hostile_texts(), judged, strict=True):
        assert stored[prediction.prediction_id] == (text, text)


def test_one_by_one_they_get_the_answer_they_got_in_a_batch(client: Client, judged: list[Prediction]) -> None:
    for text, prediction in list(zip(hostile_texts(), judged, strict=True))[::10]:
        assert client.predict(text).probabilities == prediction.probabilities


def test_what_is_no_tweet_is_refused_without_being_repeated(client: Client) -> None:
    for text in ("nul \x00 inside", "   ", "\u2003\n"):
        with pytest.raises(ApiRefused) as refusal:
            client.predict(text)
        assert refusal.value.status == 422 and text not in f"{refusal.value.detail}{refusal.value.reasons}"


def test_shown_as_plain_text_nothing_of_it_hides_or_reorders() -> None:
    for text in hostile_texts():
        shown = readable(text)
        assert not set(shown) & set("\u202e\u202d\u2066\u2067\u200b\u200f\ufeff\u2028\x1b\x07\r")
        assert count_characters(shown) <= count_characters(text)


def test_as_a_word_beside_markup_nothing_of_it_is_markup() -> None:
    for text in hostile_texts():
        assert not set(plain_word(text)) & set("[](){}<>*_`$:!#|~\\/\"'&=+@.\n")
