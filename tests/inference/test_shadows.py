"""GET /v1/shadow as those who decide on a promotion see it, with a real registry and on both databases."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from tests.inference.shadowing import NOON, OTHER_WEIGHTS, RegisteredModel, Shadowing, shadowing

Make = Callable[..., Path]
StartApp = Callable[..., AbstractContextManager[TestClient]]
WaitFor = Callable[..., None]
Pair = dict[str, Any]

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

# More than one takes, with the rest after it, on a machine that has much else to do.
A_TURN_SECONDS = 3.0


@pytest.fixture
def shadowed(database_url: str) -> Iterator[Shadowing]:
    with shadowing(database_url) as shadowed:
        yield shadowed


@pytest.fixture
def challenged(registered_model: RegisteredModel, make_bundle: Make) -> RegisteredModel:
    """Version 1 is champion, version 2 its challenger."""
    registered_model.publish_champion(make_bundle("one"))
    registered_model.challenge(registered_model.publish(make_bundle("two", weights=OTHER_WEIGHTS)))
    return registered_model


def registry_of(model: RegisteredModel) -> dict[str, object]:
    return {"mlflow_url": model.url, "registered_model": model.name, "shadow_share": 1.0}


def predict(client: TestClient, tweet: str) -> tuple[str, str]:
    """The id, and the version that answered."""
    answer = client.post("/v1/predictions", json={"text": tweet}).json()
    return answer["prediction_id"], answer["model"]["version"]


def pairs(client: TestClient) -> list[Pair]:
    response = client.get("/v1/shadow")
    assert response.status_code == 200
    items: list[Pair] = response.json()["items"]
    return items


def pair_of(client: TestClient, challenger: str, champion: str) -> Pair:
    for each in pairs(client):
        if (each["challenger_version"], each["champion_version"]) == (challenger, champion):
            return each
    return {"compared": 0}


def compare_one(client: TestClient, challenger: str, champion: str) -> bool:
    predict(client, "late")
    return bool(pair_of(client, challenger, champion)["compared"])


def settled(client: TestClient) -> Pair:
    """Once all that waited is in it."""
    compared = -1
    while compared != pair_of(client, "2", "1")["compared"]:
        compared = pair_of(client, "2", "1")["compared"]
        time.sleep(A_TURN_SECONDS)
    return pair_of(client, "2", "1")


@both
def test_the_challenger_is_beside_the_champion_on_live_tweets(
    start_app: StartApp, challenged: RegisteredModel, wait_for: WaitFor
) -> None:
    with start_app(**registry_of(challenged)) as client:
        wait_for(lambda: compare_one(client, "2", "1"), seconds=20)
        before = settled(client)
        judged, _ = predict(client, "late, says @jane: https://example.org/jane")
        predict(client, "lost")
        client.post("/v1/feedback", json={"prediction_id": judged, "verdict": "rejected"}).raise_for_status()
        wait_for(lambda: pair_of(client, "2", "1")["compared"] >= before["compared"] + 2, seconds=20)
        pair = settled(client)
        assert pair["compared"] == before["compared"] + 2
        assert pair["disagreed"] == before["disagreed"] + 1 == pair["compared"] - 1
        assert pair["disagreed_share"] == pair["disagreed"] / pair["compared"]
        assert 0 < pair["disagreed_share_low"] < pair["disagreed_share"] < pair["disagreed_share_high"] < 1
        assert 0 < pair["champion_microseconds"] < 1e6 and 0 < pair["challenger_microseconds"] < 1e6
        assert (pair["challenger_right"], pair["champion_right"], pair["p_value"]) == (1, 0, 1.0)
        [shown] = [each for each in pair["disagreements"] if each["prediction_id"] == judged]
        assert shown["text"] == "late, says @user: http://url"
        labels = (shown["champion_label"], shown["label"], shown["right_label"])
        assert labels == ("negative", "positive", "positive")
        samples = client.get("/metrics").text.splitlines()
        assert f"inference_shadow_compared_total {sum(each['compared'] for each in pairs(client)):.1f}" in samples
        assert f"inference_shadow_disagreed_total {sum(each['disagreed'] for each in pairs(client)):.1f}" in samples
        assert "inference_shadow_dropped_total 0.0" in samples


@both
def test_a_promotion_and_another_challenger_begin_a_pair_of_their_own_and_no_answer_is_missed(
    start_app: StartApp, challenged: RegisteredModel, make_bundle: Make, wait_for: WaitFor
) -> None:
    with start_app(**registry_of(challenged)) as client:
        wait_for(lambda: compare_one(client, "2", "1"), seconds=20)
        challenged.promote("2")
        wait_for(lambda: predict(client, "late")[1] == "2", seconds=20)
        challenged.challenge(challenged.publish(make_bundle("three", changes={"name": "gru"})))
        wait_for(lambda: compare_one(client, "3", "2"), seconds=20)
        versions = [(each["challenger_version"], each["champion_version"]) for each in pairs(client)]
        # Never beside itself.
        assert versions[0] == ("3", "2") and ("2", "2") not in versions


def test_an_alias_that_is_removed_ends_the_comparison(
    start_app: StartApp, challenged: RegisteredModel, wait_for: WaitFor
) -> None:
    with start_app(**registry_of(challenged)) as client:
        wait_for(lambda: compare_one(client, "2", "1"), seconds=20)
        challenged.withdraw()

        def is_alone() -> bool:
            before = settled(client)
            predict(client, "late")
            return settled(client) == before

        wait_for(is_alone, seconds=20)


def test_with_a_share_of_nothing_no_challenger_is_fetched(
    start_app: StartApp, challenged: RegisteredModel, wait_for: WaitFor, tmp_path: Path
) -> None:
    with start_app(**registry_of(challenged) | {"shadow_share": 0.0}) as client:
        wait_for(lambda: predict(client, "late")[1] == "1", seconds=20)
        assert pairs(client) == []
    assert not (tmp_path / "models" / "challenger").exists()


def test_before_anything_was_compared_the_list_is_empty(client: TestClient) -> None:
    assert pairs(client) == []


@both
def test_what_people_said_of_all_disagreements_is_weighed(start_app: StartApp, shadowed: Shadowing) -> None:
    for number in range(60):
        prediction_id = shadowed.predict(f"late {number}")
        shadowed.disagree(prediction_id, at=NOON + timedelta(seconds=number))
        if number < 10:
            shadowed.judge(prediction_id, "rejected" if number else "confirmed")
    with start_app() as client:
        [pair] = pairs(client)
    assert (pair["challenger_right"], pair["champion_right"]) == (9, 1)
    assert pair["p_value"] == pytest.approx(0.021484375)
    # The latest fifty are shown, all are counted.
    assert [each["text"] for each in pair["disagreements"]] == [f"late {number}" for number in range(59, 9, -1)]
    assert {each["right_label"] for each in pair["disagreements"]} == {None}


def test_a_text_that_is_not_kept_any_more_is_null(start_app: StartApp, shadowed: Shadowing) -> None:
    prediction_id = shadowed.predict("late")
    shadowed.disagree(prediction_id)
    with shadowed.engine.begin() as connection:
        connection.execute(text("UPDATE predictions SET text = ''"))
    with start_app() as client:
        [pair] = pairs(client)
    assert [each["text"] for each in pair["disagreements"]] == [None]


def test_the_champion_of_the_moment_is_not_needed(start_app: StartApp, shadowed: Shadowing) -> None:
    shadowed.disagree(shadowed.predict("late"))
    with start_app(bundle=None) as client:
        assert len(pairs(client)) == 1
