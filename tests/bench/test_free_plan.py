"""The need beside the plan: what is measured of a real start, and what the table makes of the figures."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench import free_plan
from bench.free_plan import NAME, main
from bench.free_plan_measuring import Api, Load, Pages, measure_api
from bench.free_plan_report import DAYS, Day, misses_plan, predictions_a_day, predictions_a_second, report
from bench.free_plan_service import Service, as_container, as_process, ask
from bench.peers.peer import PeerFailed
from bench.texts import new_tweets
from trainer.errors import TrainerError
from trainer.figures import marks

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc here")

API = Api(
    what="made up",
    first_after_seconds=2.0,
    start_cpu_seconds=10.0,
    idle_cpu_a_minute=0.5,
    idle_megabytes=190.0,
    peak_megabytes=200.0,
    paced=Load(10.0, 2.0, 3.0),
    fast=Load(500.0, 0.5, 1.5),
)
PAGES = Pages(start_cpu_seconds=20.0, idle_cpu_a_minute=1.0, open_cpu_a_minute=3.0, megabytes=300.0)


@pytest.mark.parametrize(
    ("day", "pages", "fits"),
    [
        # 3,600 s without a start of 10 s and 1,440 minutes of half a second, at 2 ms each.
        pytest.param(Day(1, 24), None, 1_435_000, id="awake all day"),
        pytest.param(Day(10, 8), None, 1_630_000, id="ten starts"),
        pytest.param(Day(1, 24), PAGES, 705_000, id="with the pages"),
        pytest.param(Day(400, 24), None, 0, id="more starts than there is time for"),
    ],
)
def test_how_many_predictions_fit_in_a_day(day: Day, pages: Pages | None, fits: int) -> None:
    assert predictions_a_day(day, API, pages) == fits


def test_how_many_predictions_a_second_five_minutes_take() -> None:
    # 180 s without five times half a second, at half a millisecond each.
    assert predictions_a_second(API) == pytest.approx(1183.3, abs=0.1)
    assert predictions_a_second(replace(API, idle_cpu_a_minute=60.0)) == 0


def test_the_table_has_the_need_beside_the_plan() -> None:
    lines = report(API, PAGES).splitlines()
    assert "The API made up;" in lines[0]
    assert "| first prediction after, s | 2.00 | – | 230 |" in lines
    assert "| the same, awake all day, min | 12.0 | 24.0 | 60 min a day |" in lines
    assert "| a prediction, ms of processor, 10 a second | 2.00 | – | 60 min a day |" in lines
    assert "| the same, 500 a second | 0.50 | – | 60 min a day |" in lines
    assert "| memory, at most, MB | 200 | 300 | 1,024, together |" in lines
    assert "| one start, awake for 24 h | 1,435,000 | 705,000 |" in lines
    assert sum(line.startswith("| ") for line in lines) == 9 + 2 + len(DAYS)
    assert lines[-1].startswith("Three minutes of processor in five are 1,183 predictions a second")
    assert "the API and the pages take 500 MB, which fits in the plan's 1,024" in lines[-1]


def test_pages_that_were_not_measured_are_a_dash() -> None:
    lines = report(API, None).splitlines()
    assert "| a start, s of processor | 10.0 | – | 60 min a day |" in lines
    assert "| a page open, s of processor a minute | – | – | 60 min a day |" in lines
    assert "| one start, awake for 24 h | 1,435,000 | – |" in lines
    assert "the API, without the pages, takes 200 MB" in lines[-1]


@pytest.mark.parametrize(
    ("api", "pages", "misses"),
    [
        pytest.param(API, PAGES, False, id="fits"),
        pytest.param(replace(API, peak_megabytes=800.0), PAGES, True, id="too much memory together"),
        pytest.param(replace(API, peak_megabytes=800.0), None, False, id="enough for one of them"),
        pytest.param(replace(API, idle_cpu_a_minute=2.5), None, True, id="gone with nobody there"),
    ],
)
def test_what_does_not_fit_is_noticed(api: Api, pages: Pages | None, misses: bool) -> None:
    assert misses_plan(api, pages) is misses
    if misses and api.peak_megabytes > 700:
        assert "which is more than the plan's 1,024" in report(api, pages)


@pytest.mark.parametrize(("api", "ends_with"), [(API, 0), (replace(API, idle_cpu_a_minute=9.0), 2)])
def test_it_is_written_between_its_marks(
    api: Api, ends_with: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(free_plan, "measure", lambda *_, with_pages: (api, PAGES if with_pages else None))
    document = tmp_path / "deployment.md"
    document.write_text("before\n{}\nold\n{}\nafter\n".format(*marks(NAME)))
    assert main(["--write", str(document)]) == ends_with
    content = document.read_text()
    assert capsys.readouterr().out.strip() in content and "old" not in content
    assert content.startswith("before\n") and content.endswith("after\n")
    document.write_text("no marks")
    with pytest.raises(TrainerError, match="must hold the lines"):
        main(["--write", str(document), "--api-only"])


@needs_proc
def test_a_real_start_is_measured_and_nothing_is_left_of_it() -> None:
    said: list[str] = []
    with as_process() as service:
        found = measure_api(service, new_tweets(), idle_seconds=1.0, load_seconds=1.0, say=said.append)
        with pytest.raises(PeerFailed, match="a tweet was not answered: .*422"):
            ask(service, [""], 1.0, 0)
    assert not Path(f"/proc/{service.process}").exists()
    assert found.first_after_seconds > 0.3
    # More than one Python that only begins, and less than the plan gives for all starts of a day.
    assert 0.5 < found.start_cpu_seconds < 60
    assert 0 <= found.idle_cpu_a_minute < 30
    assert 50 < found.idle_megabytes <= found.peak_megabytes < 1024
    assert 5 < found.paced.per_second < 15
    assert found.fast.per_second > found.paced.per_second
    assert 0 < found.fast.cpu_milliseconds < 100
    assert len(said) == 3


def test_an_image_that_is_not_there_is_said() -> None:
    with pytest.raises(PeerFailed, match="docker"), as_container("localhost/no-such-image:at-all") as service:
        assert isinstance(service, Service)


def test_the_caller_needs_nothing_but_python(tmp_path: Path) -> None:
    """What it loads would be time of the processor that it takes from the service, and memory."""
    source = Path(free_plan.__file__).with_name("free_plan_client.py")
    command = [sys.executable, "-I", "-S", "-c", source.read_text(encoding="utf-8")]
    told = '{"texts": ["late"], "port": 9, "seconds": 1, "per_second": 1}'
    said = subprocess.run(command, input=told, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert said.stderr.strip().splitlines()[-1].startswith("ConnectionRefusedError")
