"""POST /v1/comparisons: both models on one text, as a person sees them side by side, and nothing left behind."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from inference.comparison_schemas import ComparisonAnswer
from tests.inference.shadowing import OTHER_WEIGHTS, RegisteredModel, load

Make = Callable[..., Path]
StartApp = Callable[..., AbstractContextManager[TestClient]]
WaitFor = Callable[..., None]

# It says nothing of "lost".
SICK_WEIGHTS = [0.0, 0.0, 2.0, float("nan"), -2.0, -3.0, 0.0]
SICK = {"golden": [{"text": "late", "probabilities": [0.8807971, 0.1192029]}]}


def challenge(client: TestClient, folder: Path) -> None:
    """As the challenger's follower does it, without a registry."""
    resources = client.app.state.resources  # type: ignore[attr-defined]
    resources.comparing._shadow.challenger = load(folder, "2")


def compare(client: TestClient, text: str) -> ComparisonAnswer:
    response = client.post("/v1/comparisons", json={"text": text})
    assert response.status_code == 200, response.text
    return ComparisonAnswer.model_validate_json(response.content)


def test_without_a_challenger_there_is_the_champion_alone(client: TestClient) -> None:
    compared = compare(client, "late")
    predicted = client.post("/v1/predictions", json={"text": "late"}).json()
    del predicted["prediction_id"]
    assert compared.champion.model_dump() == predicted
    assert compared.challenger is None


def test_both_say_what_they_think_and_who_they_are(client: TestClient, make_bundle: Make) -> None:
    challenge(client, make_bundle("other", weights=OTHER_WEIGHTS, changes={"name": "bigru"}))
    compared = compare(client, "late")
    assert compared.challenger is not None
    champion, challenger = compared.champion, compared.challenger
    assert (champion.label, champion.model.version, champion.model.name) == ("negative", "pretrained", "tfidf_logreg")
    assert (challenger.label, challenger.model.version, challenger.model.name) == ("positive", "2", "bigru")
    assert champion.model.digest != challenger.model.digest
    assert champion.probability == pytest.approx(challenger.probability) == champion.probabilities["negative"]
    assert challenger.probabilities == pytest.approx({"negative": 0.1192, "positive": 0.8808}, abs=1e-4)
    assert (champion.abstained, compare(client, "fine").champion.abstained) == (False, True)


def test_a_challenger_may_know_other_labels(client: TestClient, make_bundle: Make) -> None:
    challenge(client, make_bundle("three", labels=["negative", "neutral", "positive"]))
    compared = compare(client, "great")
    assert compared.challenger is not None
    assert list(compared.champion.probabilities) == ["negative", "positive"]
    assert list(compared.challenger.probabilities) == ["negative", "neutral", "positive"]


def test_one_that_was_promoted_meanwhile_challenges_nobody(
    client: TestClient, make_bundle: Make, tmp_path: Path
) -> None:
    challenge(client, tmp_path / "bundles" / "pretrained")
    assert compare(client, "late").challenger is None


def test_where_the_challenger_fails_the_champion_still_answers(
    client: TestClient, make_bundle: Make, caplog: pytest.LogCaptureFixture
) -> None:
    challenge(client, make_bundle("sick", weights=SICK_WEIGHTS, changes=SICK))
    assert compare(client, "late").challenger is not None
    compared = compare(client, "lost")
    assert (compared.champion.label, compared.challenger) == ("negative", None)
    assert "challenger_failed version=2" in caplog.text
    assert "lost" not in caplog.text


def test_where_it_panics_too(client: TestClient, make_bundle: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    challenge(client, make_bundle("other", weights=OTHER_WEIGHTS))

    class Panic(BaseException):
        """Of the tokenizer's Rust code."""

    def panic(_: object) -> None:
        raise Panic

    challenger = client.app.state.resources.comparing._shadow.challenger  # type: ignore[attr-defined]
    monkeypatch.setattr(challenger.classifier, "predict_anew", panic)
    compared = compare(client, "late")
    assert (compared.champion.label, compared.challenger) == ("negative", None)


def test_where_the_champion_fails_it_is_503_as_for_a_prediction(start_app: StartApp, make_bundle: Make) -> None:
    with start_app(bundle=make_bundle("sick", weights=SICK_WEIGHTS, changes=SICK)) as client:
        challenge(client, make_bundle("other", weights=OTHER_WEIGHTS))
        for path in ("/v1/comparisons", "/v1/predictions"):
            response = client.post(path, json={"text": "lost"})
            assert (response.status_code, "no probability" in response.json()["detail"]) == (503, True)
            assert "retry-after" in response.headers


def test_without_a_champion_it_is_503(start_app: StartApp) -> None:
    with start_app(bundle=None) as client:
        response = client.post("/v1/comparisons", json={"text": "late"})
    assert (response.status_code, response.json()["detail"]) == (503, "No verified model is in memory yet.")


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
def test_nothing_is_left_of_it(client: TestClient, make_bundle: Make) -> None:
    challenge(client, make_bundle("other", weights=OTHER_WEIGHTS))
    for _ in range(20):
        assert "prediction_id" not in client.post("/v1/comparisons", json={"text": "late"}).text
    assert client.get("/v1/predictions").json()["items"] == []
    assert client.get("/v1/activity").json()["items"] == []
    assert "inference_predictions_total{" not in client.get("/metrics").text
    # Nor is it noted for the shadow, which would compare them once more.
    assert client.app.state.resources.comparing._shadow.take() is None  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"text": " \n"}, 422, "text"),
        ({"text": "late\0"}, 422, "text"),
        ({"text": "x" * 1001}, 422, "text"),
        ({"text": 7}, 422, "text"),
        ({}, 422, "text"),
        ({"text": "late", "author": "jane"}, 422, "body"),
        ([], 422, "body"),
    ],
)
def test_a_text_is_held_to_the_rules_of_a_prediction(client: TestClient, body: object, status: int, field: str) -> None:
    response = client.post("/v1/comparisons", json=body)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b'{"text": "late"', "application/json", 400),
        (b'{"text": "late"}', "text/plain", 415),
        (b'{"text": "' + b"x" * 16_384 + b'"}', "application/json", 413),
    ],
)
def test_a_body_too(client: TestClient, content: bytes, kind: str, status: int) -> None:
    response = client.post("/v1/comparisons", content=content, headers={"content-type": kind})
    assert response.status_code == status


def test_it_counts_in_the_quota(start_app: StartApp) -> None:
    with start_app(quota_per_second=0.01, quota_burst=2) as client:
        statuses = [client.post("/v1/comparisons", json={"text": "late"}).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_the_challenger_of_the_registry_is_compared_while_it_is_one(
    start_app: StartApp, registered_model: RegisteredModel, make_bundle: Make, wait_for: WaitFor
) -> None:
    registered_model.publish_champion(make_bundle("one"))
    registered_model.challenge(registered_model.publish(make_bundle("two", weights=OTHER_WEIGHTS)))
    with start_app(mlflow_url=registered_model.url, registered_model=registered_model.name) as client:
        wait_for(lambda: compare(client, "late").challenger is not None, seconds=20)
        compared = compare(client, "late")
        assert compared.challenger is not None
        assert (compared.champion.model.version, compared.challenger.model.version) == ("1", "2")
        assert (compared.champion.label, compared.challenger.label) == ("negative", "positive")
        registered_model.withdraw()
        wait_for(lambda: compare(client, "late").challenger is None, seconds=20)
