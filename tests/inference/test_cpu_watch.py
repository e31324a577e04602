"""The count goes on over restarts, midnights and workers, and somebody is told once: with a counter that tests set."""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from inference.cpu_budget import Spent
from inference.cpu_state import LOCK
from inference.errors import DatabaseUnavailable
from tests.inference.counted import NOON, Container, Worker
from tests.inference.listening import listening


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "cpu.json"


def seconds_in(path: Path) -> float:
    return Spent.model_validate_json(path.read_bytes()).today_seconds


def test_the_metrics_say_what_is_spent_and_of_what(path: Path) -> None:
    container = Container(taken=3.0)
    worker = Worker(container, path)
    assert worker.look() == 3.0
    container.go_on(30, took=2.0)
    assert worker.look() == 5.0
    assert worker.says("cpu_budget_seconds") == 3600
    assert worker.says("cpu_seconds_last_five_minutes") == 5.0
    assert (worker.says("memory_bytes"), worker.says("memory_limit_bytes")) == (2e8, 2**30)
    container.go_on(600, took=1.0)
    worker.look()
    assert worker.says("cpu_seconds_last_five_minutes") == pytest.approx(0.5)


def test_nothing_is_said_where_nobody_looks() -> None:
    worker = Worker(Container(), None)
    assert worker.watch.find_warning("day") is None
    worker.watch.stop()
    assert worker.says("cpu_seconds_today") == 0


def test_the_count_goes_on_in_another_container_and_begins_anew_at_midnight(path: Path) -> None:
    container = Container(taken=10.0)
    first = Worker(container, path)
    first.look()
    container.go_on(20, took=5.0)
    first.look()
    first.watch.stop()
    container.start_again(taken=2.0)
    second = Worker(container, path)
    assert second.look() == 17.0
    container.go_on(12 * 3600, took=4.0)
    assert second.look() == 4.0
    second.watch.stop()
    assert seconds_in(path) == 4.0


def test_what_a_killed_container_took_in_its_last_minute_is_all_that_is_lost(path: Path) -> None:
    container = Container(taken=10.0)
    worker = Worker(container, path)
    written = []
    for _ in range(13):
        worker.look()
        written.append(seconds_in(path))
        container.go_on(10, took=1.0)
    # Once a minute, and never more often.
    assert written == [10.0] * 6 + [16.0] * 6 + [22.0]
    container.start_again()
    assert Worker(container, path).look() == 22.0


