"""The copy of a SQLite database, on real processes: what is there again when the disk is lost, and what is not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from inference.database import build_engine
from inference.jobs import now
from inference.privacy import Privacy
from inference.retention import Retention
from tests.inference.kept import Kept, end, judge, predict
from tests.inference.stored import files_with

WaitFor = Callable[..., None]

# Of the service, and of whoever erases.
KEY = "a key of these tests"


@pytest.fixture
def kept(make_bundle: Callable[..., Path], tmp_path: Path, unused_url: str) -> Kept:
    return Kept(tmp_path / "disk", tmp_path / "share" / "data", make_bundle(), unused_url)


def test_what_was_said_before_the_end_is_there_on_the_next_disk(kept: Kept) -> None:
    with kept.running(sqlite_copy_seconds="3600") as service:
        ids = [predict(service) for _ in range(20)]
        for each in ids[:5]:
            judge(service, each)
        said = end(service)
    assert said.count("sqlite_copied ") >= 1 and "sqlite_copy_failed" not in said
    kept.lose_the_disk()
    with kept.running() as service:
        assert kept.rows(kept.database) == (set(ids), set(ids[:5]))
        items = requests.get(f"{service.url}/v1/feedback", timeout=10).json()["items"]
        assert [each["prediction_id"] for each in items] == ids[:5]
        # Who judges one of before judges what is there.
        judge(service, ids[7])
        assert f"sqlite_restored path={kept.copy} " in service.log.read_text()


def test_a_container_that_is_killed_loses_no_more_than_the_last_turn(kept: Kept, wait_for: WaitFor) -> None:
    with kept.running() as service:
        first = [predict(service) for _ in range(10)]
        for each in first:
            judge(service, each)
        wait_for(lambda: kept.rows(kept.copy) == (set(first), set(first)) and kept.rows(kept.second)[1] == set(first))
        last = [predict(service) for _ in range(10)]
        for each in last:
            judge(service, each)
        os.killpg(service.process.pid, signal.SIGKILL)
        service.process.wait()
    kept.lose_the_disk()
    with kept.running() as service:
        _, judged = kept.rows(kept.database)
        assert set(first) <= judged <= {*first, *last}
        judge(service, predict(service))


def test_nothing_is_written_while_nothing_changes(kept: Kept, wait_for: WaitFor) -> None:
    with kept.running() as service:
        judge(service, predict(service))
        wait_for(lambda: len(kept.rows(kept.second)[1]) == 1)
        # Its files are looked at again as long as they are young, and then no more.
        time.sleep(1.5)
        before = [file.stat().st_mtime_ns for file in (kept.copy, kept.second)]
        lines = service.log.read_text().count("sqlite_copied ")
        time.sleep(1.5)
        assert [file.stat().st_mtime_ns for file in (kept.copy, kept.second)] == before
        assert service.log.read_text().count("sqlite_copied ") == lines
    assert kept.copy.read_bytes() == kept.second.read_bytes()
    assert {file.name for file in kept.share.iterdir()} == {kept.copy.name, kept.second.name}
    # One plain file: in the mode of the service it would want another one beside it.
    assert kept.copy.read_bytes()[18:20] == b"\x01\x01"


def test_two_workers_write_one_after_the_other_and_all_of_it(kept: Kept) -> None:
    with kept.running(workers="2") as service:
        ids = [predict(service) for _ in range(60)]
        for each in ids:
            judge(service, each)
        said = end(service)
    assert len({line.split("process=")[1].split()[0] for line in said.splitlines() if "request_served" in line}) == 2
    assert "sqlite_copy_failed" not in said and "Traceback" not in said
    assert kept.rows(kept.copy) == kept.rows(kept.second) == (set(ids), set(ids))


def test_a_share_that_is_away_is_said_and_tried_again_and_everybody_is_answered(kept: Kept, wait_for: WaitFor) -> None:
    with kept.running() as service:
        judge(service, predict(service))
        wait_for(lambda: len(kept.rows(kept.second)[1]) == 1)
        away = kept.share.parent.rename(kept.share.parent.with_name("away"))
        # Nobody can make a folder below it.
        kept.share.parent.touch()
        ids = [predict(service) for _ in range(10)]
        for each in ids:
            judge(service, each)
        wait_for(lambda: f"sqlite_copy_failed path={kept.copy} " in service.log.read_text())
        assert requests.get(f"{service.url}/health/ready", timeout=5).ok
        kept.share.parent.unlink()
        away.rename(kept.share.parent)
        wait_for(lambda: set(ids) <= kept.rows(kept.copy)[1])
        assert "Traceback" not in end(service)


def test_it_ends_in_good_order_while_the_share_is_away(kept: Kept, tmp_path: Path) -> None:
    with kept.running(sqlite_copy_seconds="3600") as service:
        judge(service, predict(service))
        (tmp_path / "share").touch()
        assert "sqlite_copy_failed" in end(service)


# --- what is erased


def erase(kept: Kept, person: str) -> str:
    settings = {
        "DATABASE_URL": f"sqlite:///{kept.database}",
        "SQLITE_COPY": str(kept.copy),
        "SPOOL_DIR": str(kept.folder / "spool"),
        "SUBJECT_KEY": KEY,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "inference", "erase", person],
        env=os.environ | {f"INFERENCE_{name}": value for name, value in settings.items()},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return ended.stdout


def tell(kept: Kept, wait_for: WaitFor, url: str) -> None:
    for each in ("c4n4ry of Jane", "late of John"):
        body = {"text": each, "author": each.split()[-1]}
        assert requests.post(f"{url}/v1/predictions", json=body, timeout=10).ok
    wait_for(lambda: len(found(kept)) == 2)


def found(kept: Kept) -> list[Path]:
    return files_with(kept.share, "c4n4ry")


def test_who_is_erased_is_gone_from_the_copy_when_the_command_ends(kept: Kept, wait_for: WaitFor) -> None:
    # The service itself would be an hour late.
    with kept.running(subject_key=KEY, sqlite_copy_seconds="1") as service:
        tell(kept, wait_for, service.url)
    with kept.running(subject_key=KEY, sqlite_copy_seconds="3600") as service:
        assert len(found(kept)) == 2
        said = erase(kept, "Jane")
        assert found(kept) == []
        assert "texts 1" in said and "copy" not in said
        os.killpg(service.process.pid, signal.SIGKILL)
        service.process.wait()
    kept.lose_the_disk()
    with kept.running(subject_key=KEY) as service:
        texts = [each["text"] for each in requests.get(f"{service.url}/v1/predictions", timeout=10).json()["items"]]
        assert texts == [None, "late of John"]


def test_a_copy_that_cannot_be_written_is_named_by_who_erases(kept: Kept, wait_for: WaitFor, tmp_path: Path) -> None:
    with kept.running(subject_key=KEY) as service:
        tell(kept, wait_for, service.url)
        end(service)
    (tmp_path / "share").rename(tmp_path / "away")
    (tmp_path / "share").touch()
    assert str(kept.copy) in erase(kept, "Jane")


def test_what_is_erased_beside_the_service_is_gone_with_its_next_turn(kept: Kept, wait_for: WaitFor) -> None:
    with kept.running(subject_key=KEY) as service:
        tell(kept, wait_for, service.url)
        engine = build_engine(f"sqlite:///{kept.database}")
        Retention(engine).erase(Privacy(KEY).pseudonym("Jane"), now())
        engine.dispose()
        wait_for(lambda: found(kept) == [])
        assert kept.rows(kept.copy)[0] == kept.rows(kept.database)[0]
