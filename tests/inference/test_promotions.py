"""Promotions and rollbacks over HTTP, on both databases and a real MLflow: what moves, what is refused, what stays."""

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from inference.promoter import Promoter
from inference.promotion import Move
from tests.inference.gated import (
    FAILED,
    OTHER_WEIGHTS,
    Gated,
    Make,
    RegisteredModel,
    StartApp,
    WaitFor,
    journal,
    moves,
    promote,
    refused,
    roll_back,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that is busy with other tests too, nobody is told to come again."""
    monkeypatch.setattr("inference.registry_access.ANSWER_SECONDS", 60)


@pytest.fixture
def gated(registered_model: RegisteredModel, make_bundle: Make) -> Gated:
    return Gated(registered_model, make_bundle)


@pytest.fixture
def service(gated: Gated, start_app: StartApp) -> Iterator[TestClient]:
    """It asks MLflow for the champion once an hour: what it knows earlier it was told."""
    with start_app(poll_seconds=3600, **gated.settings) as client:
        yield client


def label_of(client: TestClient, text: str = "late") -> tuple[str, str]:
    response = client.post("/v1/predictions", json={"text": text})
    assert response.status_code == 200, response.text
    return response.json()["model"]["version"], response.json()["label"]


def test_a_promotion_moves_the_alias_writes_the_journal_and_is_served_at_once(
    service: TestClient, gated: Gated, wait_for: WaitFor
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one, weights=OTHER_WEIGHTS)
    response = promote(service, two, reason=" better ", by=" Ann ")
    assert response.status_code == 201
    entry = response.json()
    assert datetime.fromisoformat(entry.pop("at")).tzinfo is not None
    assert entry == {
        "kind": "promotion",
        "by": "Ann",
        "reason": "better",
        "from_version": one,
        "from_digest": gated.digests[one],
        "to_version": two,
        "to_digest": gated.digests[two],
    }
    assert gated.champion() == two
    wait_for(lambda: label_of(service) == (two, "positive"), seconds=30)
    assert moves(service) == [("found", None, one), ("promotion", one, two)]
    assert service.get("/v1/journal").json()["champion"] == response.json()


def test_the_first_champion_may_come_by_a_promotion(service: TestClient, gated: Gated, wait_for: WaitFor) -> None:
    one = gated.judged("one", against=None)
    assert promote(service, one).status_code == 201
    wait_for(lambda: label_of(service)[0] == one, seconds=30)
    assert moves(service) == [("promotion", None, one)]


def test_an_alias_names_what_it_points_to_now(service: TestClient, gated: Gated) -> None:
    two = gated.judged("two", against=gated.first_champion())
    gated.move_by_hand(two, "challenger")
    assert promote(service, "challenger").json()["to_version"] == two


@pytest.mark.parametrize("unknown", ["7", "999999999999999999", "no-such-alias", "v3"])
def test_what_the_registry_does_not_know_is_404(service: TestClient, gated: Gated, unknown: str) -> None:
    gated.first_champion()
    response = promote(service, unknown)
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


def test_a_candidate_that_is_refused_changes_nothing_and_is_told_why(
    service: TestClient, gated: Gated, wait_for: WaitFor
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    assert promote(service, two).status_code == 201
    unjudged, failed, stale, other, broken = (gated.register(f"candidate {number}") for number in range(5))
    gated.judge(failed, two, passed=False, checks=FAILED)
    gated.judge(stale, one)
    gated.judge(other, two, digest="0" * 64)
    gated.tag(broken, "gate", '{"passed": true}')
    before = moves(service)
    assert f"run `trainer gate {unjudged}`" in refused(promote(service, unjudged))
    assert "macro-F1, sample: 0.80 -> 0.70" in refused(promote(service, failed))
    assert f"compared with version {one}, and the champion is version {two} now" in refused(promote(service, stale))
    assert "another bundle" in refused(promote(service, other))
    assert "no verdict" in refused(promote(service, broken))
    assert "champion already" in refused(promote(service, two))
    assert (gated.champion(), moves(service)) == (two, before)
    # Nor is any of them what a rollback restores.
    assert roll_back(service).json()["to_version"] == one


def spoil(folder: Path) -> None:
    path = folder / "model.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_bundle_that_does_not_verify_is_refused_with_the_reason(
    service: TestClient, gated: Gated, make_bundle: Make, wait_for: WaitFor
) -> None:
    one = gated.first_champion()
    damaged = make_bundle("damaged", changes={"command": "damaged"})
    spoil(damaged)
    emptied = make_bundle("emptied", changes={"command": "emptied"})
    (emptied / "tokenizer.json").unlink()
    other = make_bundle("other", changes={"command": "other"})
    for folder, digest, reason in (
        (damaged, None, "model.onnx"),
        (emptied, None, "tokenizer.json"),
        (other, "0" * 64, "digest"),
    ):
        version = gated.publish(folder, digest)
        gated.judge(version, one)
        detail = refused(promote(service, version))
        assert detail.startswith(f"Version {version} does not verify: ") and reason in detail
    assert (gated.champion(), moves(service)) == (one, [("found", None, one)])


def test_a_rollback_goes_back_step_by_step_and_never_forward(
    service: TestClient, gated: Gated, wait_for: WaitFor
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one, weights=OTHER_WEIGHTS)
    three = gated.register("three")
    promote(service, two)
    gated.judge(three, two)
    promote(service, three)
    response = roll_back(service, reason="negation is wrong", by="Eve")
    assert response.status_code == 201
    assert (response.json()["kind"], response.json()["by"], response.json()["reason"]) == (
        "rollback",
        "Eve",
        "negation is wrong",
    )
    assert (response.json()["to_version"], gated.champion()) == (two, two)
    wait_for(lambda: label_of(service) == (two, "positive"), seconds=30)
    assert roll_back(service).json()["to_version"] == one
    assert "no champion before" in refused(roll_back(service))
    assert gated.champion() == one
    assert moves(service)[-2:] == [("rollback", three, two), ("rollback", two, one)]


def test_a_rollback_needs_a_champion_and_the_one_before_it(service: TestClient, gated: Gated) -> None:
    assert "no champion now" in refused(roll_back(service))
    one = gated.first_champion()
    assert "no champion before" in refused(roll_back(service))
    two = gated.judged("two", against=one)
    promote(service, two)
    gated.forget(one)
    assert f"version {one}, which is not in the registry any more" in refused(roll_back(service))
    gated.remove_alias()
    assert "no champion now" in refused(roll_back(service))


def test_moves_and_their_journal_survive_a_restart(gated: Gated, start_app: StartApp) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    with start_app(**gated.settings) as client:
        promote(client, two)
        before = client.get("/v1/journal").json()
    with start_app(**gated.settings) as client:
        assert client.get("/v1/journal").json() == before
        assert "champion already" in refused(promote(client, two))
        assert roll_back(client).json()["to_version"] == one
    with start_app(**gated.settings) as client:
        assert moves(client) == [("found", None, one), ("promotion", one, two), ("rollback", two, one)]
        assert "no champion before" in refused(roll_back(client))


def test_two_at_the_same_moment_one_wins_and_alias_and_journal_agree(
    gated: Gated, start_app: StartApp, tmp_path: Path
) -> None:
    """Through two workers, each with a cache of its own."""
    one = gated.first_champion()
    candidates = [gated.judged(f"candidate {number}", against=one) for number in range(6)]
    with ExitStack() as stack:
        workers = [
            stack.enter_context(start_app(model_dir=tmp_path / f"models {number}", **gated.settings))
            for number in range(2)
        ]
        for worker in workers:
            # FastAPI builds its routes at the first request, and two apps of one process may not do that at once.
            journal(worker)
        together = threading.Barrier(len(candidates))

        def ask(number: int) -> int:
            together.wait()
            return promote(workers[number % 2], candidates[number]).status_code

        with ThreadPoolExecutor(len(candidates)) as pool:
            statuses = list(pool.map(ask, range(len(candidates))))
        assert statuses.count(201) == 1
        assert set(statuses) <= {201, 409, 503}
        winner = candidates[statuses.index(201)]
        assert gated.champion() == winner
        assert moves(workers[0]) == moves(workers[1]) == [("found", None, one), ("promotion", one, winner)]


def test_who_comes_while_another_moves_is_told_when_to_come_again(
    service: TestClient, gated: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = gated.judged("two", against=gated.first_champion())
    reached, go_on = threading.Event(), threading.Event()

    def wait(*_: object) -> None:
        reached.set()
        go_on.wait(10)

    monkeypatch.setattr("inference.promoter.move_champion", wait)
    with ThreadPoolExecutor(1) as pool:
        moving = pool.submit(promote, service, two)
        reached.wait(10)
        response = roll_back(service)
        go_on.set()
        moving.result()
    assert (response.status_code, response.json()["detail"]) == (503, "The champion is being changed at this moment.")
    assert 1 <= int(response.headers["retry-after"]) <= 3


def test_what_takes_longer_than_an_answer_may_goes_on_and_says_where_to_look(
    service: TestClient, gated: Gated, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    is_answered, at_once = threading.Event(), Promoter.promote

    def promote_slowly(self: Promoter, wanted: str, by: str, reason: str) -> Move:
        is_answered.wait(60)
        return at_once(self, wanted, by, reason)

    monkeypatch.setattr(Promoter, "promote", promote_slowly)
    monkeypatch.setattr("inference.registry_access.ANSWER_SECONDS", 1.0)
    response = promote(service, two)
    is_answered.set()
    assert response.status_code == 503
    assert "`GET /v1/journal` says whether the champion has moved" in response.json()["detail"]
    wait_for(lambda: moves(service)[-1:] == [("promotion", one, two)], seconds=30)
    assert gated.champion() == two


def test_predictions_name_the_new_version_within_seconds_and_none_fails_meanwhile(
    gated: Gated, start_app: StartApp, tmp_path: Path, wait_for: WaitFor
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one, weights=OTHER_WEIGHTS)
    with ExitStack() as stack:
        asked, other = (
            stack.enter_context(start_app(model_dir=tmp_path / name, poll_seconds=0.5, **gated.settings))
            for name in ("asked", "other")
        )
        for client in (asked, other):
            wait_for(lambda client=client: label_of(client)[0] == one)
        is_over = threading.Event()

        def predict(client: TestClient) -> set[tuple[str, str]]:
            seen = set()
            while not is_over.is_set():
                seen.add(label_of(client))  # which asserts that it is answered
            return seen

        with ThreadPoolExecutor(2) as pool:
            callers = [pool.submit(predict, client) for client in (asked, other)]
            assert promote(asked, two).status_code == 201
            wait_for(lambda: label_of(asked)[0] == label_of(other)[0] == two, seconds=30)
            is_over.set()
            assert [caller.result() for caller in callers] == [{(one, "negative"), (two, "positive")}] * 2


def test_without_a_registry_nothing_moves_and_the_setting_is_named(client: TestClient) -> None:
    for response in (promote(client, "1"), roll_back(client)):
        assert refused(response) == "No registry is set: INFERENCE_MLFLOW_URL."
    assert client.get("/v1/journal").json() == {"items": [], "champion": None, "rollback_to": None}


def empty(cache: Path) -> None:
    """Once more where a worker put something into it, or took it out, meanwhile."""
    while cache.exists():
        with suppress(OSError):
            shutil.rmtree(cache)


def test_a_cache_that_was_emptied_is_filled_again_from_the_registry(
    service: TestClient, gated: Gated, tmp_path: Path, wait_for: WaitFor
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    promote(service, two)
    note = tmp_path / "models" / "last-good.json"
    wait_for(lambda: note.is_file() and gated.digests[two] in note.read_text(), seconds=30)
    empty(tmp_path / "models")
    response = roll_back(service)
    assert response.status_code == 201, response.text
    wait_for(lambda: label_of(service)[0] == one, seconds=30)


# --- the journal over HTTP


def test_the_journal_answers_which_model_was_in_production_at_a_time(service: TestClient, gated: Gated) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    promote(service, two)
    roll_back(service)
    entries = journal(service)
    assert [entry["to_version"] for entry in entries] == [one, two, one]
    for number, entry in enumerate(entries):
        answer = service.get("/v1/journal", params={"at": str(entry["at"])}).json()
        assert answer["champion"] == entry
        assert answer["items"] == entries[number::-1]
        assert answer["rollback_to"] == (one if entry["to_version"] == two else None)
    before = service.get("/v1/journal", params={"at": "2020-01-01T00:00:00+01:00"}).json()
    assert before == {"items": [], "champion": None, "rollback_to": None}
    assert [entry["kind"] for entry in journal(service, limit="1")] == ["rollback"]
