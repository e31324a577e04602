"""What the environment may say."""

import pytest
from pydantic import SecretStr, ValidationError

from inference.settings import Settings, load_settings


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFERENCE_BUNDLE", "")
    monkeypatch.setenv("INFERENCE_MLFLOW_URL", "")
    monkeypatch.setenv("INFERENCE_POLL_SECONDS", "")
    settings = Settings()
    assert (settings.bundle, settings.mlflow_url, settings.poll_seconds) == (None, None, 5.0)


def test_the_database_password_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFERENCE_DATABASE_URL", "postgresql+psycopg2://u:c4n4ry@db/x")
    assert "c4n4ry" not in repr(Settings())


@pytest.mark.parametrize(("name", "value"), [("TEXT_MAX_CHARACTERS", "1001"), ("BATCH_MAX_TEXTS", "0")])
def test_a_limit_beyond_what_the_api_promises_does_not_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"INFERENCE_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db/x"),
        ("MLFLOW_URL", "mlflow:5000"),
        ("POLL_SECONDS", "inf"),
        ("POLL_SECONDS", "abc"),
        ("WORKERS", "none"),
    ],
)
def test_a_wrong_variable_ends_the_start_with_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"INFERENCE_{name}", value)
    with pytest.raises(SystemExit) as end:
        load_settings()
    assert str(end.value).startswith(f"error: INFERENCE_{name}: ")
    assert "\n" not in str(end.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_spelling_of_postgres_names_the_driver_that_is_here(scheme: str) -> None:
    settings = Settings(database_url=SecretStr(f"{scheme}://u@db/x"))
    assert settings.database_url.get_secret_value() == "postgresql+psycopg2://u@db/x"
