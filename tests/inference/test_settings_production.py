"""What production does not start with: secrets that everybody knows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from inference.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
POSTGRES = "postgresql://inference_api@db:5432/inference"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "run-secrets"
    folder.mkdir()
    monkeypatch.setenv("INFERENCE_SECRETS_DIR", str(folder))
    monkeypatch.delenv("ENVIRONMENT", raising=False)
    return folder


@pytest.fixture
def in_production(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With secrets of its own, one of which a test may spoil."""
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("INFERENCE_DATABASE_URL", POSTGRES)
    for name in ("subject_key", "database_password", "mlflow_password", "owner_key"):
        (folder / f"inference_{name}").write_text(f"own {name}\n")
    return folder


def end_of(**options: bool) -> str:
    with pytest.raises(SystemExit) as end:
        load_settings(**options)
    assert "\n" not in str(end.value)
    return str(end.value)


def test_production_starts_with_secrets_of_its_own(in_production: Path) -> None:
    assert load_settings().environment == "production"


@pytest.mark.parametrize("name", ["subject_key", "database_password", "mlflow_password", "owner_key"])
def test_production_does_not_start_with_a_placeholder_and_names_it(in_production: Path, name: str) -> None:
    (in_production / f"inference_{name}").write_text("local-only\n")
    assert end_of().startswith(f"error: INFERENCE_{name.upper()}: is the placeholder; ")


def test_production_does_not_start_with_the_subject_key_that_is_the_default(in_production: Path) -> None:
    (in_production / "inference_subject_key").write_text("")
    assert end_of().startswith("error: INFERENCE_SUBJECT_KEY: is the placeholder; ")


@pytest.mark.parametrize("url", ["postgresql://u:local-only@db/x", "postgresql://u@db/x?password=local-only"])
def test_production_does_not_start_with_the_placeholder_in_the_url(
    in_production: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("INFERENCE_DATABASE_URL", url)
    assert end_of().startswith("error: INFERENCE_DATABASE_URL: is the placeholder; ")


def test_a_placeholder_that_the_url_does_not_use_is_not_in_the_way(
    in_production: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (in_production / "inference_database_password").write_text("local-only")
    monkeypatch.setenv("INFERENCE_DATABASE_URL", "postgresql://u:own@db/x")
    assert load_settings().environment == "production"
    monkeypatch.setenv("INFERENCE_DATABASE_URL", "sqlite:///var/inference.db")
    assert load_settings().environment == "production"


def test_elsewhere_placeholders_are_good_enough(in_production: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (in_production / "inference_subject_key").write_text("local-only")
    monkeypatch.setenv("INFERENCE_ENVIRONMENT", "local")
    assert load_settings().environment == "local"


@pytest.mark.parametrize("variable", ["ENVIRONMENT", "INFERENCE_ENVIRONMENT"])
def test_an_environment_that_there_is_not_ends_the_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "prod")
    assert end_of().startswith("error: INFERENCE_ENVIRONMENT: ")


def test_whoever_migrates_needs_the_password_of_the_database_alone(in_production: Path) -> None:
    for name in ("subject_key", "mlflow_password", "owner_key"):
        (in_production / f"inference_{name}").unlink()
    assert load_settings(serves=False).environment == "production"
    (in_production / "inference_database_password").write_text("local-only")
    assert end_of(serves=False).startswith("error: INFERENCE_DATABASE_PASSWORD: is the placeholder; ")


def alembic(**variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("alembic")), "upgrade", "head"],
        cwd=ROOT / "services" / "inference",
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_migrations_run_in_production_without_what_serving_needs(folder: Path, tmp_path: Path) -> None:
    done = alembic(ENVIRONMENT="production", INFERENCE_DATABASE_URL=f"sqlite:///{tmp_path}/inference.db")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "inference.db").is_file()
    placeholder = "postgresql://u:local-only@127.0.0.1:9/x"
    done = alembic(ENVIRONMENT="production", INFERENCE_DATABASE_URL=placeholder)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: INFERENCE_DATABASE_URL: is the placeholder; ")
