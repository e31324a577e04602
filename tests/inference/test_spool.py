"""Rows on the disk: whole or not at all, each file read by all and removed by one."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from inference.spool import Spool, SpoolFull

MIB = 1024 * 1024
WRITER = """
import sys, time
from pathlib import Path
from inference.spool import Spool
Spool(Path(sys.argv[1]), 1024 * 1024).add([b'"one"', b'"two"'])
print("added", flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def spool(folder: Path) -> Spool:
    return Spool(folder, MIB)


@dataclass(frozen=True)
class Looked:
    rows: list[bytes]
    is_ours: bool


def look(folder: Path) -> list[Looked]:
    """As another worker sees it."""
    files = Spool(folder, MIB).files()
    return [Looked([row for group in file.groups for row in group], file.is_ours) for file in files]


def rows_in(folder: Path) -> list[bytes]:
    return [row for file in look(folder) for row in file.rows]


def test_rows_come_back_whole_and_in_their_order(spool: Spool, folder: Path) -> None:
    rows = [json.dumps(text, ensure_ascii=False).encode() for text in ("late\n", '\U0001f600 \\ "', "", "x" * 5000)]
    spool.add(rows[:1])
    spool.add(rows[1:3])
    spool.seal()
    spool.add(rows[3:])
    assert rows_in(folder) == rows
    assert len(look(folder)) == 2


def test_an_empty_or_absent_folder_holds_nothing(spool: Spool, folder: Path) -> None:
    assert rows_in(folder) == []
    assert spool.measure() == 0
    spool.seal()
    spool.sync()


@pytest.mark.parametrize("torn", [b'{"text": "la', b'"whole but without its end of line"', b"\xff\xfe", b"["])
def test_a_torn_last_line_is_left_out(spool: Spool, folder: Path, torn: bytes) -> None:
    spool.add([b'"one"', b'"two"'])
    [path] = folder.glob("*.rows")
    with path.open("ab") as file:
        file.write(torn)
    assert rows_in(folder) == [b'"one"', b'"two"']


def test_the_file_of_a_living_writer_is_read_but_not_ours(spool: Spool, folder: Path) -> None:
    spool.add([b'"one"'])
    assert [(file.rows, file.is_ours) for file in look(folder)] == [([b'"one"'], False)]
    spool.seal()
    assert [(file.rows, file.is_ours) for file in look(folder)] == [([b'"one"'], True)]


def test_without_the_lock_a_living_writers_file_would_pass_for_a_dead_ones(folder: Path) -> None:
    folder.mkdir()
    with (folder / "1.rows").open("wb", buffering=0) as file:
        file.write(b'"one"\n')
        assert [spooled.is_ours for spooled in look(folder)] == [True]


def test_the_file_of_a_worker_that_was_killed_is_ours(folder: Path, wait_for: Callable[..., None]) -> None:
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"added\n"
        assert [(file.rows, file.is_ours) for file in look(folder)] == [([b'"one"', b'"two"'], False)]
        writer.send_signal(signal.SIGKILL)
    assert writer.returncode == -signal.SIGKILL
    assert [(file.rows, file.is_ours) for file in look(folder)] == [([b'"one"', b'"two"'], True)]


def test_a_file_that_one_has_is_not_also_another_s(spool: Spool, folder: Path) -> None:
    spool.add([b'"one"'])
    spool.seal()
    for file in spool.files():
        assert file.is_ours
        assert [other.is_ours for other in look(folder)] == [False]
        file.path.unlink()
        assert look(folder) == []


def test_a_full_spool_takes_nothing_in_part(folder: Path) -> None:
    spool = Spool(folder, 20)
    spool.add([b'"one"'])
    with pytest.raises(SpoolFull):
        spool.add([b'"two"', b'"three, which is too long"'])
    assert rows_in(folder) == [b'"one"']
    spool.add([b'"two"'])
    assert rows_in(folder) == [b'"one"', b'"two"']


def test_without_the_limit_the_same_rows_have_room(folder: Path) -> None:
    spool = Spool(folder, MIB)
    spool.add([b'"one"'])
    spool.add([b'"two"', b'"three, which is too long"'])
    assert len(rows_in(folder)) == 3


def test_the_rows_of_all_workers_count_for_the_limit_and_room_comes_back(folder: Path) -> None:
    first, second = Spool(folder, 20), Spool(folder, 20)
    first.add([b'"one, of 15 b"'])
    assert second.measure() == 15
    with pytest.raises(SpoolFull):
        second.add([b'"two"'])
    first.seal()
    for file in second.files():
        file.path.unlink()
    assert second.measure() == 0
    second.add([b'"two"'])
    assert rows_in(folder) == [b'"two"']


def test_a_disk_without_room_is_a_full_spool_and_the_next_row_is_kept_once_there_is_some(
    spool: Spool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(descriptor: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    spool.add([b'"one"'])
    with monkeypatch.context() as full:
        full.setattr(os, "write", write)
        with pytest.raises(SpoolFull):
            spool.add([b'"two"'])
    spool.add([b'"three"'])
    assert rows_in(folder) == [b'"one"', b'"three"']
    assert spool.waiting_bytes == spool.measure()


def test_what_the_disk_took_in_part_is_taken_back(spool: Spool, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_all = os.write
    spool.add([b'"one"'])
    with monkeypatch.context() as nearly_full:
        nearly_full.setattr(os, "write", lambda descriptor, content: write_all(descriptor, content[:8]))
        with pytest.raises(SpoolFull):
            spool.add([b'"two"', b'"three"'])
    spool.add([b'"four"'])
    assert rows_in(folder) == [b'"one"', b'"four"']


def test_a_folder_that_cannot_be_made_is_a_full_spool(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    with pytest.raises(SpoolFull):
        Spool(tmp_path / "spool", MIB).add([b'"one"'])


def test_files_are_for_their_owner_alone(spool: Spool, folder: Path) -> None:
    spool.add([b'"one"'])
    [path] = folder.iterdir()
    assert path.suffix == ".rows"
    assert path.stat().st_mode & 0o777 == 0o600
