"""How many lines there are about requests: all that went wrong, and of the others no more than their budget."""

import io
import re
from collections.abc import Callable

import pytest

from inference.logs import configure_logging, load_logging_config
from inference.metrics import Metrics
from inference.request_log import RequestLog, is_request_id

LINE = re.compile(r"request_served request_id=(\S+) method=GET route=(\S+) status=(\d+) ms=1500\.0 level=INFO ")
PREDICTIONS = "/v1/predictions"
CONSOLE = {"class": "logging.StreamHandler", "formatter": "line"}

ReadLines = Callable[[], list[str]]


class Clock:
    """In place of the module `time`: a second passes when the test says so."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("inference.request_log.time", clock)
    return clock


@pytest.fixture
def read_lines(monkeypatch: pytest.MonkeyPatch) -> ReadLines:
    """What was written since the last time."""
    written = io.StringIO()
    config = load_logging_config() | {"handlers": {"console": CONSOLE | {"stream": written}}}
    monkeypatch.setattr("inference.logs.load_logging_config", lambda: config)
    configure_logging()

    def read() -> list[str]:
        lines = written.getvalue().splitlines()
        written.seek(0)
        written.truncate()
        return lines

    return read


def note(log: RequestLog, count: int = 1, route: str = PREDICTIONS, status: int = 200) -> None:
    for _ in range(count):
        log.note("GET", route, b"mine", status, 1.5)


def found_in(lines: list[str]) -> list[tuple[str, ...]]:
    return [found.groups() for found in map(LINE.match, lines) if found]


def test_a_line_says_what_was_asked_and_what_became_of_it(read_lines: ReadLines) -> None:
    note(RequestLog(Metrics(), 10))
    assert found_in(read_lines()) == [("mine", PREDICTIONS, "200")]


def test_beyond_so_many_a_second_requests_are_counted_in_one_line(read_lines: ReadLines, clock: Clock) -> None:
    log = RequestLog(Metrics(), 2)
    note(log, 20)
    assert len(found_in(read_lines())) == 2
    clock.now += 1
    note(log)
    counted, last = read_lines()
    assert counted.startswith("requests_served count=18 reason=log_lines_per_second level=INFO ")
    assert found_in([last])
    clock.now += 1
    note(log)
    assert len(read_lines()) == 1


def test_without_the_budget_each_of_them_has_a_line(read_lines: ReadLines, clock: Clock) -> None:
    note(RequestLog(Metrics(), 10**6), 20)
    assert len(found_in(read_lines())) == 20


def test_what_went_wrong_is_always_written_and_takes_no_line_from_the_others(
    read_lines: ReadLines, clock: Clock
) -> None:
    log = RequestLog(Metrics(), 2)
    for status in (400, 404, 422, 429, 500, 503):
        note(log, 3, status=status)
    assert len(found_in(read_lines())) == 18
    note(log, 5)
    assert len(found_in(read_lines())) == 2


def test_with_a_budget_of_none_only_what_went_wrong_is_written(read_lines: ReadLines, clock: Clock) -> None:
    log = RequestLog(Metrics(), 0)
    note(log, 20)
    note(log, status=500)
    assert [status for *_, status in found_in(read_lines())] == ["500"]


@pytest.mark.parametrize("probe", ["/health/live", "/health/ready", "/metrics"])
def test_probes_have_no_line_and_take_none_from_the_others(read_lines: ReadLines, clock: Clock, probe: str) -> None:
    log = RequestLog(Metrics(), 2)
    note(log, 20, probe)
    note(log, 2)
    clock.now += 1
    note(log)
    assert found_in(read_lines()) == [("mine", PREDICTIONS, "200")] * 3
    note(log, 1, probe, 503)
    assert found_in(read_lines()) == [("mine", probe, "503")]


def test_each_request_is_counted_whether_it_has_a_line_or_not(read_lines: ReadLines, clock: Clock) -> None:
    metrics = Metrics()
    log = RequestLog(metrics, 2)
    note(log, 20)
    note(log, 3, status=404)
    note(log, 4, "/health/live")
    found = metrics.render().decode()
    assert f'inference_requests_total{{method="GET",route="{PREDICTIONS}",status="200"}} 20.0' in found
    assert f'inference_requests_total{{method="GET",route="{PREDICTIONS}",status="404"}} 3.0' in found
    assert 'inference_requests_total{method="GET",route="/health/live",status="200"} 4.0' in found
    assert f'inference_request_seconds_sum{{route="{PREDICTIONS}"}} 34.5' in found


@pytest.mark.parametrize("given", [b"a", b"7f3c.x_Y-1", b"x" * 64])
def test_a_request_id_is_one_short_word(given: bytes) -> None:
    assert is_request_id(given)


@pytest.mark.parametrize(
    "given", [b"", b" ", b"x" * 65, b"a b", b"a\n", b"a\r\nlevel=ERROR", b"\xc3\xa9", b"a=b", b'"']
)
def test_anything_else_is_none(given: bytes) -> None:
    assert not is_request_id(given)
