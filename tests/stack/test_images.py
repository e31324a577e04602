"""What the images are made of: their size, their user, and that they build again fast.

make stack PYTEST_ARGS="tests/stack/test_images.py -s"
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.stack import copy_tree

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600), pytest.mark.usefixtures("stack")]

ROOT = Path(__file__).resolve().parents[2]
# Megabytes of what is installed on top of the base image; the trainer's depend on its extras.
LIMITS = {"inference": 260, "ui": 450, "mlflow": 700, "trainer": 800}
BUILD_SECONDS = 20


def run_in(service: str, *command: str) -> str:
    options = ["docker", "run", "--rm", "--network", "none", "--entrypoint", command[0]]
    return subprocess.run(
        [*options, f"air-paradis/{service}", *command[1:]], capture_output=True, text=True, check=True, timeout=120
    ).stdout


@pytest.mark.parametrize(("service", "limit"), LIMITS.items())
def test_what_is_installed_is_not_larger_than_said(service: str, limit: int) -> None:
    megabytes = int(run_in(service, "du", "-sm", "/app").split()[0])
    sys.stdout.write(f"\n  {service}: {megabytes} MB\n")
    assert megabytes <= limit


@pytest.mark.parametrize("service", LIMITS)
def test_nothing_in_it_can_install_or_compile(service: str) -> None:
    tools = ("gcc", "cc", "make", "pip", "pip3", "uv", "curl", "wget", "git")
    found = run_in(service, "sh", "-c", f"for tool in {' '.join(tools)}; do command -v $tool || true; done")
    assert found.split() == []
    assert run_in(service, "python", "-c", "import importlib.util as u; print(u.find_spec('pip'))").strip() == "None"


@pytest.mark.parametrize("service", LIMITS)
def test_it_runs_as_nobody_in_particular(service: str) -> None:
    described = json.loads(subprocess.check_output(["docker", "inspect", f"air-paradis/{service}"]))
    assert described[0]["Config"]["User"] == "10001:10001"
    assert run_in(service, "id", "-u").strip() == "10001"
    # What runs cannot be changed by who runs it.
    own = ["-not", "-path", "/app", "-not", "-path", "/app/var*", "-not", "-path", "/app/data*"]
    assert run_in(service, "find", "/app", "-writable", *own) == ""


@pytest.mark.parametrize("service", LIMITS)
def test_its_health_is_asked_without_curl(service: str) -> None:
    dockerfile = (ROOT / "services" / service / "Dockerfile").read_text(encoding="utf-8")
    checks = re.findall(r"^HEALTHCHECK (.*?)(?:\n\S|\Z)", dockerfile, re.MULTILINE | re.DOTALL)
    # With NONE instead of nothing `docker compose up --wait` would fail.
    assert len(checks) == (0 if service == "trainer" else 1)
    assert "curl" not in "".join(checks)


@pytest.fixture
def changed_source(tmp_path: Path) -> Iterator[Path]:
    """The tree with a line more in each service."""
    copy = tmp_path / "tree"
    copy_tree(copy)
    for service in ("inference", "trainer", "ui"):
        source = copy / "services" / service / "src" / service / "__init__.py"
        source.write_text(source.read_text(encoding="utf-8") + f"# {time.time()}\n", encoding="utf-8")
    yield copy


def test_after_a_change_of_the_source_it_is_built_again_fast(changed_source: Path) -> None:
    for service in ("inference", "trainer", "ui"):
        started = time.monotonic()
        dockerfile = changed_source / "services" / service / "Dockerfile"
        command = ["docker", "build", "--quiet", "--file", str(dockerfile), str(changed_source)]
        image = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout.strip()
        seconds = time.monotonic() - started
        subprocess.run(["docker", "image", "rm", image], check=True, capture_output=True)
        sys.stdout.write(f"\n  {service}: {seconds:.1f} s\n")
        assert seconds < BUILD_SECONDS
