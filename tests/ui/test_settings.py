"""Settings come from UI_ variables and refuse what cannot work."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsError

from ui.settings import Settings, variables_at_fault


def test_without_variables_the_api_is_expected_on_this_machine() -> None:
    assert Settings().api_url == "http://127.0.0.1:8000"


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UI_API_URL", "")
    assert Settings().api_url == "http://127.0.0.1:8000"


def test_the_address_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UI_API_URL", "https://api.example.org/sentiment")
    assert Settings().api_url == "https://api.example.org/sentiment"


def test_keys_are_not_shown_where_settings_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UI_OWNER_KEY", "s3cret")
    monkeypatch.setenv("UI_API_KEY", "k3y")
    assert Settings().owner_key.get_secret_value() == "s3cret"
    assert Settings().api_key.get_secret_value() == "k3y"
    assert "s3cret" not in repr(Settings()) and "k3y" not in repr(Settings())


@pytest.mark.parametrize("name", ["UI_OWNER_KEY", "UI_API_KEY"])
@pytest.mark.parametrize("key", ["two words", "clé", "line\nbreak"])
def test_a_key_that_cannot_be_sent_as_a_header_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, key: str) -> None:
    monkeypatch.setenv(name, key)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert key not in str(caught.value)


@pytest.mark.parametrize("address", ["inference:8000", "ftp://inference", "http://me:secret@inference", "http://"])
def test_an_address_that_cannot_be_called_or_shown_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("UI_API_URL", address)
    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize("goal", ["0", "-1", "many"])
def test_a_goal_that_nobody_can_reach_is_refused(monkeypatch: pytest.MonkeyPatch, goal: str) -> None:
    assert Settings().review_goal == 20
    monkeypatch.setenv("UI_REVIEW_GOAL", goal)
    with pytest.raises(ValidationError):
        Settings()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UI_SECRETS_DIR", str(tmp_path))
    monkeypatch.delenv("ENVIRONMENT", raising=False)
    return tmp_path


def test_a_key_is_read_from_its_file_unless_its_variable_is_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "ui_api_key").write_text("from-the-file\n")
    monkeypatch.setenv("UI_API_KEY", "")
    assert Settings().api_key.get_secret_value() == "from-the-file"
    monkeypatch.setenv("UI_API_KEY", "from-the-variable")
    assert Settings().api_key.get_secret_value() == "from-the-variable"


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_file_means_no_key(folder: Path, content: str) -> None:
    (folder / "ui_api_key").write_text(content)
    assert Settings().api_key.get_secret_value() == ""


def test_a_file_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "ui_api_key").mkdir()
    with pytest.raises(SettingsError, match=f"^{folder}/ui_api_key: cannot be read: Is a directory$"):
        Settings()


def test_a_file_that_is_no_text_is_named_and_not_shown(folder: Path) -> None:
    (folder / "ui_api_key").write_bytes(b"c4n4ry\xff")
    with pytest.raises(SettingsError, match=f"^{folder}/ui_api_key: cannot be read: it is not UTF-8$"):
        Settings()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_of_somebody_else_is_named(folder: Path) -> None:
    (folder / "ui_api_key").write_text("k3y")
    (folder / "ui_api_key").chmod(0)
    with pytest.raises(SettingsError, match="ui_api_key: cannot be read: Permission denied"):
        Settings()


@pytest.mark.parametrize("name", ["UI_API_KEY", "UI_OWNER_KEY"])
def test_the_placeholder_is_refused_in_production_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (folder / name.lower()).write_text("local-only\n")
    assert Settings().environment == "local"
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(ValidationError, match="is the placeholder") as caught:
        Settings()
    assert variables_at_fault(caught.value) == [name]


@pytest.mark.parametrize("variable", ["ENVIRONMENT", "UI_ENVIRONMENT"])
def test_an_environment_that_there_is_not_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "prod")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert variables_at_fault(caught.value) == ["UI_ENVIRONMENT"]
