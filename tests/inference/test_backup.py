"""A backup and its restore, on a real Postgres; what only containers can show is in tests/stack/test_restore.py."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import pytest

from inference.database import build_engine
from inference.journal_store import JournalStore
from inference.loop_tables import journal
from inference.promotion import ModelVersion, Move
from inference.tables import feedback, predictions
from inference.turns import Turns
from tests.inference.containers import Containers
from tests.inference.own_postgres import own_postgres
from tests.inference.roles import Roles, query
from tests.inference.stored import Row, Stored

Migrate = Callable[..., None]
Spoil = Callable[[Path], object]

FILES = ("inference.dump", "mlflow.dump", "mlflow-files.tar")
ARTIFACT = "artifacts/1/models/m-1/artifacts/model.onnx"


@pytest.fixture(scope="module")
def roles() -> Iterator[Roles]:
    with own_postgres() as server:
        yield Roles(server.url)


@pytest.fixture
def containers(roles: Roles, tmp_path: Path, migrate_database: Migrate) -> Iterator[Containers]:
    """As `docker compose up` leaves them, with something in each of them."""
    assert roles.make().returncode == 0
    migrate_database(roles.url("inference_owner"))
    query(roles, "mlflow", "mlflow", "CREATE TABLE runs (id serial, name text); INSERT INTO runs (name) VALUES ('one')")
    query(roles, "mlflow", "mlflow", "CREATE TABLE alembic_version AS SELECT 'abc'::text AS version_num")
    containers = Containers(roles, tmp_path)
    containers.prepare()
    (containers.files / ARTIFACT).parent.mkdir(parents=True)
    (containers.files / ARTIFACT).write_bytes(b"\0model\n")
    write(roles)
    yield containers
    destroy(roles)


def write(roles: Roles, text: str = "before", version: str = "1") -> None:
    engine = build_engine(roles.url("inference_api"))
    stored = Stored(engine)
    stored.judge(stored.predict(text, author="a" * 64), comment=f"{text}, 'judged' ✈", reviewer="b" * 64)
    with Turns(engine).taken("champion") as turn:
        move = Move(datetime.now(UTC), "promotion", "Ann", "better", None, ModelVersion(version, "d" * 64))
        JournalStore(engine).write(move, turn)
    engine.dispose()


def rows(roles: Roles) -> list[list[Row]]:
    engine = build_engine(roles.url("inference_api"))
    found = [Stored(engine).rows(table) for table in (predictions, feedback, journal)]
    engine.dispose()
    return found


def destroy(roles: Roles) -> None:
    """As `docker compose down --volumes` does it."""
    for name in ("inference", "mlflow", "restored_inference", "restored_mlflow"):
        query(roles, "postgres", "postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    for role in ("inference_owner", "inference_api", "mlflow"):
        query(roles, "postgres", "postgres", f"DROP ROLE IF EXISTS {role}")


def back_up(containers: Containers) -> Path:
    made = containers.run("backup.sh", "backup")
    assert made.returncode == 0, made.stderr
    return containers.folder / "backup"


# --- there and back


def test_what_was_backed_up_and_destroyed_is_back_as_it_was(containers: Containers, migrate_database: Migrate) -> None:
    before = rows(containers.roles)
    back_up(containers)
    destroy(containers.roles)
    shutil.rmtree(containers.files)
    containers.files.mkdir()
    containers.running.write_text("")
    restored = containers.run("restore.sh", "backup")
    assert restored.returncode == 0, restored.stderr
    assert "docker compose up" in restored.stdout.splitlines()[-1]
    assert rows(containers.roles) == before
    assert (containers.files / ARTIFACT).read_bytes() == b"\0model\n"
    assert query(containers.roles, "mlflow", "mlflow", "SELECT * FROM runs") == [(1, "one")]
    # And goes on: with the next numbers, the same rights, the rules of before, and migrations by its owner.
    write(containers.roles, "after")
    assert [row["sequence"] for row in rows(containers.roles)[0]] == [1, 2]
    query(containers.roles, "mlflow", "mlflow", "INSERT INTO runs (name) VALUES ('two'); ALTER TABLE runs ADD more int")
    for statement in (
        "DELETE FROM predictions",
        "DROP TABLE predictions",
        "UPDATE alembic_version SET version_num = 1",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            query(containers.roles, "inference_api", "inference", statement)
    with pytest.raises(psycopg2.errors.RaiseException, match="append-only"):
        query(containers.roles, "postgres", "inference", "DELETE FROM journal")
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        query(containers.roles, "mlflow", "inference", "SELECT 1")
    query(containers.roles, "inference_api", "inference", "SELECT drop_drift_reports()")
    migrate_database(containers.roles.url("inference_owner"), "0003")
    migrate_database(containers.roles.url("inference_owner"), "head")


def test_the_manifest_says_what_it_is_and_nobody_else_reads_it(containers: Containers) -> None:
    made = containers.run("backup.sh", "backup")
    folder = containers.folder / "backup"
    manifest = (folder / "manifest.txt").read_text()
    for name in FILES:
        assert f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" in manifest
        assert name in made.stdout
    assert "format: 1\n" in manifest and "migration: 0005\n" in manifest and "mlflow_migration: abc\n" in manifest
    assert folder.stat().st_mode & 0o077 == 0
    assert {path.name for path in folder.iterdir()} == {*FILES, "manifest.txt"}
    # The database before the files that it names.
    spoken = [line for line in containers.asked if "pg_dump" in line or " tar " in line]
    assert [line.split()[-1] for line in spoken] == ["inference", "mlflow", "."]


# --- what is there already


def test_databases_that_are_not_empty_are_replaced_only_by_whoever_is_sure(containers: Containers) -> None:
    back_up(containers)
    before = rows(containers.roles)
    write(containers.roles, "after", "2")
    (containers.files / "later").write_text("later")
    later = rows(containers.roles)
    containers.running.write_text("db\n")
    refused = containers.run("restore.sh", "backup")
    assert (refused.returncode, rows(containers.roles)) == (1, later)
    assert "--yes" in refused.stderr
    restored = containers.run("restore.sh", "backup", "--yes")
    assert restored.returncode == 0, restored.stderr
    assert rows(containers.roles) == before
    assert not (containers.files / "later").exists()


def test_what_runs_is_stopped_only_by_whoever_is_sure(containers: Containers) -> None:
    back_up(containers)
    containers.running.write_text("db\ninference\nmlflow\n")
    refused = containers.run("restore.sh", "backup")
    assert refused.returncode == 1
    assert "still running: inference mlflow" in refused.stderr
    assert containers.run("restore.sh", "--yes", "backup").returncode == 0
    assert "compose stop inference mlflow" in containers.asked


# --- what is no backup


def reworded(pattern: str, instead: str) -> Spoil:
    def spoil(folder: Path) -> None:
        changed, count = re.subn(pattern, instead, (folder / "manifest.txt").read_text(), flags=re.MULTILINE)
        assert count == 1
        (folder / "manifest.txt").write_text(changed)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (shutil.rmtree, "no backup"),
        (lambda folder: (folder / "manifest.txt").rename(folder / "manifest.txt.part"), "not finished"),
        (lambda folder: os.truncate(folder / "inference.dump", 1000), "not what the manifest says"),
        (lambda folder: (folder / "mlflow-files.tar").write_bytes(b"another"), "not what the manifest says"),
        (lambda folder: (folder / "mlflow.dump").unlink(), "not what the manifest says"),
        (reworded(r"^.* mlflow\.dump\n", ""), "three files"),
        (reworded(r"^migration: 0005$", "migration: 9999"), "9999"),
        (reworded(r"^format: 1$", "format: 2"), "format"),
        (reworded(r"^postgres: .*$", "postgres: 99.1"), "Postgres 99.1"),
    ],
)
def test_what_is_no_whole_backup_of_ours_touches_nothing(containers: Containers, spoil: Spoil, words: str) -> None:
    spoil(back_up(containers))
    before = rows(containers.roles)
    refused = containers.run("restore.sh", "backup", "--yes")
    assert refused.returncode == 1
    assert words in refused.stderr.splitlines()[-1]
    assert rows(containers.roles) == before
    assert (containers.files / ARTIFACT).exists()


def test_a_dump_that_breaks_off_halfway_leaves_what_was_there(containers: Containers) -> None:
    folder = back_up(containers)
    content = (folder / "mlflow.dump").read_bytes()
    half = content[: len(content) // 2]
    (folder / "mlflow.dump").write_bytes(half)
    old, new = (hashlib.sha256(each).hexdigest() for each in (content, half))
    (folder / "manifest.txt").write_text((folder / "manifest.txt").read_text().replace(old, new))
    write(containers.roles, "after", "2")
    before = rows(containers.roles)
    refused = containers.run("restore.sh", "backup", "--yes")
    assert refused.returncode == 1
    assert "untouched" in refused.stderr
    assert rows(containers.roles) == before
    # It can be tried again.
    back = containers.run("backup.sh", "another")
    assert back.returncode == 0
    assert containers.run("restore.sh", "another", "--yes").returncode == 0
    assert rows(containers.roles) == before


@pytest.mark.parametrize("away", ["db", "mlflow"])
def test_a_backup_that_could_not_be_finished_is_none(containers: Containers, away: str) -> None:
    failed = containers.run("backup.sh", "backup", away=away)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith("error: ")
    assert not (containers.folder / "backup" / "manifest.txt").exists()


def test_a_folder_with_something_in_it_is_not_written_to(containers: Containers) -> None:
    (containers.folder / "backup").mkdir()
    (containers.folder / "backup" / "mine").write_text("mine")
    refused = containers.run("backup.sh", "backup")
    assert (refused.returncode, "not empty" in refused.stderr) == (1, True)
    assert [path.name for path in (containers.folder / "backup").iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("script", "arguments"),
    [("backup.sh", ["a", "b"]), ("backup.sh", ["--all"]), ("restore.sh", []), ("restore.sh", ["a", "b"])],
)
def test_what_is_asked_wrongly_is_told_how_to_ask(containers: Containers, script: str, arguments: list[str]) -> None:
    refused = containers.run(script, *arguments)
    assert (refused.returncode, refused.stderr.startswith("error: usage: ")) == (1, True)
