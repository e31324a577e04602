"""Which library carries the telemetry, by its name in the settings."""

from typing import Literal

from inference.telemetry.items import Sink, SinkNames

Exporter = Literal["opencensus", "opentelemetry", "none"]


def build_sink(exporter: Exporter, connection_string: str | None, names: SinkNames) -> Sink | None:
    """None where there is nothing to send with, or nowhere to send to.

    Raises ValueError where the string is no connection string; its message reads on from the name of the variable.
    """
    if exporter == "none" or not connection_string:
        return None
    # Each library costs 40 MB and most of a second: only the one in use is imported.
    if exporter == "opentelemetry":
        from inference.telemetry.opentelemetry import OpentelemetrySink

        return OpentelemetrySink(connection_string, names)
    from inference.telemetry.opencensus import OpencensusSink

    return OpencensusSink(connection_string, names)
