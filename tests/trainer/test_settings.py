"""Settings come from TRAINER_ variables and from files, and production takes no placeholder."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsError

from trainer.__main__ import explain
from trainer.settings import Settings

SECRETS = ("api_key", "owner_key", "mlflow_password")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of secrets; and no `.env` is here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRAINER_SECRETS_DIR", str(tmp_path))
    for name in ("ENVIRONMENT", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def secret(name: str) -> str:
    return str(getattr(Settings(), name).get_secret_value())


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_read_from_its_file_unless_its_variable_is_set(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (folder / f"trainer_{name}").write_text("from-the-file\n")
    monkeypatch.setenv(f"TRAINER_{name}".upper(), "")
    assert secret(name) == "from-the-file"
    monkeypatch.setenv(f"TRAINER_{name}".upper(), "from-the-variable")
    assert secret(name) == "from-the-variable"
    assert "from-the-variable" not in repr(Settings())


@pytest.mark.parametrize("content", ["", "\n"])
@pytest.mark.parametrize("name", SECRETS)
def test_an_empty_file_means_none(folder: Path, name: str, content: str) -> None:
    (folder / f"trainer_{name}").write_text(content)
    assert secret(name) == ""


def test_a_line_of_env_goes_before_the_file(folder: Path) -> None:
    (folder / "trainer_api_key").write_text("from-the-file")
    (folder / ".env").write_text("TRAINER_API_KEY=from-the-line\nTRAINER_OWNER_KEY=\n")
    (folder / "trainer_owner_key").write_text("owner")
    assert (secret("api_key"), secret("owner_key")) == ("from-the-line", "owner")


def test_mlflows_own_variables_are_honoured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "trainer_mlflow_password").write_text("from-the-file")
    assert (Settings().mlflow_username, secret("mlflow_password")) == ("trainer", "from-the-file")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "own")
    assert (Settings().mlflow_username, secret("mlflow_password")) == ("ada", "own")


def test_an_empty_variable_means_the_default(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINER_GLOVE_FILE", "")
    monkeypatch.setenv("TRAINER_SEED", "")
    assert (Settings().glove_file, Settings().seed) == (None, 7)


@pytest.mark.parametrize("name", SECRETS)
def test_the_placeholder_is_refused_in_production_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (folder / f"trainer_{name}").write_text("local-only\n")
    assert secret(name) == "local-only"
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(ValidationError) as caught:
        Settings()
    said = explain(caught.value)
    assert said is not None and "\n" not in said
    assert name in said and "is the placeholder" in said


@pytest.mark.parametrize("key", ["two words", "clé", "line\nbreak"])
@pytest.mark.parametrize("name", ["api_key", "owner_key"])
def test_a_key_that_cannot_be_sent_as_a_header_is_refused_and_not_shown(folder: Path, name: str, key: str) -> None:
    (folder / f"trainer_{name}").write_text(key, encoding="utf-8")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert key not in str(caught.value)


def test_a_file_that_cannot_be_read_is_said_in_one_line(folder: Path) -> None:
    (folder / "trainer_api_key").mkdir()
    with pytest.raises(SettingsError) as caught:
        Settings()
    assert explain(caught.value) == f"{folder}/trainer_api_key: cannot be read: Is a directory"


def test_a_file_that_is_no_text_is_named_and_not_shown(folder: Path) -> None:
    (folder / "trainer_api_key").write_bytes(b"c4n4ry\xff")
    with pytest.raises(SettingsError) as caught:
        Settings()
    assert explain(caught.value) == f"{folder}/trainer_api_key: cannot be read: it is not UTF-8"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_of_somebody_else_is_named(folder: Path) -> None:
    (folder / "trainer_api_key").write_text("k3y")
    (folder / "trainer_api_key").chmod(0)
    with pytest.raises(SettingsError, match="trainer_api_key: cannot be read: Permission denied"):
        Settings()


@pytest.mark.parametrize("variable", ["ENVIRONMENT", "TRAINER_ENVIRONMENT"])
def test_an_environment_that_there_is_not_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "prod")
    with pytest.raises(ValidationError, match="'local' or 'production'"):
        Settings()