WHOLE = (
    '{"at":"2026-11-25T11:00:00Z","today_seconds":5,"total_seconds":5,"life":"a","counter":1,'
    '"points":[["2026-11-25T11:00:00Z",5]]}'
)
DAMAGED = [
    pytest.param("", id="empty"),
    pytest.param("\xff\x00", id="no JSON"),
    pytest.param(WHOLE[:-5], id="cut off"),
    pytest.param("[]", id="a list"),
    pytest.param(WHOLE.replace('"today_seconds":5', '"today_seconds":NaN'), id="no number"),
    pytest.param(WHOLE.replace('"today_seconds":5', '"today_seconds":-5'), id="less than nothing"),
    pytest.param(WHOLE.replace("00Z", "00"), id="times of no zone"),
    pytest.param(WHOLE.replace('[["2026-11-25T11:00:00Z",5]]', "[]"), id="no points"),
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_said_once_and_counting_begins_with_this_container(
    content: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_text(content, encoding="latin-1")
    container = Container(taken=3.0)
    worker = Worker(container, path)
    with listening(caplog):
        assert worker.look() == 3.0
    assert [record.message.split()[0] for record in caplog.records] == ["cpu_state_unreadable"]
    assert seconds_in(path) == 3.0


def test_a_whole_file_is_not_damaged(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(WHOLE)
    assert Worker(Container(taken=3.0), path).look() == 7.0


def test_a_file_that_cannot_be_written_is_said_once_and_the_count_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    container = Container(taken=3.0)
    worker = Worker(container, tmp_path / "file" / "cpu.json")
    with listening(caplog):
        for _ in range(3):
            container.go_on(100, took=1.0)
            worker.look()
    assert worker.says("cpu_seconds_today") == 6.0
    [said] = [record.message for record in caplog.records]
    assert said.startswith("cpu_state_") and str(tmp_path) in said


def test_a_file_of_a_later_version_is_read(path: Path) -> None:
    container = Container(taken=3.0)
    Worker(container, path).look()
    path.write_text(json.dumps(json.loads(path.read_text()) | {"more": 1}))
    container.go_on(10, took=1.0)
    assert Worker(container, path).look() == 4.0


@pytest.mark.skipif(sys.platform != "linux", reason="one process has two turns of the same file here")
def test_one_worker_counts_for_all_and_another_goes_on_when_it_has_ended(path: Path, tmp_path: Path) -> None:
    container = Container(taken=10.0)
    first, second = (Worker(container, path, shared=tmp_path) for _ in range(2))
    assert (first.look(), second.look()) == (10.0, 0.0)
    container.go_on(30, took=5.0)
    assert (first.look(), second.look()) == (15.0, 0.0)
    # What the other finds in the file is a minute old at most; the counter is what it is.
    first.turn.end()
    container.go_on(30, took=5.0)
    assert second.look() == 20.0
    assert second.says("cpu_seconds_last_five_minutes") == 20.0
    assert (tmp_path / LOCK).exists()


def test_everybody_is_told_once_also_by_the_next_container(path: Path) -> None:
    container = Container(taken=2900.0, age_seconds=36_000)
    worker = Worker(container, path)
    worker.look()
    container.go_on(10)
    worker.look()
    [warning] = worker.listener.said
    assert worker.listener.entered == [warning] and warning.reason == "day"
    assert worker.watch.find_warning("day") == warning
    container.start_again(taken=1.0)
    other = Worker(container, path)
    other.look()
    assert other.says("cpu_seconds_today") == 2901.0
    assert other.listener.said == []
    # Whoever has not got the turn still knows what was said.
    assert Worker(container, path).watch.find_warning("day") == warning
    container.now = NOON + timedelta(hours=13)
    container.taken += 2900
    other.look()
    assert [each.reason for each in other.listener.said] == ["day"]


def test_a_message_that_finds_no_database_is_entered_later_and_said_only_once(path: Path) -> None:
    container = Container(taken=3000.0, age_seconds=36_000)
    worker = Worker(container, path)
    worker.listener.is_away = True
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable):
            worker.look()
        container.go_on(10)
    worker.listener.is_away = False
    worker.look()
    worker.look()
    assert len(worker.listener.said) == 1
    assert worker.listener.entered == worker.listener.said


def test_without_a_budget_nobody_is_told(path: Path) -> None:
    worker = Worker(Container(taken=80_000.0), path, budget_seconds=0)
    assert worker.look() == 80_000
    assert worker.says("cpu_budget_seconds") == 0
    assert worker.listener.said == []


def test_a_look_costs_next_to_nothing(tmp_path: Path) -> None:
    """Of this very process, which reads /proc: in a container it is a file or two instead."""
    from inference.cpu_watch import EVERY_SECONDS, find_readable

    meter = find_readable(os.getpid())
    if meter is None:
        pytest.skip("nothing is measured here")
    container = Container()
    container.read = meter.read  # type: ignore[method-assign]
    worker = Worker(container, tmp_path / "cpu.json")
    before = os.times()
    for _ in range(100):
        container.go_on(EVERY_SECONDS)
        worker.watch.look()
    after = os.times()
    seconds = (after.user + after.system - before.user - before.system) / 100
    # A minute a day would be a sixtieth of the free plan.
    assert seconds * 86_400 / EVERY_SECONDS < 60


def test_a_start_shows_what_it_took_and_tells_nobody_until_the_first_look(tmp_path: Path) -> None:
    container = Container(taken=3000.0)
    worker = Worker(container, tmp_path / "cpu.json")
    worker.listener.is_away = True
    worker.watch.show_start()
    assert worker.says("cpu_seconds_today") == 3000.0
    assert worker.listener.said == []
    worker.listener.is_away = False
    container.go_on(10, took=1.0)
    assert worker.look() == 3001.0
    assert [each.reason for each in worker.listener.entered][:1] == ["day"]
