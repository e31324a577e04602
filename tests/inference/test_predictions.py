"""Predictions, on both databases."""

import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

StartApp = Callable[..., AbstractContextManager[TestClient]]


def predict(client: TestClient, text: str) -> dict[str, object]:
    response = client.post("/v1/predictions", json={"text": text})
    assert response.status_code == 200, response.text
    answer: dict[str, object] = response.json()
    return answer


def test_an_angry_tweet_is_negative_and_the_answer_names_its_model(client: TestClient) -> None:
    answer = predict(client, "lost again")
    assert UUID(str(answer["prediction_id"])).version == 7
    assert answer["label"] == "negative"
    assert answer["probability"] == pytest.approx(0.9526, abs=1e-4)
    assert answer["probabilities"] == pytest.approx({"negative": 0.9526, "positive": 0.0474}, abs=1e-4)
    assert answer["abstained"] is False
    model = client.get("/v1/model").json()
    assert answer["model"] == {"name": "tfidf_logreg", "version": "pretrained", "digest": model["digest"]}


def test_a_happy_tweet_is_positive_with_the_probability_of_positive(client: TestClient) -> None:
    answer = predict(client, "thanks")
    assert (answer["label"], answer["probability"]) == ("positive", pytest.approx(0.8808, abs=1e-4))


def test_an_unsure_answer_says_so(client: TestClient) -> None:
    assert predict(client, "fine")["abstained"] is True


def test_a_batch_is_answered_in_the_order_asked(client: TestClient) -> None:
    texts = ["thanks " * (index % 7 + 1) if index % 2 else "late " * (index % 5 + 1) for index in range(200)]
    answers = client.post("/v1/predictions/batch", json={"texts": texts}).json()["predictions"]
    assert [answer["label"] for answer in answers] == ["positive" if index % 2 else "negative" for index in range(200)]
    assert len({answer["prediction_id"] for answer in answers}) == 200
    single = predict(client, texts[3])
    assert answers[3]["probabilities"] == pytest.approx(single["probabilities"], abs=1e-6)


def test_one_bad_text_refuses_the_whole_batch_and_names_its_place(client: TestClient) -> None:
    response = client.post("/v1/predictions/batch", json={"texts": ["late", "thanks", "  ", "x" * 1001]})
    assert response.status_code == 422
    assert response.json()["errors"] == [{"field": "texts.2", "reason": "must not be blank"}]
    response = client.post("/v1/predictions/batch", json={"texts": ["late", "x" * 1001]})
    assert response.json()["errors"] == [{"field": "texts.1", "reason": "must hold at most 1000 characters"}]
    assert client.get("/v1/predictions").json()["items"] == []


def test_a_prediction_is_kept_before_it_is_answered(client: TestClient) -> None:
    answer = predict(client, "late \u202e<b>'; DROP TABLE predictions;--</b> \U0001f468\u200d\U0001f469")
    [item] = client.get("/v1/predictions").json()["items"]
    assert item["text"] == "late \u202e<b>'; DROP TABLE predictions;--</b> \U0001f468\u200d\U0001f469"
    assert item["created_at"].endswith("Z")
    assert {name: item[name] for name in answer} == answer


def test_predictions_outlive_a_restart(start_app: StartApp) -> None:
    with start_app() as client:
        answer = predict(client, "late")
    with start_app() as client:
        [item] = client.get("/v1/predictions").json()["items"]
    assert item["prediction_id"] == answer["prediction_id"]


def test_pages_follow_the_cursor_to_the_end(client: TestClient) -> None:
    texts = [f"tweet {number}" for number in range(7)]
    client.post("/v1/predictions/batch", json={"texts": texts})
    seen, since = [], 0
    for size in (3, 3, 1, 0):
        page = client.get("/v1/predictions", params={"since": since, "limit": 3}).json()
        assert len(page["items"]) == size
        seen += [item["text"] for item in page["items"]]
        assert page["next_since"] > since or not size
        since = page["next_since"]
    assert seen == texts
    predict(client, "one more")
    page = client.get("/v1/predictions", params={"since": since}).json()
    assert [item["text"] for item in page["items"]] == ["one more"]


@pytest.mark.parametrize("query", ["since=-1", "since=x", f"since={2**63}", "limit=0", "limit=1001"])
def test_a_page_that_cannot_be_is_refused(client: TestClient, query: str) -> None:
    response = client.get(f"/v1/predictions?{query}")
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == query.split("=")[0]


def test_the_last_possible_cursor_is_answered_with_nothing(client: TestClient) -> None:
    page = client.get("/v1/predictions", params={"since": 2**63 - 1}).json()
    assert page == {"items": [], "next_since": 2**63 - 1}


def test_length_is_counted_as_people_see_it(client: TestClient) -> None:
    decomposed = unicodedata.normalize("NFD", "é") * 1000
    assert len(decomposed) == 2000
    assert predict(client, decomposed)
    assert client.get("/v1/predictions").json()["items"][0]["text"] == decomposed
    assert predict(client, "\U0001f600" * 1000)


def test_a_deployment_may_lower_the_limits(start_app: StartApp) -> None:
    with start_app(text_max_characters=5, batch_max_texts=2) as client:
        assert client.post("/v1/predictions", json={"text": "abcde"}).status_code == 200
        assert client.post("/v1/predictions", json={"text": "abcdef"}).status_code == 422
        response = client.post("/v1/predictions/batch", json={"texts": ["a", "b", "c"]})
        assert response.json()["errors"] == [{"field": "texts", "reason": "must hold at most 2 texts"}]


def test_a_model_that_fails_on_one_text_says_so_and_keeps_no_row(
    make_bundle: Callable[..., Path], start_app: StartApp
) -> None:
    weights = [0.0, 0.0, 2.0, float("nan"), -2.0, -3.0, 0.0]
    golden = [{"text": "late", "probabilities": [0.8807971, 0.1192029]}]
    bundle = make_bundle("sick", weights=weights, changes={"golden": golden})
    with start_app(bundle=bundle) as client:
        assert client.post("/v1/predictions", json={"text": "late"}).status_code == 200
        response = client.post("/v1/predictions/batch", json={"texts": ["late", "lost"]})
        assert response.status_code == 503
        assert "no probability" in response.json()["detail"]
        assert len(client.get("/v1/predictions").json()["items"]) == 1
