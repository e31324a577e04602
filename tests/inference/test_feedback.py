"""Feedback, on both databases: what may be said, what repeats, what is kept."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from inference.audit import is_audited

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

StartApp = Callable[..., AbstractContextManager[TestClient]]


@pytest.fixture
def prediction_id(client: TestClient) -> str:
    return predict(client)


def predict(client: TestClient) -> str:
    prediction_id: str = client.post("/v1/predictions", json={"text": "late"}).json()["prediction_id"]
    return prediction_id


def give(client: TestClient, prediction_id: str, verdict: str, key: str | None = None, **more: str) -> Response:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return client.post(
        "/v1/feedback", json={"prediction_id": prediction_id, "verdict": verdict, **more}, headers=headers
    )


def history(client: TestClient) -> list[tuple[str, str | None, str | None]]:
    items = client.get("/v1/feedback").json()["items"]
    return [(item["verdict"], item["label"], item["comment"]) for item in items]


def test_a_comment_is_kept_as_it_was_typed(client: TestClient, prediction_id: str) -> None:
    comment = "\t=late \u202e so\r\n "
    assert give(client, prediction_id, "rejected", comment=comment).json()["comment"] == comment
    assert history(client) == [("rejected", None, comment)]


def test_a_rejection_with_the_right_label_is_kept(client: TestClient, prediction_id: str) -> None:
    response = give(client, prediction_id, "rejected", label="positive", comment="irony")
    assert response.status_code == 201
    answer = response.json()
    created_at = answer.pop("created_at")
    assert answer == {"prediction_id": prediction_id, "verdict": "rejected", "label": "positive", "comment": "irony"}
    [item] = client.get("/v1/feedback").json()["items"]
    about = {"reviewer": None, "predicted_label": "negative", "text": "late", "model_version": "pretrained"}
    audited = is_audited(UUID(prediction_id), 0.01)
    assert item == answer | about | {"created_at": created_at, "audited": audited}


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_who_reads_verdicts_is_told_which_predictions_were_drawn_by_lot(start_app: StartApp, share: float) -> None:
    with start_app(audit_share=share) as client:
        prediction_id = client.post("/v1/predictions", json={"text": "late"}).json()["prediction_id"]
        give(client, prediction_id, "confirmed")
        for path in ("/v1/feedback", "/v1/predictions"):
            assert [item["audited"] for item in client.get(path).json()["items"]] == [share == 1]


def test_a_rejection_without_a_label_is_kept_without_one(client: TestClient, prediction_id: str) -> None:
    assert give(client, prediction_id, "rejected").json()["label"] is None


def test_a_confirmation_may_repeat_the_predicted_label(client: TestClient, prediction_id: str) -> None:
    assert give(client, prediction_id, "confirmed", label="negative").status_code == 201


@pytest.mark.parametrize(
    ("verdict", "label"), [("confirmed", "positive"), ("rejected", "negative"), ("rejected", "neutral")]
)
def test_a_label_that_contradicts_its_verdict_is_refused(
    client: TestClient, prediction_id: str, verdict: str, label: str
) -> None:
    response = give(client, prediction_id, verdict, label=label)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["label"]
    assert history(client) == []


@pytest.mark.parametrize("unknown", ["0197f0b2-7b5e-7c3a-9d1f-2a6c3e5b7d90", "", "no-such-id", "\0", "x" * 5000])
def test_feedback_on_an_unknown_prediction_is_404(client: TestClient, unknown: str) -> None:
    response = give(client, unknown, "confirmed")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_saying_the_same_again_changes_nothing(client: TestClient, prediction_id: str) -> None:
    first = give(client, prediction_id, "rejected", comment="no")
    again = give(client, prediction_id, "rejected", comment="no")
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(history(client)) == 1


def test_the_last_verdict_stands_and_the_earlier_ones_are_kept(client: TestClient, prediction_id: str) -> None:
    for verdict in ("confirmed", "rejected", "rejected", "confirmed"):
        assert give(client, prediction_id, verdict).json()["verdict"] == verdict
    assert [verdict for verdict, _, _ in history(client)] == ["confirmed", "rejected", "confirmed"]


def test_a_late_retry_is_answered_with_what_it_wrote_the_first_time(client: TestClient, prediction_id: str) -> None:
    first = give(client, prediction_id, "confirmed", key="a")
    give(client, prediction_id, "rejected", key="b")
    retry = give(client, prediction_id, "confirmed", key="a")
    assert retry.json() == first.json()
    assert [verdict for verdict, _, _ in history(client)] == ["confirmed", "rejected"]


def test_a_key_used_for_another_verdict_is_refused_and_nothing_is_dropped(
    client: TestClient, prediction_id: str
) -> None:
    give(client, prediction_id, "confirmed", key="a")
    response = give(client, prediction_id, "rejected", key="a")
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"
    assert [verdict for verdict, _, _ in history(client)] == ["confirmed"]


def test_the_same_verdict_in_other_words_is_one_row(client: TestClient, prediction_id: str) -> None:
    give(client, prediction_id, "confirmed")
    give(client, prediction_id, "confirmed", label="negative")
    give(client, prediction_id, "confirmed", comment="  ")
    assert history(client) == [("confirmed", "negative", None)]


def test_a_key_used_for_one_prediction_is_free_for_another(client: TestClient, prediction_id: str) -> None:
    give(client, prediction_id, "confirmed", key="a")
    assert give(client, predict(client), "rejected", key="a").json()["verdict"] == "rejected"
    assert len(history(client)) == 2


@pytest.mark.parametrize("key", ["", "k" * 129])
def test_an_idempotency_key_has_1_to_128_characters(client: TestClient, prediction_id: str, key: str) -> None:
    response = give(client, prediction_id, "confirmed", key=key)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("key", [None, "same-key"])
def test_twenty_identical_posts_at_once_write_one_row(client: TestClient, prediction_id: str, key: str | None) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: give(client, prediction_id, "rejected", key), range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(history(client)) == 1


def test_feedback_outlives_a_restart(start_app: StartApp) -> None:
    with start_app() as client:
        give(client, predict(client), "rejected")
    with start_app() as client:
        assert history(client) == [("rejected", None, None)]


def test_pages_follow_the_order_of_the_feedback_not_of_the_predictions(client: TestClient) -> None:
    first, second = predict(client), predict(client)
    give(client, second, "confirmed")
    give(client, first, "rejected")
    page = client.get("/v1/feedback", params={"limit": 1}).json()
    assert [item["prediction_id"] for item in page["items"]] == [second]
    page = client.get("/v1/feedback", params={"limit": 1, "since": page["next_since"]}).json()
    assert [item["prediction_id"] for item in page["items"]] == [first]
    empty = client.get("/v1/feedback", params={"since": page["next_since"]}).json()
    assert empty == {"items": [], "next_since": page["next_since"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"verdict": "maybe"}, "verdict"),
        ({"verdict": "rejected", "comment": "x" * 1001}, "comment"),
        ({"verdict": "rejected", "comment": "a\0b"}, "comment"),
        ({"verdict": "rejected", "label": 1}, "label"),
        ({"verdict": "rejected", "stars": 5}, ""),
        ({}, "verdict"),
    ],
)
def test_malformed_feedback_names_the_field(
    client: TestClient, prediction_id: str, body: dict[str, object], field: str
) -> None:
    response = client.post("/v1/feedback", json={"prediction_id": prediction_id, **body})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == (field or "body")
    assert history(client) == []


def test_a_key_that_repeated_a_verdict_stands_for_it_too(client: TestClient, prediction_id: str) -> None:
    assert give(client, prediction_id, "confirmed", "first").status_code == 201
    assert give(client, prediction_id, "confirmed", "second").status_code == 201
    assert give(client, prediction_id, "rejected", "second").status_code == 422
    assert give(client, prediction_id, "rejected", "third").status_code == 201
    # A retry that comes late is answered, and does not turn the verdict back.
    assert give(client, prediction_id, "confirmed", "second").json()["verdict"] == "confirmed"
    assert [verdict for verdict, _, _ in history(client)] == ["confirmed", "rejected"]
