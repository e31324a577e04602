"""From nothing to a stored verdict on containers: `docker compose up`, and what a user does with it.

    make stack

The tests run in the order they stand in: each goes on with the system the one before left.
"""

import time

import pytest
import requests

from tests.stack.another_version import copy_champion
from tests.stack.stack import Stack, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]


TEXT = "My flight was cancelled and nobody answers the phone"


def predict(stack: Stack, text: str = TEXT) -> dict[str, object]:
    answer = requests.post(f"{stack.url('inference')}/v1/predictions", json={"text": text}, timeout=10)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def reject(stack: Stack, prediction_id: object) -> requests.Response:
    verdict = {"prediction_id": prediction_id, "verdict": "rejected", "label": "positive", "comment": "irony"}
    return requests.post(f"{stack.url('inference')}/v1/feedback", json=verdict, timeout=10)


def verdicts_on(stack: Stack, prediction_id: object) -> list[dict[str, object]]:
    found, since = [], 0
    while True:
        query = {"since": since, "limit": 1000}
        page = requests.get(f"{stack.url('inference')}/v1/feedback", params=query, timeout=10).json()
        if not page["items"]:
            return found
        found += [item for item in page["items"] if item["prediction_id"] == prediction_id]
        since = page["next_since"]


def test_the_one_shot_containers_ended_well(stack: Stack) -> None:
    states = stack.states()
    assert {name: states[name]["ExitCode"] for name in ("trainer", "migrate")} == {"trainer": 0, "migrate": 0}
    assert {name: states[name]["State"] for name in ("db", "mlflow", "inference")} == dict.fromkeys(
        ("db", "mlflow", "inference"), "running"
    )


def test_the_champion_of_the_registry_answers(stack: Stack) -> None:
    answer = predict(stack)
    assert answer["label"] == "negative"
    assert answer["model"]["version"] == "1"  # type: ignore[index]
    registry = requests.get(
        f"{stack.url('mlflow')}/api/2.0/mlflow/registered-models/alias",
        params={"name": "tweet-sentiment", "alias": "champion"},
        timeout=10,
    )
    assert str(registry.json()["model_version"]["version"]) == "1"


def test_the_page_is_served(stack: Stack) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{stack.url('ui')}/_stcore/health", timeout=2).ok:
                break
        except requests.RequestException:
            time.sleep(0.5)
    assert "<html" in requests.get(stack.url("ui"), timeout=10).text


def test_a_verdict_outlives_a_restart_of_postgres(stack: Stack) -> None:
    prediction_id = predict(stack)["prediction_id"]
    assert reject(stack, prediction_id).status_code == 201
    stack.compose("restart", "db")
    stack.wait_ready()
    stored = verdicts_on(stack, prediction_id)
    assert [(row["verdict"], row["label"], row["comment"]) for row in stored] == [("rejected", "positive", "irony")]
    assert reject(stack, prediction_id).status_code == 201
    assert len(verdicts_on(stack, prediction_id)) == 1


def test_while_postgres_is_away_nothing_is_acknowledged(stack: Stack) -> None:
    prediction_id = predict(stack)["prediction_id"]
    stack.compose("stop", "db")
    try:
        refused = reject(stack, prediction_id)
    finally:
        stack.compose("start", "db")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    stack.wait_ready()
    assert verdicts_on(stack, prediction_id) == []


def test_predictions_go_on_without_mlflow_and_after_a_restart(stack: Stack) -> None:
    stack.compose("stop", "mlflow")
    try:
        assert predict(stack)["label"] == "negative"
        stack.compose("restart", "inference")
        stack.wait_ready()
        assert predict(stack)["model"]["version"] == "1"  # type: ignore[index]
    finally:
        stack.compose("start", "mlflow")


def test_starting_again_registers_nothing_twice(stack: Stack) -> None:
    # As `make up` does it: it ends well only once all are healthy, and those that run once have ended.
    stack.compose("up", "--wait")
    stack.wait_ready()
    versions = requests.get(
        f"{stack.url('mlflow')}/api/2.0/mlflow/model-versions/search",
        params={"filter": "name = 'tweet-sentiment'"},
        timeout=10,
    )
    assert len(versions.json()["model_versions"]) == 1


def promote(stack: Stack, version: str) -> requests.Response:
    move = {"version": version, "reason": "the test says so", "by": "stack test"}
    return requests.post(f"{stack.url('inference')}/v1/promotions", json=move, timeout=30)


