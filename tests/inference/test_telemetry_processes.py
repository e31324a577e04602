"""What a sink does to its process, and what the end of the process does to what was sent: nothing."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.telemetry.sinks import Exporter
from tests.inference.recording_endpoint import KEY, RecordingEndpoint
from tests.inference.sending import EXPORTERS, REPORTS, numbers_of
from tests.inference.speaker import MACHINE, speaking


@pytest.fixture
def endpoint() -> Iterator[RecordingEndpoint]:
    with RecordingEndpoint() as endpoint:
        yield endpoint


@pytest.fixture(params=EXPORTERS)
def exporter(request: pytest.FixtureRequest) -> Exporter:
    chosen: Exporter = request.param
    return chosen


@pytest.mark.parametrize("variables", [{}, dict.fromkeys(REPORTS, "true")], ids=["nothing_said", "told_not_to"])
def test_nobody_else_is_called_no_thread_begun_and_no_file_written(
    exporter: Exporter, endpoint: RecordingEndpoint, tmp_path: Path, variables: dict[str, str]
) -> None:
    with speaking(exporter, endpoint.connection_string, tmp_path, **variables) as speaker:
        outcomes = [speaker.send(1)]
        for status in (500, 439, 400, 400, 400):
            endpoint.answer(status)
            outcomes.append(speaker.send(2))
        endpoint.close_port()
        outcomes.append(speaker.send(2))
        endpoint.come_back()
        outcomes.append(speaker.send(2))
        report = speaker.finish()
    assert outcomes == ["accepted", "later", "later", "refused", "refused", "refused", "later", "accepted"]
    address = f"127.0.0.1:{endpoint.port}"
    assert set(report["seen"]) - MACHINE == {f"connect {address}", f"look up {address}"}
    assert report["threads"] == ["MainThread"]
    assert list(tmp_path.iterdir()) == []


def test_in_azure_nobody_but_the_endpoint_of_the_region_is_called(exporter: Exporter, tmp_path: Path) -> None:
    # Either library reports on itself where it knows the region.
    host = "westeurope-5.in.applicationinsights.azure.com"
    text = f"InstrumentationKey={KEY};IngestionEndpoint=https://{host}/;LiveEndpoint=https://westeurope.example.com/"
    with speaking(exporter, text, tmp_path, APPLICATIONINSIGHTS_AUTHENTICATION_STRING="Authorization=AAD") as speaker:
        assert [speaker.send(number) for number in range(4)] == ["later"] * 4
        report = speaker.finish()
    assert set(report["seen"]) - MACHINE == {f"look up {host}:443"}
    assert report["threads"] == ["MainThread"]


def test_no_handler_of_the_library_is_among_those_of_the_log(
    exporter: Exporter, endpoint: RecordingEndpoint, tmp_path: Path
) -> None:
    with speaking(exporter, endpoint.connection_string, tmp_path) as speaker:
        assert speaker.send(1) == "accepted"
        report = speaker.finish()
    # On Python 3.13 it raises TypeError into whoever logs.
    assert "opencensus.ext.azure.log_exporter" not in report["modules"]
    assert not [name for name in report["handlers"] if "Azure" in name]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_accepted_is_there_however_the_process_ends(
    exporter: Exporter, endpoint: RecordingEndpoint, tmp_path: Path, end: signal.Signals
) -> None:
    with speaking(exporter, endpoint.connection_string, tmp_path) as speaker:
        assert speaker.send(1) == "accepted"
        endpoint.answer(503)
        assert speaker.send(2) == "later"
        speaker.process.send_signal(end)
        assert speaker.process.wait(timeout=30) == -end
    endpoint.come_back()
    with speaking(exporter, endpoint.connection_string, tmp_path) as successor:
        assert successor.send(2) == "accepted"
    assert numbers_of(endpoint.envelopes()) == [1, 2]


FORKED = """
import os, sys
from datetime import UTC, datetime
from inference.telemetry.items import Event, SinkNames
from inference.telemetry.sinks import build_sink

def send(first):
    for number in range(first, first + 10):
        event = Event("prediction_rejected", {"prediction_id": f"p-{number}"}, datetime.now(UTC))
        assert sink.send([event])[0].value == "accepted"

# As `gunicorn --preload` has it, at its worst: made, and used, before the workers are.
sink = build_sink(sys.argv[1], sys.argv[2], SinkNames())
send(0)
workers = []
for worker in (1, 2, 3):
    if not (pid := os.fork()):
        send(10 * worker)
        os._exit(0)
    workers.append(pid)
send(40)
assert [os.waitpid(pid, 0)[1] for pid in workers] == [0, 0, 0]
"""


def test_a_sink_made_before_its_process_forks_serves_all_of_them(
    exporter: Exporter, endpoint: RecordingEndpoint
) -> None:
    subprocess.run([sys.executable, "-c", FORKED, exporter, endpoint.connection_string], check=True, timeout=60)
    assert sorted(numbers_of(endpoint.envelopes())) == list(range(50))
