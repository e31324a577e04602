"""The rows of Application Insights: the same whichever library carries them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from inference.telemetry.items import Event, Metric, Sink, SinkNames
from inference.telemetry.sinks import Exporter, build_sink
from tests.inference.recording_endpoint import KEY, Envelope, RecordingEndpoint
from tests.inference.sending import ACCEPTED, AT, EXPORTERS, REPORTS, open_sink, rejected


@pytest.fixture
def endpoint() -> Iterator[RecordingEndpoint]:
    with RecordingEndpoint() as endpoint:
        yield endpoint


@pytest.fixture(params=EXPORTERS)
def exporter(request: pytest.FixtureRequest) -> Exporter:
    chosen: Exporter = request.param
    return chosen


@pytest.fixture
def sink(exporter: Exporter, endpoint: RecordingEndpoint) -> Iterator[Sink]:
    sink = open_sink(exporter, endpoint)
    yield sink
    sink.close()


def without_tags(envelope: Envelope) -> Envelope:
    return {name: value for name, value in envelope.items() if name != "tags"}


def test_an_event_is_the_same_row_whichever_library_carries_it(sink: Sink, endpoint: RecordingEndpoint) -> None:
    event = Event("prediction_rejected", {"prediction_id": "p-1", "text": 'late 😀 "\n\x00 ' + "\ud800"}, AT)
    assert sink.send([event]) == [ACCEPTED]
    [envelope] = endpoint.envelopes()
    assert without_tags(envelope) == {
        "iKey": KEY,
        "name": "Microsoft.ApplicationInsights.Event",
        "time": "2026-11-23T01:02:03.456789Z",
        "sampleRate": 100.0,
        "data": {
            "baseType": "EventData",
            "baseData": {
                "ver": 2,
                "name": "prediction_rejected",
                "properties": dict(event.properties),
                "measurements": {},
            },
        },
    }


def test_a_metric_is_the_same_row_whichever_library_carries_it(sink: Sink, endpoint: RecordingEndpoint) -> None:
    assert sink.send([Metric("request_seconds", {"route": "/predict"}, AT, 3, 0.75, 0.125, 0.5)]) == [ACCEPTED]
    [envelope] = endpoint.envelopes()
    assert without_tags(envelope) == {
        "iKey": KEY,
        "name": "Microsoft.ApplicationInsights.Metric",
        "time": "2026-11-23T01:02:03.456789Z",
        "data": {
            "baseType": "MetricData",
            "baseData": {
                "ver": 2,
                "metrics": [{"name": "request_seconds", "value": 0.75, "count": 3, "min": 0.125, "max": 0.5}],
                "properties": {"route": "/predict"},
            },
        },
    }


def test_every_row_says_who_speaks_and_no_more_of_the_machine(sink: Sink, endpoint: RecordingEndpoint) -> None:
    sink.send([rejected(1), Metric("request_seconds", {}, AT, 1, 0.5, 0.5, 0.5)])
    for envelope in endpoint.envelopes():
        assert envelope["tags"]["ai.cloud.role"] == "inference"
        assert envelope["tags"]["ai.cloud.roleInstance"] == "worker-1"
        assert set(envelope["tags"]) == {"ai.cloud.role", "ai.cloud.roleInstance", "ai.internal.sdkVersion"}


def test_a_worker_without_a_name_goes_by_its_machines(exporter: Exporter, endpoint: RecordingEndpoint) -> None:
    sink = build_sink(exporter, endpoint.connection_string, SinkNames())
    assert sink is not None
    sink.send([rejected(1)])
    [envelope] = endpoint.envelopes()
    assert envelope["tags"]["ai.cloud.roleInstance"] == os.uname().nodename


@pytest.mark.parametrize("stands_for", [1, 3, 7, 1000])
def test_one_kept_in_so_many_counts_for_so_many(sink: Sink, endpoint: RecordingEndpoint, stands_for: int) -> None:
    sink.send([Event("prediction_served", {}, AT, stands_for)])
    [envelope] = endpoint.envelopes()
    # itemCount, as Azure derives it.
    assert round(100 / envelope["sampleRate"]) == stands_for


def test_the_time_is_the_items_own_in_whatever_zone(sink: Sink, endpoint: RecordingEndpoint) -> None:
    times = [
        AT.astimezone(timezone(timedelta(hours=5, minutes=30))),
        AT.replace(microsecond=0),
        AT.replace(microsecond=1),
        AT.replace(microsecond=999_999),
    ]
    sink.send([Event("prediction_rejected", {}, at) for at in times])
    assert [datetime.fromisoformat(envelope["time"]) for envelope in endpoint.envelopes()] == times
    assert all(envelope["time"].endswith("Z") for envelope in endpoint.envelopes())


def test_what_is_longer_than_azure_takes_is_cut(sink: Sink, endpoint: RecordingEndpoint) -> None:
    long = Event("n" * 513, {"k" * 151: "v" * 8193, "é" * 150: "😀" * 8192}, AT)
    assert sink.send([long, Metric("m" * 513, {"k" * 151: "v" * 8193}, AT, 1, 1.0, 1.0, 1.0)]) == [ACCEPTED, ACCEPTED]
    event, metric = (envelope["data"]["baseData"] for envelope in endpoint.envelopes())
    assert event["name"] == "n" * 512
    assert event["properties"] == {"k" * 150: "v" * 8192, "é" * 150: "😀" * 8192}
    assert metric["metrics"][0]["name"] == "m" * 512
    assert metric["properties"] == {"k" * 150: "v" * 8192}


def test_no_name_of_a_property_means_more_than_that(sink: Sink, endpoint: RecordingEndpoint) -> None:
    # OpenTelemetry makes an exception, a session or a robot of these.
    names = ["exception.type", "session.id", "enduser.id", "user_agent.synthetic.type", "microsoft.custom_event.name"]
    sink.send([Event("prediction_rejected", dict.fromkeys(names, "bot"), AT)])
    [envelope] = endpoint.envelopes()
    assert envelope["data"]["baseType"] == "EventData"
    assert envelope["data"]["baseData"]["properties"] == dict.fromkeys(names, "bot")
    assert len(envelope["tags"]) == 3


DOCUMENTED = {
    "opencensus": """
