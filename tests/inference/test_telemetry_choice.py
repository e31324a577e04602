"""Which library, and which resource: by their names in the settings."""

import subprocess
import sys
from collections.abc import Iterator
from typing import get_args

import pytest

from inference.telemetry.connection import read_connection
from inference.telemetry.sinks import Exporter, build_sink
from tests.inference.recording_endpoint import KEY, RecordingEndpoint
from tests.inference.sending import ACCEPTED, EXPORTERS, NAMES, open_sink, rejected


@pytest.fixture
def endpoint() -> Iterator[RecordingEndpoint]:
    with RecordingEndpoint() as endpoint:
        yield endpoint


@pytest.fixture(params=EXPORTERS)
def exporter(request: pytest.FixtureRequest) -> Exporter:
    chosen: Exporter = request.param
    return chosen


def test_without_an_exporter_or_a_place_there_is_no_sink(endpoint: RecordingEndpoint) -> None:
    assert build_sink("none", endpoint.connection_string, NAMES) is None
    for exporter in get_args(Exporter):
        assert build_sink(exporter, None, NAMES) is None
        assert build_sink(exporter, "", NAMES) is None


@pytest.mark.parametrize(
    ("chosen", "imported"), [("none", set()), ("opencensus", {"opencensus"}), ("opentelemetry", {"opentelemetry"})]
)
def test_only_the_chosen_library_is_imported(endpoint: RecordingEndpoint, chosen: str, imported: set[str]) -> None:
    script = (
        "import sys; from inference.telemetry.items import SinkNames; from inference.telemetry.sinks import build_sink;"
        "assert not {'opencensus', 'opentelemetry', 'azure'} & set(sys.modules);"
        "build_sink(sys.argv[1], sys.argv[2], SinkNames());"
        "print(*({'opencensus', 'opentelemetry'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, chosen, endpoint.connection_string]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert set(ended.stdout.split()) == imported


@pytest.mark.parametrize(
    "wrong",
    [
        "hunter2",
        ";",
        "hunter2=hunter2",
        "InstrumentationKey=hunter2",
        "InstrumentationKey=",
        "IngestionEndpoint=https://hunter2.example.com",
        f"InstrumentationKey={KEY};IngestionEndpoint=hunter2",
        f"InstrumentationKey={KEY};IngestionEndpoint=https://",
        f"InstrumentationKey={KEY};IngestionEndpoint=https://hunter2 hunter2/",
        f"InstrumentationKey={KEY};IngestionEndpoint=ftp://hunter2",
        f"InstrumentationKey={KEY};IngestionEndpoint=https://hunter2@example.com",
        f"InstrumentationKey={KEY};Authorization=hunter2",
    ],
)
def test_what_is_no_connection_string_is_refused_and_not_repeated(exporter: Exporter, wrong: str) -> None:
    with pytest.raises(ValueError, match=r"^is no connection string") as refusal:
        build_sink(exporter, wrong, NAMES)
    assert "hunter2" not in str(refusal.value) and KEY not in str(refusal.value)
    # Nor by the error that it comes from, in a traceback.
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


@pytest.mark.parametrize(
    ("given", "address"),
    [
        (
            "IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/;LiveEndpoint=https://live/",
            "https://westeurope-5.in.applicationinsights.azure.com",
        ),
        (
            "EndpointSuffix=applicationinsights.azure.cn;Location=chinaeast2",
            "https://chinaeast2.dc.applicationinsights.azure.cn",
        ),
        ("EndpointSuffix=ai.contoso.com", "https://dc.ai.contoso.com"),
        ("Authorization=ikey", "https://dc.services.visualstudio.com"),
    ],
)
def test_a_connection_string_as_the_portal_gives_it_is_understood(given: str, address: str) -> None:
    connection = read_connection(f"InstrumentationKey={KEY.upper()};{given};")
    assert (connection.key, connection.endpoint) == (KEY, address)
    assert KEY not in repr(connection)


@pytest.mark.parametrize("variable", ["", "hunter2", f"InstrumentationKey={KEY[:-1]}2", f"InstrumentationKey={KEY};"])
def test_another_connection_string_in_the_environment_changes_nothing(
    exporter: Exporter, endpoint: RecordingEndpoint, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv("APPLICATIONINSIGHTS_CONNECTION_STRING", variable)
    monkeypatch.setenv("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "Authorization=AAD")
    assert open_sink(exporter, endpoint).send([rejected(1)]) == [ACCEPTED]
    assert endpoint.envelopes()[0]["iKey"] == KEY
