"""What `scripts/setup.sh` asks uv for, seen by a uv that only writes it down."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup.sh", tmp_path / "scripts")
    return tmp_path


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def asked_of_uv(checkout: Path, *, python: Path, version: str = "0.13.9") -> list[str]:
    answers = f'[ "$1" = --version ] && echo "uv {version} (linux)" || echo "$@" >&2'
    tools = executable(checkout / "bin" / "uv", answers).parent
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "PYTHON": str(python)}
    subprocess.run(["bash", "scripts/setup.sh", "run"], cwd=checkout, env=environment, check=True, capture_output=True)
    return (checkout / ".tools" / "setup.log").read_text().split()


def test_behind_a_shim_the_interpreter_itself_is_named(checkout: Path) -> None:
    """At a shim, which is not the interpreter that .venv was made with, uv would make .venv anew every time."""
    real = Path(sys.executable)
    shim = executable(checkout / "shims" / "python3.11", f'exec "{real}" "$@"')
    asked = asked_of_uv(checkout, python=shim)
    assert asked[asked.index("--python") + 1] == str(real)


def test_a_run_installs_what_the_lock_says_and_leaves_the_test_tools(checkout: Path) -> None:
    asked = asked_of_uv(checkout, python=Path(sys.executable))
    assert {"sync", "--frozen", "--all-packages", "--no-dev", "--inexact"} <= set(asked)
