"""Secrets from files: which of file and variable counts, and how the database's password comes into its URL."""

import os
import string
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql
from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text

from inference.settings import Settings, load_settings
from tests.inference.own_postgres import OwnPostgres, own_postgres

POSTGRES = "postgresql://inference_api@db:5432/inference"
# Each of them means something in a URL, or looks like it.
AWKWARD = string.printable.strip() + " ü€%41"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "run-secrets"
    folder.mkdir()
    monkeypatch.setenv("INFERENCE_SECRETS_DIR", str(folder))
    monkeypatch.delenv("ENVIRONMENT", raising=False)
    return folder


def end_of() -> str:
    with pytest.raises(SystemExit) as end:
        load_settings()
    assert "\n" not in str(end.value)
    return str(end.value)


def url_of(settings: Settings) -> str:
    return settings.database_url.get_secret_value()


def test_a_file_is_the_setting_of_its_name(folder: Path) -> None:
    (folder / "inference_subject_key").write_text("from the file\n")
    assert Settings().subject_key.get_secret_value() == "from the file"


@pytest.mark.parametrize(
    ("content", "read"),
    [(b"key", "key"), (b"key\n", "key"), (b"key\n\n", "key\n"), (b" key \n", " key "), ("clé\n".encode(), "clé")],
)
def test_one_newline_at_the_end_is_cut_and_nothing_else(folder: Path, content: bytes, read: str) -> None:
    (folder / "inference_subject_key").write_bytes(content)
    assert Settings().subject_key.get_secret_value() == read


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_file_means_the_default(folder: Path, content: str) -> None:
    (folder / "inference_subject_key").write_text(content)
    (folder / "inference_smtp_port").write_text(content)
    assert (Settings().subject_key.get_secret_value(), Settings().smtp_port) == ("local-only", 587)


def test_a_variable_goes_before_the_file_unless_it_is_empty(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "inference_subject_key").write_text("from the file")
    monkeypatch.setenv("INFERENCE_SUBJECT_KEY", "from the variable")
    assert Settings().subject_key.get_secret_value() == "from the variable"
    monkeypatch.setenv("INFERENCE_SUBJECT_KEY", "")
    assert Settings().subject_key.get_secret_value() == "from the file"


@pytest.mark.parametrize("prefix", ["", "INFERENCE_"])
def test_each_name_of_a_variable_goes_before_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    (folder / "inference_applicationinsights_connection_string").write_text("from the file")
    assert Settings().applicationinsights_connection_string.get_secret_value() == "from the file"
    monkeypatch.setenv(f"{prefix}APPLICATIONINSIGHTS_CONNECTION_STRING", "from the variable")
    assert Settings().applicationinsights_connection_string.get_secret_value() == "from the variable"


def test_what_the_code_says_goes_before_both(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "inference_subject_key").write_text("from the file")
    monkeypatch.setenv("INFERENCE_SUBJECT_KEY", "from the variable")
    assert Settings(subject_key=SecretStr("said")).subject_key.get_secret_value() == "said"


def test_without_the_folder_nothing_is_missed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INFERENCE_SECRETS_DIR", str(tmp_path / "none"))
    assert Settings().subject_key.get_secret_value() == "local-only"


def test_files_of_others_are_not_read(folder: Path) -> None:
    (folder / "api-keys").mkdir()
    (folder / "subject_key").write_text("not ours")
    assert Settings().subject_key.get_secret_value() == "local-only"


def test_a_file_that_cannot_be_read_is_named_in_one_line(folder: Path) -> None:
    # What Docker makes where the file to mount is not there.
    (folder / "inference_subject_key").mkdir()
    assert end_of() == f"error: {folder}/inference_subject_key: cannot be read: Is a directory"


def test_a_file_that_is_no_text_is_named_and_not_shown(folder: Path) -> None:
    (folder / "inference_subject_key").write_bytes(b"c4n4ry\xff")
    assert end_of() == f"error: {folder}/inference_subject_key: cannot be read: it is not UTF-8"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_of_somebody_else_is_named_in_one_line(folder: Path) -> None:
    (folder / "inference_subject_key").write_text("c4n4ry")
    (folder / "inference_subject_key").chmod(0)
    assert end_of() == f"error: {folder}/inference_subject_key: cannot be read: Permission denied"


def test_a_wrong_file_names_its_variable_and_not_its_content(folder: Path) -> None:
    (folder / "inference_smtp_port").write_text("c4n4ry")
    assert end_of().startswith("error: INFERENCE_SMTP_PORT: ") and "c4n4ry" not in end_of()


def test_no_error_shows_what_was_in_a_file(folder: Path) -> None:
    (folder / "inference_database_url").write_text("mysql://u:c4n4ry@db/x")
    with pytest.raises(ValueError) as caught:
        Settings()
    assert "c4n4ry" not in str(caught.value)


@pytest.mark.parametrize("password", ["plain", AWKWARD, "@", "%", "p@ss:w/rd?x=1#y"])
def test_the_password_of_the_file_becomes_part_of_the_url(
    folder: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("INFERENCE_DATABASE_URL", POSTGRES)
    (folder / "inference_database_password").write_text(f"{password}\n")
    url = make_url(url_of(Settings()))
    assert (url.password, url.username, url.host, url.port, url.database) == (
        password,
        "inference_api",
        "db",
        5432,
        "inference",
    )
    assert password not in repr(Settings())


@pytest.mark.parametrize(
    "url", ["postgresql://u:own@db/x", "postgresql://u@db/x?password=own", "sqlite:///var/inference.db"]
)
def test_a_url_that_needs_no_password_stays_as_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("INFERENCE_DATABASE_URL", url)
    (folder / "inference_database_password").write_text("other")
    assert url_of(Settings()) == url.replace("postgresql://", "postgresql+psycopg2://")


def test_a_password_for_nobody_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFERENCE_DATABASE_URL", "postgresql://db/x")
    (folder / "inference_database_password").write_text("c4n4ry")
    assert end_of().startswith("error: INFERENCE_DATABASE_URL: ") and "c4n4ry" not in end_of()


@pytest.fixture
def guarded_postgres() -> Iterator[OwnPostgres]:
    """It asks everybody but its superuser for a password."""
    with own_postgres() as server:
        rules = Path(make_url(server.url).query["host"], "pg_hba.conf")
        rules.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        connection = psycopg2.connect(host=str(rules.parent), user="postgres", dbname="postgres")
        with connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE ROLE api LOGIN PASSWORD {}").format(sql.Literal(AWKWARD)))
            cursor.execute("SELECT pg_reload_conf()")
        connection.close()
        yield server


def test_postgres_lets_in_whoever_comes_with_the_password_of_the_file(
    guarded_postgres: OwnPostgres, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = make_url(guarded_postgres.url).query["host"]
    monkeypatch.setenv("INFERENCE_DATABASE_URL", f"postgresql://api@/postgres?host={host}")
    with pytest.raises(psycopg2.OperationalError, match="no password"):
        psycopg2.connect(host=host, user="api", dbname="postgres")
    (folder / "inference_database_password").write_text(f"{AWKWARD}\n", encoding="utf-8")
    engine = create_engine(url_of(Settings()))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar_one() == "api"
    engine.dispose()
