"""gunicorn brings the database up to date before its workers start, where that is asked for, or does not start."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil

from tests.inference.kept import judge, predict
from tests.inference.running import CONFIGURATION, running

REVISION = "SELECT version_num FROM alembic_version"


def revision_of(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        [found] = connection.execute(REVISION).fetchone()
    return str(found)


def refusal(folder: Path, database_url: str) -> str:
    """What gunicorn ends with."""
    chosen = {"INFERENCE_DATABASE_URL": database_url, "INFERENCE_MIGRATE_AT_START": "true", "TMPDIR": str(folder)}
    ended = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", str(CONFIGURATION), "inference.app:create_app()"],
        env=os.environ | chosen,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stdout + ended.stderr and "Booting worker" not in ended.stdout
    [line] = ended.stderr.splitlines()
    return line


def test_an_empty_disk_is_enough(
    make_bundle: Callable[..., Path], migrated_sqlite: Path, tmp_path: Path, unused_url: str
) -> None:
    database = tmp_path / "new" / "inference.db"
    settings = {"database_url": f"sqlite:///{database}", "bundle": str(make_bundle()), "migrate_at_start": "true"}
    with running(tmp_path, unused_url, **settings) as service:
        judge(service, predict(service))
        log = service.log.read_text()
        assert log.index("database_migrated ") < log.index("Booting worker")
        # Whoever did it has ended, and its libraries are not carried along.
        master = psutil.Process(service.process.pid)
        assert len(master.children()) == 1
        sys.stdout.write(f"\n  master: {master.memory_info().rss / 2**20:.0f} MB\n")
    assert revision_of(database) == revision_of(migrated_sqlite)


def test_who_only_starts_it_does_not_read_its_libraries() -> None:
    code = "import inference.migrating, sys; print([name for name in ('alembic', 'sqlalchemy') if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_without_it_the_tables_are_left_to_others(
    make_bundle: Callable[..., Path], database_url: str, tmp_path: Path, unused_url: str
) -> None:
    with running(tmp_path, unused_url, database_url=database_url, bundle=str(make_bundle())) as service:
        assert "database_migrated" not in service.log.read_text()


def test_an_image_from_before_goes_on_with_a_database_of_a_later_one(
    make_bundle: Callable[..., Path], database_url: str, tmp_path: Path, unused_url: str
) -> None:
    """A step back to it must not stop at what the later one has done."""
    database = tmp_path / "inference.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    settings = {"database_url": database_url, "bundle": str(make_bundle()), "migrate_at_start": "true"}
    with running(tmp_path, unused_url, **settings) as service:
        judge(service, predict(service))
        assert "database_is_newer " in service.log.read_text()
    assert revision_of(database) == "9999"


def test_a_file_that_is_no_database_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "inference.db").write_bytes(b"no database" * 100)
    line = refusal(tmp_path, f"sqlite:///{tmp_path}/inference.db")
    assert line == "error: INFERENCE_MIGRATE_AT_START: file is not a database"


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = refusal(tmp_path, f"sqlite:///{tmp_path}/file/inference.db")
    assert line.startswith("error: INFERENCE_MIGRATE_AT_START: ") and f"{tmp_path}/file" in line


def test_a_postgres_that_is_away_is_said_in_one_line_without_its_password(tmp_path: Path, unused_url: str) -> None:
    address = unused_url.removeprefix("http://")
    line = refusal(tmp_path, f"postgresql://somebody:c4n4ry@{address}/inference")
    assert line.startswith("error: INFERENCE_MIGRATE_AT_START: ") and "onnection refused" in line
    assert "c4n4ry" not in line


def test_postgres_is_brought_up_to_date_too_and_a_second_time_is_nothing(empty_postgres: str) -> None:
    """By the process alone: who serves on Postgres has a role that may not."""
    for _ in range(2):
        ended = subprocess.run(
            [sys.executable, "-m", "inference.migrating", str(CONFIGURATION.parent)],
            env=os.environ | {"INFERENCE_DATABASE_URL": empty_postgres},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
