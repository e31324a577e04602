"""`make run` as a user types it: one command up, Ctrl-C down, and one clear line when something is in the way."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
PORTS = ("MLFLOW_PORT", "INFERENCE_PORT", "UI_PORT")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    hidden = ("MLFLOW_", "INFERENCE_", "UI_", "TRAINER_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return inherited | {name: str(free_port()) for name in PORTS} | {"VAR_DIR": str(tmp_path / "var")}


def start(environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "scripts/run.py"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@contextmanager
def running(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The system once it is up, and what it printed until then. A test that fails leaves nothing running."""
    with start(environment) as process:
        try:
            yield process, read_until(process, "Ctrl-C stops all of them.")
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


def read_until(process: subprocess.Popen[str], last: str) -> str:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if last in line:
            return "".join(lines)
    pytest.fail(f"it ended early: {''.join(lines)}")


@pytest.mark.timeout(240)
def test_up_down_and_up_again_and_a_service_that_dies(environment: dict[str, str]) -> None:
    api = f"http://127.0.0.1:{environment['INFERENCE_PORT']}"
    # A variable of the shell that would have the champion registered elsewhere is not this system's.
    with running(environment | {"TRAINER_TRACKING_URI": "sqlite:////nowhere/mlflow.db"}) as (process, printed):
        assert all(f"http://127.0.0.1:{environment[port]}" in printed for port in PORTS)
        text = "My flight was cancelled and nobody answers the phone"
        answer = requests.post(f"{api}/v1/predictions", json={"text": text}, timeout=10).json()
        assert (answer["label"], answer["model"]["version"]) == ("negative", "1")
        verdict = {"prediction_id": answer["prediction_id"], "verdict": "confirmed"}
        assert requests.post(f"{api}/v1/feedback", json=verdict, timeout=10).status_code == 201
        assert requests.get(f"http://127.0.0.1:{environment['UI_PORT']}/_stcore/health", timeout=10).ok
    assert process.returncode == 0
    assert all(is_free(int(environment[port])) for port in PORTS)

    with running(environment) as (process, _):
        second, _ = start(environment | {name: str(free_port()) for name in PORTS}).communicate(timeout=60)
        assert second.startswith("error: another `make run` works in ")
        kept = requests.get(f"{api}/v1/feedback", timeout=10).json()["items"]
        assert [item["prediction_id"] for item in kept] == [answer["prediction_id"]]
        child_of(process, "gunicorn").kill()
        read_until(process, "error: inference was ended by signal 9")
        assert process.wait(timeout=60) == 1
    assert all(is_free(int(environment[port])) for port in PORTS)
    logs = Path(environment["VAR_DIR"]) / "logs"
    assert "route=/v1/predictions status=200" in (logs / "inference.log.1").read_text()


def trainer(environment: dict[str, str], *arguments: str, code: int = 0) -> str:
    """A command as a user types it beside the running system."""
    folder = Path(environment["VAR_DIR"]) / "mlflow"
    wiring = {
        "TRAINER_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
        "TRAINER_ARTIFACTS_DIR": str(folder / "artifacts"),
        "TRAINER_API_URL": f"http://127.0.0.1:{environment['INFERENCE_PORT']}",
    }
    command = [sys.executable, "-m", "trainer", *arguments]
    answer = subprocess.run(command, cwd=ROOT, env=environment | wiring, capture_output=True, text=True, check=False)
    assert answer.returncode == code, answer.stdout + answer.stderr
    return answer.stdout + answer.stderr


def copy_of_the_champion(folder: Path) -> Path:
    """The same model with another line in its card: it loses nothing, so the gate lets it pass."""
    shutil.copytree(ROOT / "models" / "champion", folder)
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (folder / "model.json").write_text(json.dumps(card | {"command": "trainer train again"}), encoding="utf-8")
    return folder


@pytest.mark.timeout(300)
def test_a_version_that_passed_the_gate_is_promoted_by_a_command_and_taken_back(
    environment: dict[str, str], tmp_path: Path
) -> None:
    api = f"http://127.0.0.1:{environment['INFERENCE_PORT']}"
    with running(environment):
        said = trainer(environment, "register", str(copy_of_the_champion(tmp_path / "copy")))
        assert "version 2 passed the gate beside version 1" in said
        trainer(environment, "promote", "2", "--reason", "as good", "--by", "ada")
        assert served(api, "2") == "2"
        trainer(environment, "rollback", "--reason", "try the way back", "--by", "ada")
        assert served(api, "1") == "1"
    with running(environment):
        kept = requests.get(f"{api}/v1/journal", timeout=10).json()["items"]
        assert [(move["kind"], move["to_version"]) for move in kept] == [
            ("rollback", "1"),
            ("promotion", "2"),
            ("found", "1"),
        ]
        assert served(api, "1") == "1"


def served(api: str, expected: str) -> str:
    """The version that serves, once it is the expected one, or after a while."""
    deadline = time.monotonic() + 30
    version = ""
    while version != expected and time.monotonic() < deadline:
        time.sleep(0.2)
        version = requests.get(f"{api}/v1/model", timeout=10).json()["version"]
    return version


def child_of(process: subprocess.Popen[str], name: str) -> psutil.Process:
    return next(child for child in psutil.Process(process.pid).children() if name in " ".join(child.cmdline()))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.mark.parametrize("port", PORTS)
def test_a_port_in_use_is_one_line(environment: dict[str, str], port: str) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", int(environment[port])))
        holder.listen()
        process = start(environment)
        printed, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert printed.count("\n") == 1
    assert f"port {environment[port]} is in use" in printed
    assert f"make run {port}=" in printed


def test_one_port_for_two_services_is_one_line(environment: dict[str, str]) -> None:
    process = start(environment | {"UI_PORT": environment["MLFLOW_PORT"]})
    printed, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert printed.startswith("error: each service needs a port of its own")
    assert printed.count("\n") == 1


def test_a_database_that_is_none_is_one_line_with_the_reason(environment: dict[str, str]) -> None:
    var = Path(environment["VAR_DIR"])
    var.mkdir()
    (var / "inference.db").write_text("not a database " * 100)
    process = start(environment)
    printed, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "preparing the database failed: " in printed.splitlines()[-1]
    assert "file is not a database" in printed.splitlines()[-1]


@pytest.mark.parametrize("value", ["abc", "70000", "0"])
def test_a_wrong_port_is_one_line(environment: dict[str, str], value: str) -> None:
    process = start(environment | {"UI_PORT": value})
    printed, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert printed == f"error: UI_PORT={value} is no port: give a number from 1 to 65535\n"


def test_no_interpreter_is_one_line() -> None:
    environment = {**os.environ, "PYTHON": "/nowhere/python3"}
    answer = subprocess.run(
        ["bash", "scripts/setup.sh", "run"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith("error: Python 3.11")
    assert answer.stderr.count("\n") == 1