def wait_served(stack: Stack, version: str) -> None:
    """Two workers follow the alias each for itself: it is done when twenty answers in a row are of the new one."""
    deadline = time.monotonic() + 60
    versions = [""]
    while time.monotonic() < deadline and set(versions) != {version}:
        time.sleep(0.5)
        versions = [str(predict(stack)["model"]["version"]) for _ in range(20)]  # type: ignore[index]
    assert set(versions) == {version}


def test_a_model_trained_on_the_sample_alone_is_refused(stack: Stack) -> None:
    said = stack.compose("run", "--rm", "trainer", "train", "tfidf_logreg", "--dataset", "sample")
    assert "version 2 was refused beside version 1" in said
    answer = promote(stack, "2")
    assert answer.status_code == 409
    assert "did not pass the gate" in answer.json()["detail"]
    assert predict(stack)["model"]["version"] == "1"  # type: ignore[index]


def test_a_version_that_passed_the_gate_is_promoted_and_served(stack: Stack) -> None:
    stack.compose(
        "run", "--rm", "--entrypoint", "python", "trainer", "-c", copy_champion("var/copy", "trainer train again")
    )
    said = stack.compose("run", "--rm", "trainer", "register", "var/copy")
    assert "version 3 passed the gate beside version 1" in said
    stack.compose("run", "--rm", "trainer", "promote", "3", "--reason", "the test says so", "--by", "stack test")
    wait_served(stack, "3")


def test_the_journal_outlives_a_restart_and_a_rollback_goes_to_the_champion_before(stack: Stack) -> None:
    stack.compose("restart", "inference")
    stack.wait_ready()
    stack.compose("run", "--rm", "trainer", "rollback", "--reason", "the test says so", "--by", "stack test")
    wait_served(stack, "1")
    moves = requests.get(f"{stack.url('inference')}/v1/journal", timeout=10).json()["items"]
    found = [(move["kind"], move["from_version"], move["to_version"]) for move in moves]
    assert found == [("rollback", "3", "1"), ("promotion", "1", "3"), ("found", None, "1")]


def test_three_rejections_are_one_alert_whoever_is_restarted(stack: Stack) -> None:
    def alerts() -> list[dict[str, object]]:
        return list(requests.get(f"{stack.url('inference')}/v1/alerts", timeout=10).json()["items"])

    rejected = [predict(stack)["prediction_id"] for _ in range(3)]
    assert [reject(stack, prediction_id).status_code for prediction_id in rejected[:2]] == [201, 201]
    stack.compose("restart", "inference")
    stack.wait_ready()
    assert reject(stack, rejected[2]).status_code == 201
    wait_until(lambda: bool(alerts()), 10)
    [alert] = alerts()
    assert (alert["rule"], alert["state"]) == ("burst", "open")
    address = f"{stack.url('inference')}/v1/alerts/{alert['alert_id']}"

    def examples() -> set[object]:
        return {each["prediction_id"] for each in requests.get(address, timeout=10).json()["examples"]}

    # With one of an earlier test the alert may have been there before the third.
    wait_until(lambda: examples() >= set(rejected), 10)
    acknowledged = requests.post(f"{address}/acknowledge", json={"by": "Ana"}, timeout=10)
    assert acknowledged.json()["acknowledged_by"] == "Ana"
    details = requests.get(address, timeout=10).json()
    assert [event["event"] for event in details["history"]] == ["opened", "acknowledged"]


def test_a_person_is_forgotten_by_one_command(stack: Stack) -> None:
    url = f"{stack.url('inference')}/v1/predictions"
    written = requests.post(url, json={"text": "My seat was wet", "author": "jane"}, timeout=10).json()
    requests.get(url, params={"limit": 1}, timeout=10).raise_for_status()
    said = stack.compose("exec", "-T", "inference", "python", "-m", "inference", "erase", "jane")
    assert "texts 1" in said
    explained = requests.post(f"{url}/{written['prediction_id']}/explanation", timeout=10)
    assert explained.status_code == 410


def test_no_process_of_ours_is_root(stack: Stack) -> None:
    for service in ("mlflow", "inference", "ui"):
        assert stack.compose("exec", "-T", service, "id", "-u").strip() == "10001"


def test_the_api_image_holds_no_training_library(stack: Stack) -> None:
    code = (
        "import importlib.util as u; "
        "print([n for n in ('sklearn', 'tensorflow', 'torch', 'mlflow', 'pandas') if u.find_spec(n)])"
    )
    assert stack.compose("exec", "-T", "inference", "python", "-c", code).strip() == "[]"
