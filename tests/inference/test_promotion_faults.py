"""What goes wrong in the middle of a promotion, on both databases: the alias counts, and the journal follows it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from inference import promoter
from inference.database import build_engine
from inference.errors import DatabaseUnavailable
from inference.journal_store import JournalStore
from tests.inference import killed_promotion
from tests.inference.faulty_registry import FaultyRegistry, faulty_registry
from tests.inference.gated import (
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
from tests.inference.roles import superuser

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

ALIAS = "registered-models/alias"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.registry_access.ANSWER_SECONDS", 60)


@pytest.fixture
def gated(registered_model: RegisteredModel, make_bundle: Make) -> Gated:
    return Gated(registered_model, make_bundle)


@pytest.fixture
def line(gated: Gated) -> Iterator[FaultyRegistry]:
    with faulty_registry(gated.url) as line:
        yield line


@pytest.fixture
def service(gated: Gated, line: FaultyRegistry, start_app: StartApp) -> Iterator[TestClient]:
    with start_app(mlflow_url=line.url, registered_model=gated.name) as client:
        yield client


def test_an_answer_that_is_lost_after_the_alias_moved_is_found_out(
    service: TestClient, gated: Gated, line: FaultyRegistry
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    line.faults = {("POST", ALIAS): "unanswered"}
    response = promote(service, two)
    assert response.status_code == 201, response.text
    assert (gated.champion(), moves(service)) == (two, [("found", None, one), ("promotion", one, two)])


def test_a_request_that_never_arrived_has_moved_nothing(
    service: TestClient, gated: Gated, line: FaultyRegistry, wait_for: WaitFor
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    line.faults = {("POST", ALIAS): "lost"}
    response = promote(service, two)
    assert (response.status_code, response.json()["detail"]) == (503, "The registry did not move the champion.")
    assert "retry-after" in response.headers
    assert (gated.champion(), moves(service)) == (one, [("found", None, one)])
    line.faults = {}
    assert promote(service, two).status_code == 201


@pytest.mark.parametrize("arrives", [True, False])
def test_mlflow_that_goes_away_in_the_middle_leaves_what_is_mended_once_it_is_back(
    service: TestClient,
    gated: Gated,
    line: FaultyRegistry,
    wait_for: WaitFor,
    arrives: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    wait_for(lambda: moves(service) == [("found", None, one)], seconds=30)
    fault_of = line.fault_of

    def go_away(method: str, path: str) -> object:
        fault = fault_of(method, path)
        if method == "POST":
            line.is_away = True
            return "unanswered" if arrives else "lost"
        return fault

    monkeypatch.setattr(line, "fault_of", go_away)
    response = promote(service, two)
    assert response.status_code == 503
    assert "whether the champion has moved is not known" in response.json()["detail"]
    assert promote(service, two).status_code == 503
    assert moves(service) == [("found", None, one)]
    monkeypatch.undo()
    line.is_away = False
    if arrives:
        # It asks seldom while MLflow is away.
        wait_for(lambda: moves(service)[1:] == [("found", one, two)], seconds=60)
        assert journal(service)[-1]["reason"] == "the alias was moved without this service"
        assert roll_back(service).json()["to_version"] == one
    else:
        assert promote(service, two).status_code == 201


@pytest.mark.parametrize("path", [ALIAS, "model-versions/get", "get-artifact"])
def test_mlflow_that_is_away_before_anything_moved_is_503(
    service: TestClient, gated: Gated, line: FaultyRegistry, path: str
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    line.faults = {("GET", path): "lost"}
    response = promote(service, two)
    assert (response.status_code, gated.champion()) == (503, one)
    assert response.json()["detail"] == "The registry gives no usable answer: ConnectionError."
    line.faults = {}
    # The turn is free at once.
    assert promote(service, two).status_code == 201


def test_a_database_that_goes_away_after_the_alias_moved_is_told_and_mended(
    service: TestClient, gated: Gated, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    wait_for(lambda: moves(service) == [("found", None, one)], seconds=30)

    def fail(*_: object) -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(JournalStore, "write", fail)
    response = promote(service, two)
    assert response.status_code == 503
    assert response.json()["detail"].startswith(
        f"Version {two} is the champion now, but who moved it and why could not"
    )
    monkeypatch.undo()
    wait_for(lambda: moves(service)[1:] == [("found", one, two)], seconds=30)


def test_whoever_moves_the_alias_by_hand_meanwhile_is_not_overwritten(
    service: TestClient, gated: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = gated.first_champion()
    two, three = (gated.judged(name, against=one) for name in ("two", "three"))
    obtain = promoter.obtain

    def interfere(*arguments: object) -> object:
        gated.move_by_hand(three)
        return obtain(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(promoter, "obtain", interfere)
    response = promote(service, two)
    assert (response.status_code, gated.champion()) == (503, three)
    assert response.json()["detail"] == "Somebody moved the champion in the registry meanwhile."


def test_whoever_was_overtaken_writes_nothing(
    service: TestClient, gated: Gated, monkeypatch: pytest.MonkeyPatch, database_url: str, wait_for: WaitFor
) -> None:
    """A worker that stood still after it had moved the alias, while its turn ended."""
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    move_champion = promoter.move_champion

    def stand_still(*arguments: object) -> None:
        move_champion(*arguments)  # type: ignore[arg-type]
        engine = build_engine(database_url)
        with superuser(engine) as connection:
            connection.exec_driver_sql("DELETE FROM turns")
        engine.dispose()

    monkeypatch.setattr(promoter, "move_champion", stand_still)
    response = promote(service, two)
    assert response.status_code == 503
    wait_for(lambda: moves(service) == [("found", None, one), ("found", one, two)], seconds=30)


@pytest.mark.parametrize("moment", ["before the alias", "before the journal"])
def test_a_worker_killed_in_the_middle_leaves_what_the_others_mend(
    gated: Gated, start_app: StartApp, tmp_path: Path, database_url: str, wait_for: WaitFor, moment: str
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    with start_app(**gated.settings) as client:
        wait_for(lambda: moves(client) == [("found", None, one)], seconds=30)
        arguments = [database_url, gated.url, gated.name, str(tmp_path / "other"), moment, two]
        command = [sys.executable, "-m", killed_promotion.__name__, *arguments]
        killed = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, timeout=120)
        assert killed.returncode == -9, killed.stderr.decode()
        if moment == "before the alias":
            assert gated.champion() == one
            # Its turn ends by itself.
            wait_for(lambda: promote(client, two).status_code == 201, seconds=30)
            assert moves(client)[1:] == [("promotion", one, two)]
        else:
            assert gated.champion() == two
            wait_for(lambda: moves(client)[1:] == [("found", one, two)], seconds=30)
            assert "champion already" in refused(promote(client, two))
            assert roll_back(client).json()["to_version"] == one


def test_a_rollback_whose_line_was_lost_is_not_gone_forward_from(
    service: TestClient, gated: Gated, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    one = gated.first_champion()
    two = gated.judged("two", against=one)
    promote(service, two)
    three = gated.judged("three", against=two)
    promote(service, three)

    def fail(*_: object) -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(JournalStore, "write", fail)
    assert roll_back(service).status_code == 503
    monkeypatch.undo()
    wait_for(lambda: moves(service)[-1] == ("found", three, two), seconds=30)
    assert roll_back(service).json()["to_version"] == one
