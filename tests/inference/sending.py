"""What the tests of the sinks share: what is sent, and by which library."""

from collections.abc import Sequence
from datetime import UTC, datetime

from inference.telemetry.items import Event, Outcome, Sink, SinkNames
from inference.telemetry.sinks import Exporter, build_sink
from tests.inference.recording_endpoint import Envelope, RecordingEndpoint

ACCEPTED, LATER, REFUSED = Outcome.ACCEPTED, Outcome.LATER, Outcome.REFUSED
EXPORTERS: tuple[Exporter, ...] = ("opencensus", "opentelemetry")
NAMES = SinkNames(role="inference", instance="worker-1")
AT = datetime(2026, 11, 23, 1, 2, 3, 456789, tzinfo=UTC)
# What either library reads to decide whom else to call.
STATSBEAT = "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL"
REPORTS = (STATSBEAT, "APPLICATIONINSIGHTS_SDKSTATS_DISABLED", "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED")


def open_sink(exporter: Exporter, endpoint: RecordingEndpoint) -> Sink:
    sink = build_sink(exporter, endpoint.connection_string, NAMES)
    assert sink is not None
    return sink


def rejected(number: int) -> Event:
    return Event("prediction_rejected", {"prediction_id": f"p-{number}", "probability": "0.93"}, AT)


def numbers_of(envelopes: Sequence[Envelope]) -> list[int]:
    ids = [envelope["data"]["baseData"]["properties"]["prediction_id"] for envelope in envelopes]
    return [int(number.removeprefix("p-")) for number in ids]
