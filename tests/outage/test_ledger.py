"""The ledger finds what is lost; and without the outbox something is."""

import subprocess
import sys
from pathlib import Path

import pytest

from inference.database import build_engine
from inference.metrics import Metrics
from inference.privacy import Privacy
from inference.telemetry.items import SinkNames
from inference.telemetry.outbox import TelemetryOutbox
from inference.telemetry.sender import Sender
from inference.telemetry.sinks import build_sink
from inference.telemetry.telemetry import Telemetry
from tests.inference.conftest import migrate
from tests.inference.recording_endpoint import RecordingEndpoint
from tests.outage.databases import Sqlite, rejections_in
from tests.outage.ledger import Ledger, arrived_at

ROOT = Path(__file__).parents[2]


def test_what_is_there_and_arrived_has_no_fault_however_often_it_arrived() -> None:
    ledger = Ledger(["a", "b"], rows=["a:1", "b:2"], arrived=["b:2", "a:1", "b:2", "b:2"])
    assert ledger.faults() == []
    assert ledger.doubles == 2


@pytest.mark.parametrize(
    ("acknowledged", "rows", "arrived", "fault"),
    [
        ("a b", "a:1", "a:1", "1 acknowledged, and not in the database, such as b"),
        ("a", "a:1 b:2", "a:1 b:2", "1 in the database, and nobody was told, such as b"),
        ("a b", "a:1 b:2", "a:1 a:1", "1 in the database, and did not arrive, such as b:2"),
        ("a", "a:1", "a:1 b:2", "1 arrived, and not in the database, such as b:2"),
        ("a", "a:1 a:2", "a:1 a:2", "1 in the database twice, such as a"),
        ("a a", "a:1", "a:1", "1 acknowledged twice, such as a"),
        ("a b c", "a:1 b:2 c:3", "", "3 in the database, and did not arrive, such as a:1"),
    ],
)
def test_each_kind_of_fault_is_found(acknowledged: str, rows: str, arrived: str, fault: str) -> None:
    assert Ledger(acknowledged.split(), rows.split(), arrived.split()).faults() == [fault]


# Twenty rejections while Azure is away, then a death. In memory they wait in a queue, as those of the libraries do.
VICTIM = """
import os, queue, signal, sys, threading, time
from datetime import UTC, datetime
from inference.database import build_engine
from inference.telemetry.items import Event, Outcome, SinkNames
from inference.telemetry.sinks import build_sink
from tests.inference.stored import Stored

_, kept_in, database_url, connection_string = sys.argv
stored, waiting = Stored(build_engine(database_url)), queue.Queue()

def carry():
    sink = build_sink("opencensus", connection_string, SinkNames())
    while event := waiting.get():
        while sink.send([event]) != [Outcome.ACCEPTED]:
            time.sleep(0.05)

threading.Thread(target=carry, daemon=True).start()
for number in range(1, 21):
    prediction_id = stored.predict(f"late {number}")
    stored.judge(prediction_id, copied=kept_in == "outbox")
    properties = {"feedback_id": f"{prediction_id}:{number}"}
    if kept_in == "memory":
        waiting.put(Event("prediction_rejected", properties, datetime.now(UTC)))
    print(prediction_id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("kept_in", "lost"), [("memory", 20), ("outbox", 0)])
def test_what_waits_in_memory_is_lost_with_its_process_and_what_waits_in_the_outbox_is_not(
    kept_in: str, lost: int, tmp_path: Path
) -> None:
    database = Sqlite(tmp_path / "inference.db")
    migrate(database.url)
    with RecordingEndpoint() as endpoint:
        endpoint.close_port()
        command = [sys.executable, "-c", VICTIM, kept_in, database.url, endpoint.connection_string]
        died = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        endpoint.come_back()
        send_what_is_left(database.url, endpoint)
        ledger = Ledger(died.stdout.split(), rejections_in(database), arrived_at(endpoint))
    assert len(ledger.acknowledged) == 20, died.stderr
    assert [fault.partition(", such")[0] for fault in ledger.faults()] == (
        [f"{lost} in the database, and did not arrive"] if lost else []
    )


def send_what_is_left(database_url: str, endpoint: RecordingEndpoint) -> None:
    """As the next process does."""
    engine, privacy = build_engine(database_url), Privacy("key")
    sink = build_sink("opencensus", endpoint.connection_string, SinkNames())
    assert sink is not None
    telemetry = Telemetry(privacy, 0, include_text=False)
    Sender(sink, TelemetryOutbox(engine), telemetry, privacy, Metrics(), include_text=False).send()
    engine.dispose()
