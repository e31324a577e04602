"""Azure away, workers killed, the database restarted, the service ended: each rejection is kept once, and arrives.

`make test` sends some hundred of them through all of that, `make outage` ten thousand, and through more of it.
"""

import os
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from inference.telemetry.sinks import Exporter
from tests.inference.conftest import free_port, migrate, wait_for
from tests.inference.recording_endpoint import RecordingEndpoint
from tests.outage.caller import CANARY
from tests.outage.callers import BATCH, CALLERS, Callers
from tests.outage.databases import DATABASES, Database, opened, rejections_in, waiting_in
from tests.outage.ledger import Ledger, arrived_at
from tests.outage.life import Life, living
from tests.outage.troubles import everyday_troubles, more_troubles

CHAMPION = Path(__file__).parents[2] / "models" / "champion"
EXPORTERS: tuple[Exporter, ...] = ("opencensus", "opentelemetry")
EVERYDAY_REJECTIONS = 600
REJECTIONS = int(os.environ.get("REJECTIONS", EVERYDAY_REJECTIONS))
IS_EVERYDAY = REJECTIONS <= EVERYDAY_REJECTIONS
# Every day each of them once, with one of the others.
PAIRS = list(zip(EXPORTERS, DATABASES, strict=True)) if IS_EVERYDAY else list(product(EXPORTERS, DATABASES))
TROUBLES = everyday_troubles if IS_EVERYDAY else more_troubles
# What is promised once Azure is back. What a killed worker had in its hands is due after half a minute.
DRAINED_SECONDS = 60


@pytest.fixture
def endpoint() -> Iterator[RecordingEndpoint]:
    with RecordingEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def database(database_name: str, tmp_path: Path) -> Iterator[Database]:
    with opened(database_name, tmp_path) as database:
        migrate(database.url)
        yield database


@pytest.fixture
def life(exporter: Exporter, database: Database, endpoint: RecordingEndpoint, tmp_path: Path) -> Iterator[Life]:
    settings = {
        "workers": "2",
        "bundle": str(CHAMPION),
        "database_url": database.url,
        "drain_seconds": "0.5",
        "telemetry_exporter": exporter,
        "applicationinsights_connection_string": endpoint.connection_string,
    }
    with living(tmp_path, f"http://127.0.0.1:{free_port()}", **settings) as life:
        yield life


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("exporter", "database_name"), PAIRS)
def test_each_rejection_that_was_acknowledged_is_one_row_and_arrives(
    exporter: Exporter, database: Database, endpoint: RecordingEndpoint, life: Life
) -> None:
    callers = Callers(life.url, REJECTIONS)
    began = time.monotonic()
    with callers.calling():
        for share, trouble in TROUBLES(endpoint, life, database):
            callers.wait_until(share)
            trouble()
    took = time.monotonic() - began
    rows = rejections_in(database)
    waited = come_back_and_wait_for(rows, endpoint)
    if not IS_EVERYDAY:
        wait_for(lambda: waiting_in(database) == 0, DRAINED_SECONDS)
    life.end()
    ledger = Ledger(callers.acknowledged, rows, arrived_at(endpoint))
    report(ledger, f"{took:.0f} s of {exporter} on {type(database).__name__}", waited)
    assert ledger.faults() == []
    assert len(callers.acknowledged) == REJECTIONS
    # What a killed worker answered in its last turn.
    assert len(callers.forgotten) <= CALLERS * BATCH
    assert "Traceback" not in life.log
    assert CANARY not in life.log
    assert not any(CANARY in str(post.envelopes) for post in endpoint.posts())


def come_back_and_wait_for(rows: list[str], endpoint: RecordingEndpoint) -> float:
    """Seconds until the last of them was there."""
    back_at = time.monotonic()
    endpoint.come_back()
    endpoint.wait_until(lambda _: set(rows) <= set(arrived_at(endpoint)), DRAINED_SECONDS)
    return time.monotonic() - back_at


def report(ledger: Ledger, what: str, waited: float) -> None:
    events = len(set(ledger.arrived))
    sys.stdout.write(
        f"{what}: {len(ledger.acknowledged)} rejections, {len(ledger.rows)} rows, "
        f"{events} events (+{ledger.doubles} twice), all there {waited:.1f} s after the endpoint was back\n"
    )
