"""A prediction is found though its row is still on its way, and what is not there is not waited for."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from inference.database import build_engine
from inference.errors import DatabaseUnavailable, UnknownPrediction
from inference.finding import PATIENCE_SECONDS, age_of, find_prediction
from inference.metrics import Metrics
from inference.prediction_log import PredictionLog
from inference.rows import build_row
from inference.spool import Spool
from inference.store import Store, StoredPrediction

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


class CountingStore(Store):
    """The real one; `reads` are its looks for one prediction."""

    reads = 0

    def read_prediction(self, prediction_id: UUID) -> StoredPrediction:
        self.reads += 1
        return super().read_prediction(prediction_id)


class Machine:
    """Its own spool and its own connections; the database is everybody's."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.store = CountingStore(build_engine(database_url))
        self.log = PredictionLog(Spool(folder, 10**6), self.store, Metrics())

    async def find(self, prediction_id: object) -> StoredPrediction:
        return await find_prediction(str(prediction_id), self.store, self.log)


StartMachine = Callable[[str], Machine]


@pytest.fixture
def start_machine(tmp_path: Path, database_url: str) -> Iterator[StartMachine]:
    machines: list[Machine] = []

    def start(name: str) -> Machine:
        machines.append(Machine(tmp_path / name, database_url))
        return machines[-1]

    yield start
    for machine in machines:
        machine.store.close()


@pytest.fixture
def here(start_machine: StartMachine) -> Machine:
    return start_machine("here")


def id_from(seconds_ago: float) -> UUID:
    """A UUID of version 7 that was made then."""
    milliseconds = int((time.time() - seconds_ago) * 1000)
    head = milliseconds.to_bytes(6, "big")
    return UUID(bytes=head + bytes([0x70]) + os.urandom(1) + bytes([0x80]) + os.urandom(7))


def answer_now(machine: Machine, prediction_id: UUID) -> None:
    shares = {"negative": 0.75, "positive": 0.25}
    row = build_row(
        prediction_id=prediction_id,
        text="late",
        label="negative",
        probability=0.75,
        probabilities=shares,
        abstained=False,
        model_name="m",
        model_version="1",
        model_digest="d" * 64,
        created_at=datetime.now(UTC),
    )
    machine.log.add([row])


def test_the_age_of_an_id_is_read_from_it(database_url: str) -> None:
    assert age_of(id_from(10)) == pytest.approx(10, abs=1)
    assert not 0 <= age_of(UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479")) <= PATIENCE_SECONDS


@pytest.mark.parametrize("kind", ["random", "old", "from the future"])
def test_an_unknown_id_that_is_not_of_the_last_moments_is_404_without_a_wait(here: Machine, kind: str) -> None:
    unknown = {"random": uuid4(), "old": id_from(60), "from the future": id_from(-3600)}[kind]
    with pytest.raises(UnknownPrediction):
        asyncio.run(here.find(unknown))
    # Once at first, once when the rows of this machine were brought in.
    assert here.store.reads == 2


@pytest.mark.parametrize("given", ["", "no-such-id", "\0", "x" * 5000])
def test_what_is_no_id_is_404_without_a_look(here: Machine, given: str) -> None:
    with pytest.raises(UnknownPrediction):
        asyncio.run(here.find(given))
    assert here.store.reads == 0


def test_an_unknown_id_of_this_moment_is_404_after_some_patience(here: Machine) -> None:
    started = time.monotonic()
    with pytest.raises(UnknownPrediction):
        asyncio.run(here.find(id_from(0)))
    assert time.monotonic() - started > PATIENCE_SECONDS - 0.2
    assert here.store.reads > 2


def test_a_prediction_of_this_machine_is_found_at_once(here: Machine) -> None:
    async def answer_and_find() -> StoredPrediction:
        prediction_id = id_from(0)
        answer_now(here, prediction_id)
        found = await here.find(prediction_id)
        assert found.prediction_id == prediction_id
        return found

    found = asyncio.run(answer_and_find())
    assert found == replace(found, text="late", label="negative", probability=0.75)
    assert here.store.reads == 2


async def find_what_comes_later(here: Machine, there: Machine, seconds: float) -> StoredPrediction:
    prediction_id = id_from(0)

    async def bring_in_later() -> None:
        await asyncio.sleep(seconds)
        await there.log.catch_up()

    answer_now(there, prediction_id)
    later = asyncio.create_task(bring_in_later())
    try:
        return await here.find(prediction_id)
    finally:
        await later


def test_a_prediction_of_another_machine_is_found_once_that_has_brought_it_in(
    here: Machine, start_machine: StartMachine
) -> None:
    assert asyncio.run(find_what_comes_later(here, start_machine("there"), 0.5)).text == "late"
    assert here.store.reads > 2


def test_without_patience_the_same_prediction_is_404(
    here: Machine, start_machine: StartMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.finding.PATIENCE_SECONDS", 0)
    with pytest.raises(UnknownPrediction):
        asyncio.run(find_what_comes_later(here, start_machine("there"), 0.5))


def test_while_the_database_is_away_it_is_503_not_404(tmp_path: Path, database_url: str) -> None:
    away = Machine(tmp_path / "away", "postgresql+psycopg2://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailable):
        asyncio.run(away.find(id_from(0)))
