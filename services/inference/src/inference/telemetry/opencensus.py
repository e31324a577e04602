"""Application Insights through opencensus-ext-azure: its envelopes, and its transport, on our own terms.

Of the library only what sends is used, when it is told to. Its log handler, queue, worker thread, disk storage and
Statsbeat are not even imported: each can lose telemetry, or asks an address that nobody gave it.
"""

import platform
from collections.abc import Sequence
from datetime import UTC
from types import MethodType, SimpleNamespace

import requests
from opencensus.common.version import __version__ as opencensus_version
from opencensus.ext.azure.common import protocol
from opencensus.ext.azure.common.transport import TransportMixin
from opencensus.ext.azure.common.version import __version__ as extension_version

from inference.telemetry.answer import Answer, read_outcomes
from inference.telemetry.borrowed import borrow, silent_logger
from inference.telemetry.connection import Connection, read_connection
from inference.telemetry.identity import build_tags
from inference.telemetry.items import Event, Item, Metric, Outcome, SinkNames
from inference.telemetry.limits import cut_name, cut_properties

SDK_VERSION = f"py{platform.python_version()}:oc{opencensus_version}:ext{extension_version}"


class OpencensusSink:
    """Holds nothing between two sends: nothing to lose, to share with a forked process, or to close."""

    def __init__(self, connection_string: str, names: SinkNames, timeout_seconds: float = 5.0) -> None:
        """The timeout is that of the connection, and then of each wait for the answer.

        Raises ValueError where the string is no connection string, without repeating it.
        """
        self._connection = read_connection(connection_string)
        self._timeout_seconds = timeout_seconds
        self._tags = build_tags(names, SDK_VERSION)

    def send(self, items: Sequence[Item]) -> list[Outcome]:
        transport = Transport(self._connection, self._timeout_seconds)
        transport.transmit([self._envelop(item) for item in items])
        return read_outcomes(transport.answer, len(items))

    def close(self) -> None:
        pass

    def _envelop(self, item: Item) -> protocol.Envelope:
        kind, data = ("Event", event_data(item)) if isinstance(item, Event) else ("Metric", metric_data(item))
        envelope = protocol.Envelope(
            iKey=self._connection.key,
            tags=self._tags,
            name=f"Microsoft.ApplicationInsights.{kind}",
            time=item.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            data=protocol.Data(baseType=f"{kind}Data", baseData=data),
        )
        if isinstance(item, Event):
            envelope.sampleRate = 100 / item.stands_for
        return envelope


def event_data(event: Event) -> protocol.Event:
    return protocol.Event(name=cut_name(event.name), properties=cut_properties(event.properties), measurements={})


def metric_data(metric: Metric) -> protocol.MetricData:
    point = protocol.DataPoint(
        name=cut_name(metric.name), value=metric.total, count=metric.count, min=metric.least, max=metric.most
    )
    return protocol.MetricData(metrics=[point], properties=cut_properties(metric.properties))


class Transport(TransportMixin):  # type: ignore[misc]
    """The library's transport for one batch, and what the endpoint answered to it: None where it did not.

    What the library itself makes of the answer is not read. Without Statsbeat it calls a refused connection a reason
    to drop the batch, and it never tells which items of a batch were taken.
    """

    # The library keeps in it what it wants to send again: our rows wait in the database.
    storage = None
    # A redirect moves this batch alone: a wrong one is not to move all that come after.
    _consecutive_redirects = 0

    def __init__(self, connection: Connection, timeout_seconds: float) -> None:
        # Not the library's Options: they fail on an empty APPLICATIONINSIGHTS_CONNECTION_STRING in the environment, and
        # where no temporary folder can be written.
        self.options = SimpleNamespace(
            endpoint=connection.endpoint, timeout=timeout_seconds, credential=None, proxies="{}"
        )
        self.answer: Answer | None = None
        watched = SimpleNamespace(post=self._post, Timeout=requests.Timeout, RequestException=requests.RequestException)
        # It logs whole envelopes, and a line at every try while the endpoint is away.
        names = {"requests": watched, "logger": silent_logger()}
        self._transmit = MethodType(borrow(TransportMixin._transmit, names), self)

    def transmit(self, envelopes: list[protocol.Envelope]) -> None:
        self._transmit(envelopes)

    def _check_stats_collection(self) -> bool:
        """Statsbeat's counts are for Statsbeat, which never starts here, whatever the environment says of it."""
        return False

    def _post(
        self,
        *,
        url: str,
        data: str,
        headers: dict[str, str],
        timeout: float,
        proxies: dict[str, str],
        allow_redirects: bool,
    ) -> requests.Response:
        response = requests.post(
            url, data=data, headers=headers, timeout=timeout, proxies=proxies, allow_redirects=allow_redirects
        )
        self.answer = Answer(response.status_code, response.content)
        return response