from opencensus.ext.azure.log_exporter import AzureEventHandler
handler = AzureEventHandler(connection_string=sys.argv[1], enable_local_storage=False, export_interval=0.1)
log = logging.getLogger("documented")
log.setLevel("INFO")
log.addHandler(handler)
log.info("prediction_rejected", extra={"custom_dimensions": {"prediction_id": "p-1", "probability": "0.93"}})
handler.flush()
handler.close()
""",
    "opentelemetry": """
from azure.monitor.opentelemetry.exporter import AzureMonitorLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
provider = LoggerProvider()
exporter = AzureMonitorLogExporter(connection_string=sys.argv[1], disable_offline_storage=True)
provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
log = logging.getLogger("documented")
log.setLevel("INFO")
log.addHandler(LoggingHandler(logger_provider=provider))
named = {"microsoft.custom_event.name": "prediction_rejected", "prediction_id": "p-1", "probability": "0.93"}
log.info("any body", extra=named)
""",
}


def test_the_row_is_the_one_that_the_library_makes_as_documented(
    exporter: Exporter, sink: Sink, endpoint: RecordingEndpoint
) -> None:
    script = "import logging, sys\n" + DOCUMENTED[exporter]
    quiet = os.environ | dict.fromkeys(REPORTS, "true")
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, endpoint.connection_string], env=quiet, check=True, timeout=60
    )
    sink.send([rejected(1)])
    documented, ours = endpoint.events("prediction_rejected")
    # The documented way adds where the log record was written.
    assert documented["properties"].items() >= ours["properties"].items()
    assert documented | {"properties": ours["properties"]} == ours
