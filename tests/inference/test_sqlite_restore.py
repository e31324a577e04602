"""What is made of a copy at the start: the good one is taken, a damaged one set aside, and nothing is overwritten."""

import logging
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from inference.settings import Settings, load_settings
from inference.sqlite_copy import SqliteCopy, build_copy
from inference.sqlite_restore import restore
from tests.inference.kept import Kept, end, judge, predict
from tests.inference.running import CONFIGURATION

ROWS = 2000


@pytest.fixture
def kept(tmp_path: Path) -> SqliteCopy:
    """With its copies written, and the disk empty."""
    (tmp_path / "disk").mkdir()
    database = tmp_path / "disk" / "inference.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE rows (word TEXT)")
        connection.executemany("INSERT INTO rows VALUES (?)", ((f"late {number}",) for number in range(ROWS)))
        connection.commit()
    kept = SqliteCopy(database, tmp_path / "share" / "inference.db")
    assert kept.finish()
    for file in database.parent.iterdir():
        file.unlink()
    return kept


def count(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        [number] = connection.execute("SELECT count(*) FROM rows").fetchone()
    return int(number)


def empty(content: bytes) -> bytes:
    return b""


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def garble(content: bytes) -> bytes:
    return b"no database" * 1000


def blot(content: bytes) -> bytes:
    """Some of its pages are nothing any more."""
    return content[:4096] + bytes(8192) + content[12288:]


DAMAGES = [empty, cut, garble, blot]


def test_the_first_copy_is_taken(kept: SqliteCopy) -> None:
    restore(kept)
    assert count(kept.database) == ROWS
    assert [file.name for file in kept.database.parent.iterdir()] == ["inference.db"]


def test_the_second_is_taken_where_the_first_is_not_there(kept: SqliteCopy) -> None:
    kept.copies[0].unlink()
    restore(kept)
    assert count(kept.database) == ROWS


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_one_is_set_aside_and_the_other_one_taken(
    kept: SqliteCopy, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    damaged = damage(kept.copies[0].read_bytes())
    kept.copies[0].write_bytes(damaged)
    with caplog.at_level(logging.INFO, "inference"):
        restore(kept)
    assert count(kept.database) == ROWS
    [aside] = kept.copies[0].parent.glob("inference.db.damaged-*")
    assert aside.read_bytes() == damaged
    assert f"sqlite_copy_damaged path={kept.copies[0]} kept_as={aside}" in caplog.text
    assert f"sqlite_restored path={kept.copies[1]} " in caplog.text
    # The next turn writes both anew.
    assert kept.finish()
    assert kept.copies[0].read_bytes() == kept.copies[1].read_bytes()
    assert aside.read_bytes() == damaged


def test_where_both_are_damaged_it_begins_anew_and_throws_nothing_away(kept: SqliteCopy) -> None:
    for copy in kept.copies:
        copy.write_bytes(cut(copy.read_bytes()))
    restore(kept)
    assert list(kept.database.parent.iterdir()) == []
    assert sorted(file.name.partition(".damaged-")[0] for file in kept.copies[0].parent.iterdir()) == [
        "inference.db",
        "inference.db.second",
    ]


def test_a_database_that_is_there_is_newer_than_its_copy(kept: SqliteCopy) -> None:
    with closing(sqlite3.connect(kept.database)) as connection:
        connection.execute("CREATE TABLE rows (word TEXT)")
    restore(kept)
    assert count(kept.database) == 0


def test_what_is_left_of_another_database_is_not_read_into_it(kept: SqliteCopy, tmp_path: Path) -> None:
    """Its log: SQLite takes whatever lies there for the log of the file beside it."""
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE rows (word TEXT)")
        connection.commit()
        log = other.with_name("other.db-wal").read_bytes()
    kept.database.with_name("inference.db-wal").write_bytes(log)
    restore(kept)
    assert count(kept.database) == ROWS


def test_a_database_that_is_damaged_itself_is_not_copied_over_a_good_copy(
    kept: SqliteCopy, caplog: pytest.LogCaptureFixture
) -> None:
    good = kept.copies[0].read_bytes()
    kept.database.write_bytes(blot(good))
    assert not kept.finish()
    assert "sqlite_copy_failed" in caplog.text and "damaged" in caplog.text
    assert [copy.read_bytes() for copy in kept.copies] == [good, good]


# --- the service as it is really started


def test_a_service_with_a_damaged_copy_starts_from_the_other_one(
    make_bundle: Callable[..., Path], tmp_path: Path, unused_url: str
) -> None:
    kept = Kept(tmp_path / "disk", tmp_path / "share", make_bundle(), unused_url)
    with kept.running() as service:
        judge(service, prediction_id := predict(service))
        end(service)
    kept.lose_the_disk()
    kept.copy.write_bytes(cut(kept.copy.read_bytes()))
    with kept.running() as service:
        assert kept.rows(kept.database)[1] == {prediction_id}
        assert "sqlite_copy_damaged " in service.log.read_text()


def test_it_does_not_start_where_a_copy_cannot_be_read(tmp_path: Path) -> None:
    """It would write an empty one over it, once it can."""
    (tmp_path / "copy.db").mkdir()
    chosen = {"DATABASE_URL": f"sqlite:///{tmp_path}/inference.db", "SQLITE_COPY": str(tmp_path / "copy.db")}
    ended = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", str(CONFIGURATION), "inference.app:create_app()"],
        env={"PATH": "", "TMPDIR": str(tmp_path)} | {f"INFERENCE_{name}": value for name, value in chosen.items()},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert f"error: INFERENCE_SQLITE_COPY: {tmp_path}/copy.db cannot be read" in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert not (tmp_path / "inference.db").exists()


# --- what is set


def refusal(monkeypatch: pytest.MonkeyPatch, database_url: str) -> str:
    monkeypatch.setenv("INFERENCE_DATABASE_URL", database_url)
    monkeypatch.setenv("INFERENCE_SQLITE_COPY", "/home/data/inference.db")
    with pytest.raises(SystemExit) as ended:
        load_settings()
    return str(ended.value)


def test_it_is_for_sqlite_and_for_another_file(monkeypatch: pytest.MonkeyPatch) -> None:
    words = refusal(monkeypatch, "postgresql://u:c4n4ry@db/inference")
    assert words.startswith("error: INFERENCE_SQLITE_COPY: ") and "INFERENCE_DATABASE_URL" in words
    assert "c4n4ry" not in words
    assert refusal(monkeypatch, "sqlite:////home/data/inference.db").startswith("error: INFERENCE_SQLITE_COPY: ")


def test_without_the_variable_none_is_kept(tmp_path: Path) -> None:
    assert build_copy(Settings(database_url=SecretStr(f"sqlite:///{tmp_path}/inference.db"))) is None
