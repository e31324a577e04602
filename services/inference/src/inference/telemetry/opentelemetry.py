"""Application Insights through azure-monitor-opentelemetry-exporter: its envelopes and its client, without a queue.

Of its exporters only the transport is used, when it is told to: no batch processor, no disk storage, and nobody
called but the endpoint.
"""

from collections.abc import Sequence
from datetime import UTC
from types import SimpleNamespace

from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import CustomHookPolicy, RetryPolicy
from azure.core.rest import HttpRequest, HttpResponse
from azure.monitor.opentelemetry.exporter import AzureMonitorLogExporter
from azure.monitor.opentelemetry.exporter._generated.exporter.models import (
    ContextTagKeys,
    MetricDataPoint,
    MetricsData,
    MonitorBase,
    TelemetryEventData,
    TelemetryItem,
)
from azure.monitor.opentelemetry.exporter._utils import azure_monitor_context
from azure.monitor.opentelemetry.exporter.export._base import BaseExporter

from inference.telemetry.answer import Answer, read_outcomes
from inference.telemetry.borrowed import borrow, silent_logger
from inference.telemetry.connection import Connection, read_connection
from inference.telemetry.identity import build_tags
from inference.telemetry.items import Event, Item, Metric, Outcome, SinkNames
from inference.telemetry.limits import cut_name, cut_properties

# Of the data inside an envelope; the other sink's library has it in its classes.
SCHEMA_VERSION = 2


class OpentelemetrySink:
    """Holds nothing between two sends: nothing to lose, to share with a forked process, or to close."""

    def __init__(self, connection_string: str, names: SinkNames, timeout_seconds: float = 5.0) -> None:
        """The timeout is that of the connection, and then of each wait for the answer.

        Raises ValueError where the string is no connection string, without repeating it.
        """
        self._connection = read_connection(connection_string)
        self._timeout_seconds = timeout_seconds
        self._tags = build_tags(names, str(azure_monitor_context[ContextTagKeys.AI_INTERNAL_SDK_VERSION]))

    def send(self, items: Sequence[Item]) -> list[Outcome]:
        transport = Transport(self._connection, self._timeout_seconds)
        try:
            transport.transmit([self._envelop(item) for item in items])
        finally:
            transport.client.close()
        return read_outcomes(transport.answer, len(items))

    def close(self) -> None:
        pass

    def _envelop(self, item: Item) -> TelemetryItem:
        kind, data = ("Event", event_data(item)) if isinstance(item, Event) else ("Metric", metric_data(item))
        return TelemetryItem(
            instrumentation_key=self._connection.key,
            tags=self._tags,
            name=f"Microsoft.ApplicationInsights.{kind}",
            time=item.at.astimezone(UTC),
            sample_rate=100 / item.stands_for if isinstance(item, Event) else None,
            data=MonitorBase(base_type=f"{kind}Data", base_data=data),
        )


def event_data(event: Event) -> TelemetryEventData:
    return TelemetryEventData(
        version=SCHEMA_VERSION,
        name=cut_name(event.name),
        properties=cut_properties(event.properties),
        measurements={},
    )


def metric_data(metric: Metric) -> MetricsData:
    point = MetricDataPoint(
        name=cut_name(metric.name), value=metric.total, count=metric.count, min=metric.least, max=metric.most
    )
    return MetricsData(version=SCHEMA_VERSION, metrics=[point], properties=cut_properties(metric.properties))


class Transport(AzureMonitorLogExporter):
    """The library's exporter for one batch, and what the endpoint answered to it: None where it did not.

    It takes metrics as well: an envelope is an envelope. What it makes of the answer is not read, because that hides
    which items of a batch were taken, and calls a quota that is used up a reason to drop them.
    """

    # It logs whole envelopes, and a line at every try while the endpoint is away.
    _transmit = borrow(BaseExporter._transmit, {"logger": silent_logger()})

    def __init__(self, connection: Connection, timeout_seconds: float) -> None:
        self.answer: Answer | None = None
        # The library's own reader fails on an empty APPLICATIONINSIGHTS_CONNECTION_STRING in the environment.
        names = {"ConnectionStringParser": lambda _: as_read_by_library(connection)}
        borrow(BaseExporter.__init__, names)(
            self,
            timeout=timeout_seconds,
            read_timeout=timeout_seconds,
            disable_offline_storage=True,
            # Ten by default, with pauses between: the caller has its own, and cannot wait for these.
            retry_policy=RetryPolicy.no_retries(),
            custom_hook_policy=CustomHookPolicy(raw_response_hook=self._note),
        )

    def transmit(self, envelopes: list[TelemetryItem]) -> None:
        self._transmit(envelopes)

    def _note(self, response: PipelineResponse[HttpRequest, HttpResponse]) -> None:
        self.answer = Answer(response.http_response.status_code, response.http_response.read())

    def _is_stats_exporter(self) -> bool:
        """Who reports on the others is not reported on.

        Otherwise the constructor starts Statsbeat and the control plane's thread, which asks Microsoft's servers for
        settings; a variable of the environment has it ask 169.254.169.254 for an identity; and requests are logged.
        Variables turn most of this off too, but for the whole process.
        """
        return True


def as_read_by_library(connection: Connection) -> SimpleNamespace:
    return SimpleNamespace(
        endpoint=connection.endpoint,
        instrumentation_key=connection.key,
        # For reports and tokens, which there are none of.
        _connection_string="",
        region=None,
        aad_audience=None,
    )
