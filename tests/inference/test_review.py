"""GET /v1/review-queue as reviewers use it, on both databases: what is worth a look, judged, and gone from it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from inference.retention import Retention
from inference.review_store import LOOKED_AT, ReviewStore
from inference.store import Store
from inference.tables import feedback
from tests.inference.shadowing import TWO, Shadowing, shadowing
from tests.inference.stored import row_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

StartApp = Callable[..., AbstractContextManager[TestClient]]
Queue = dict[str, Any]
ANN, BOB = "a" * 64, "b" * 64


@pytest.fixture
def shadowed(database_url: str) -> Iterator[Shadowing]:
    with shadowing(database_url) as shadowed:
        yield shadowed


def predict(client: TestClient, text: str) -> str:
    prediction_id: str = client.post("/v1/predictions", json={"text": text}).json()["prediction_id"]
    return prediction_id


def judge(client: TestClient, prediction_id: str, verdict: str, **more: str) -> None:
    body = {"prediction_id": prediction_id, "verdict": verdict} | more
    assert client.post("/v1/feedback", json=body).status_code == 201


def queue(client: TestClient, limit: int = 20) -> Queue:
    response = client.get("/v1/review-queue", params={"limit": limit})
    assert response.status_code == 200
    found: Queue = response.json()
    return found


def why(client: TestClient) -> dict[str, str]:
    return {item["text"]: item["why"] for item in queue(client)["items"]}


def now() -> datetime:
    return datetime.now(UTC)


def test_what_was_just_predicted_is_in_the_queue_until_it_is_judged(start_app: StartApp) -> None:
    with start_app(audit_share=1.0) as client:
        first, second = predict(client, "late"), predict(client, "thanks")
        before = queue(client)
        assert {item["prediction_id"] for item in before["items"]} == {first, second}
        assert {item["why"] for item in before["items"]} == {"audit"}
        judge(client, first, "confirmed")
        after = queue(client)
        assert [item["prediction_id"] for item in after["items"]] == [second]
    assert (before["judged_today"], after["judged_today"]) == (0, 1)


def test_an_item_is_the_prediction_as_it_was_answered(start_app: StartApp) -> None:
    with start_app(audit_share=0.0) as client:
        answer = client.post("/v1/predictions", json={"text": "late, says @jane"}).json()
        [item] = queue(client)["items"]
    # As it is stored: whoever judges needs all of it.
    assert item.items() >= (answer | {"text": "late, says @jane", "audited": False}).items()
    assert datetime.fromisoformat(item["created_at"]) <= now()


def test_each_reason_has_its_turn(start_app: StartApp, shadowed: Shadowing) -> None:
    with start_app(audit_share=0.0) as client:
        open_, novel, disputed, contested = (
            predict(client, text) for text in ("fine", "zeppelin late lost", "late lost", "thanks great")
        )
        queue(client)
        shadowed.disagree(UUID(disputed), at=now())
        judge(client, contested, "confirmed", reviewer="ann")
        judge(client, contested, "rejected", reviewer="bob")
        assert why(client) == {
            "thanks great": "disputed",
            "late lost": "disputed",
            "fine": "uncertain",
            "zeppelin late lost": "novel",
        }
        assert [item["prediction_id"] for item in queue(client, limit=3)["items"]] == [contested, open_, novel]


def test_people_who_agree_in_the_end_settle_it(start_app: StartApp) -> None:
    with start_app(audit_share=0.0) as client:
        prediction_id = predict(client, "late")
        judge(client, prediction_id, "confirmed", reviewer="ann")
        assert why(client) == {}
        judge(client, prediction_id, "rejected", reviewer="bob")
        assert why(client) == {"late": "disputed"}
        judge(client, prediction_id, "confirmed", reviewer="eve")
        assert why(client) == {}


def test_a_challenger_that_disagrees_is_no_dispute_once_somebody_judged(
    start_app: StartApp, shadowed: Shadowing
) -> None:
    prediction_id = shadowed.predict("late", at=now())
    shadowed.disagree(prediction_id, at=now())
    with start_app(audit_share=0.0) as client:
        assert why(client) == {"late": "disputed"}
        judge(client, str(prediction_id), "confirmed")
        assert why(client) == {}


def test_a_disagreement_on_what_is_not_stored_yet_is_not_shown(start_app: StartApp, shadowed: Shadowing) -> None:
    shadowed.disagree(UUID(int=7), at=now())
    with start_app() as client:
        assert queue(client) == {"items": [], "judged_today": 0}


def test_a_text_that_is_forgotten_is_never_shown(start_app: StartApp, shadowed: Shadowing) -> None:
    for number in range(3):
        prediction_id = shadowed.predict(f"late {number}", author=ANN, at=now())
        if number == 0:
            shadowed.disagree(prediction_id, at=now())
        if number == 1:
            shadowed.judge(prediction_id, "confirmed", "negative", ANN)
            shadowed.judge(prediction_id, "rejected", "positive", BOB)
    shadowed.predict("thanks", {"positive": 0.9, "negative": 0.1}, author=BOB, at=now())
    Retention(shadowed.engine).erase(ANN, now())
    with start_app(audit_share=1.0) as client:
        assert [item["text"] for item in queue(client)["items"]] == ["thanks"]


def test_without_a_champion_in_memory_nothing_is_novel_and_all_else_is_there(
    start_app: StartApp, shadowed: Shadowing
) -> None:
    shadowed.predict("zeppelin ballast", at=now())
    with start_app(bundle=None, audit_share=0.0) as client:
        assert why(client) == {"zeppelin ballast": "uncertain"}


def test_where_nothing_came_for_a_day_the_latest_are_shown(start_app: StartApp, shadowed: Shadowing) -> None:
    shadowed.predict("of last year", at=now() - timedelta(days=400))
    with start_app() as client:
        assert list(why(client)) == ["of last year"]
        predict(client, "of now")
        assert list(why(client)) == ["of now"]


def test_only_the_latest_are_looked_at(shadowed: Shadowing) -> None:
    shadowed.predict("the first of all", at=now())
    rows = [row_of(f"tweet {number}", now()) for number in range(LOOKED_AT)]
    Store(shadowed.engine).write_predictions(rows)
    found = ReviewStore(shadowed.engine).read_candidates().unjudged
    assert {each.text for each in found} == {f"tweet {number}" for number in range(LOOKED_AT)}


def test_where_the_latest_are_all_judged_nothing_older_is_dug_up(
    shadowed: Shadowing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.review_store.LOOKED_AT", 2)
    for number in range(4):
        prediction_id = shadowed.predict(f"late {number}", at=now())
        if number:
            shadowed.judge(prediction_id, "confirmed", "negative")
    assert ReviewStore(shadowed.engine).read_candidates().unjudged == []


def test_what_is_judged_counts_from_midnight_and_each_prediction_once(start_app: StartApp, shadowed: Shadowing) -> None:
    ids = [shadowed.predict(f"late {number}", TWO) for number in range(3)]
    for prediction_id in ids:
        shadowed.judge(prediction_id, "confirmed", "negative", ANN)
    shadowed.judge(ids[0], "rejected", "positive", BOB)
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    with shadowed.engine.begin() as connection:
        yesterday = update(feedback).where(feedback.c.prediction_id == ids[2])
        connection.execute(yesterday.values(verdict_since=midnight - timedelta(microseconds=1)))
    with start_app() as client:
        assert queue(client)["judged_today"] == 2


@pytest.mark.parametrize("limit", ["0", "101", "many"])
def test_a_limit_that_makes_no_sense_is_refused(start_app: StartApp, limit: str) -> None:
    with start_app() as client:
        response = client.get("/v1/review-queue", params={"limit": limit})
    assert response.status_code == 422
    assert [each["field"] for each in response.json()["errors"]] == ["limit"]


def test_who_asks_again_gets_the_same_and_a_limit_cuts_it(start_app: StartApp) -> None:
    with start_app(audit_share=0.2) as client:
        for number in range(60):
            predict(client, f"late zeppelin {number}")
        whole = queue(client)["items"]
        assert len(whole) == 20
        assert queue(client)["items"] == whole
        assert queue(client, limit=7)["items"] == whole[:7]
