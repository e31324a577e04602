"""Each service installed alone has all that it imports; an import that nobody asked for, planted, is noticed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICE = "ui"
SOURCE = Path("services") / SERVICE / "src" / SERVICE
pytestmark = pytest.mark.skipif(not (ROOT / ".tools" / "uv").exists(), reason="no .tools/uv: scripts/setup.sh dev")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One service, the lock, and the tools of this checkout."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "uv.lock", "scripts/isolation.sh", "scripts/isolation.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for member in (ROOT / "services").glob("*/pyproject.toml"):
        (folder / "services" / member.parent.name).mkdir(parents=True)
        shutil.copy(member, folder / "services" / member.parent.name)
    unread = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "services" / SERVICE, folder / "services" / SERVICE, ignore=unread, dirs_exist_ok=True)
    (folder / ".tools").mkdir()
    (folder / ".tools" / "uv").symlink_to((ROOT / ".tools" / "uv").resolve())
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def isolate(checkout: Path, *services: str) -> tuple[int, str, str]:
    command = ["bash", "scripts/isolation.sh", *services]
    said = subprocess.run(command, cwd=checkout, env=os.environ | {"UV_OFFLINE": "1"}, capture_output=True, text=True)
    if "network was disabled" in said.stderr:
        pytest.skip("uv's cache lacks a package of this service, and nothing is fetched here")
    return said.returncode, said.stdout, said.stderr


def plant(checkout: Path, text: str, name: str = "planted.py") -> Path:
    file = checkout / SOURCE / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_service_has_what_it_asked_for(checkout: Path) -> None:
    status, said, errors = isolate(checkout, SERVICE)
    assert (status, errors) == (0, "")
    files = len([*(checkout / "services" / SERVICE).rglob("*.py")])
    assert said.startswith(f"ui alone: {files} files, ") and said.endswith(" imports, 0 failed\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        # Of another service, and in the lock.
        ("import alembic\n", "1: import alembic: ModuleNotFoundError: No module named 'alembic'"),
        # Of ours.
        ("from trainer import gate\n", "1: from trainer import gate: ModuleNotFoundError: No module named 'trainer'"),
        # Where nothing runs it until somebody clicks.
        (
            "def click() -> None:\n    from onnxruntime import InferenceSession\n",
            "2: from onnxruntime import InferenceSession: ModuleNotFoundError: No module named 'onnxruntime'",
        ),
        # There, because Streamlit brings it; for how long, Streamlit decides.
        ("import click.testing\n", "1: import click.testing: click is here only because another package brings it"),
        # Gone, or renamed.
        ("from ui.app import nobody\n", "1: from ui.app import nobody: ModuleNotFoundError: No module named 'ui.app."),
    ],
    ids=["of another service", "another service", "in a function", "brought by another", "not there"],
)
def test_an_import_that_was_not_asked_for_is_an_error(checkout: Path, text: str, why: str) -> None:
    planted = plant(checkout, text)
    try:
        status, _, errors = isolate(checkout, SERVICE)
    finally:
        planted.unlink()
    assert status == 1
    assert f"{SOURCE}/planted.py:{why}" in errors
    assert "error: what ui imports has to be in services/ui/pyproject.toml; then: uv lock" in errors


def test_what_is_for_type_checkers_only_is_not_wanted(checkout: Path) -> None:
    planted = plant(checkout, "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import alembic\n")
    try:
        assert isolate(checkout, SERVICE)[0] == 0
    finally:
        planted.unlink()


def test_a_service_that_is_not_there_is_named_with_those_that_are(checkout: Path) -> None:
    status, _, errors = isolate(checkout, "inferense")
    assert (status, errors) == (1, "error: services/inferense has no code of ours; give one of: ui\n")
