"""The whole system on one machine without Docker: MLflow on SQLite, the API and the page, stopped together.

    make run
    make run INFERENCE_PORT=8010

State lives in `var/` (or VAR_DIR), one log per service in `var/logs/`. Whatever goes wrong is said in one line.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR", ROOT / "var")).resolve()
BIN = Path(sys.executable).parent
HOST = "127.0.0.1"
START_SECONDS = 120
STOP_SECONDS = 15
# Ctrl-C, a supervisor's word, and the closing of the terminal.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotRun(Exception):
    """What is in the way, and what to do about it."""


@dataclass(frozen=True)
class Service:
    name: str
    variable: str
    port: int
    command: list[str]
    ready: str
    folder: Path = ROOT

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        return VAR / "logs" / f"{self.name}.log"


def port_of(name: str, default: int, given: Mapping[str, str]) -> int:
    value = given.get(name) or str(default)
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise CannotRun(f"{name}={value} is no port: give a number from 1 to 65535")
    return int(value)


def services(given: Mapping[str, str]) -> list[Service]:
    mlflow, api, page = (
        port_of(name, default, given)
        for name, default in (("MLFLOW_PORT", 5000), ("INFERENCE_PORT", 8000), ("UI_PORT", 8501))
    )
    store = [
        *("--backend-store-uri", f"sqlite:///{VAR}/mlflow/mlflow.db"),
        *("--default-artifact-root", (VAR / "mlflow" / "artifacts").as_uri(), "--no-serve-artifacts"),
    ]
    return [
        Service(
            "mlflow",
            "MLFLOW_PORT",
            mlflow,
            [f"{BIN}/mlflow", "server", "--host", HOST, "--port", str(mlflow), "--workers", "1", *store],
            "/health",
        ),
        Service(
            "inference",
            "INFERENCE_PORT",
            api,
            [f"{BIN}/gunicorn", "-c", "gunicorn.conf.py", "inference.app:create_app()"],
            "/health/ready",
            ROOT / "services" / "inference",
        ),
        Service(
            "ui",
            "UI_PORT",
            page,
            [f"{BIN}/streamlit", "run", "src/ui/app.py", "--server.address", HOST, "--server.port", str(page)],
            "/_stcore/health",
            ROOT / "services" / "ui",
        ),
    ]


def environment_of(running: list[Service], given: Mapping[str, str]) -> dict[str, str]:
    """The variables of all three services. Those that tie them together are this run's own, whatever the shell has."""
    mlflow, api, _ = running
    wiring = {
        "MLFLOW_TRACKING_URI": f"sqlite:///{VAR}/mlflow/mlflow.db",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "TRAINER_ARTIFACTS_DIR": str(VAR / "mlflow" / "artifacts"),
        "INFERENCE_BIND": f"{HOST}:{api.port}",
        "INFERENCE_MLFLOW_URL": mlflow.url,
        "INFERENCE_MODEL_DIR": str(VAR / "models"),
        "INFERENCE_DATABASE_URL": f"sqlite:///{VAR}/inference.db",
        "UI_API_URL": api.url,
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        "STREAMLIT_SERVER_HEADLESS": "true",
    }
    return dict(given) | wiring | {"PATH": f"{BIN}{os.pathsep}{given.get('PATH', '')}"}


def require_free(service: Service) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, service.port))
        except OSError as error:
            raise CannotRun(
                f"port {service.port} is in use ({error.strerror}), {service.name} needs it: stop what holds it, "
                f"or choose another: make run {service.variable}={service.port + 10}"
            ) from None


def prepare(environment: Mapping[str, str]) -> None:
    """Register the pretrained champion where there is none, and bring the feedback database up to date."""
    steps = (
        ("preparing the registry", [f"{BIN}/trainer", "register", "models/champion", "--champion-if-none"], ROOT),
        ("preparing the database", [f"{BIN}/alembic", "upgrade", "head"], ROOT / "services" / "inference"),
    )
    log = VAR / "logs" / "prepare.log"
    with log.open("w") as stream:
        for what, command, folder in steps:
            say(what)
            if subprocess.run(command, cwd=folder, env=environment, stdout=stream, stderr=stream).returncode:
                raise CannotRun(f"{what} failed: {last_line(log)} (log: {log})")


@contextlib.contextmanager
def started(service: Service, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A running service in a session of its own, so that Ctrl-C reaches this process alone; stopped at the end."""
    with service.log.open("wb") as log:
        process = subprocess.Popen(
            service.command, cwd=service.folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the whole group to end, and end it after a while: a service may have children of its own."""
    # An impatient second Ctrl-C would leave the other services behind.
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        say(f"process {process.pid} does not stop, killing it")
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_ready(service: Service, process: subprocess.Popen[bytes]) -> None:
    # Never through a proxy: what is asked here is on this machine.
    local = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(urllib.error.URLError, OSError):
            local.open(service.url + service.ready, timeout=2).close()
            return
        time.sleep(0.25)
    state = "stopped" if process.poll() is not None else f"is not ready after {START_SECONDS} s"
    raise CannotRun(f"{service.name} {state}: {last_line(service.log)} (log: {service.log})")


def last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run() -> None:
    # Those of `.env`, if there is one, under those of the shell: the order that Compose keeps too.
    file = {name: value or "" for name, value in dotenv_values(ROOT / ".env").items()}
    given = file | dict(os.environ)
    running = services(given)
    environment = environment_of(running, given)
    for service in running:
        require_free(service)
    (VAR / "logs").mkdir(parents=True, exist_ok=True)
    prepare(environment)
    with contextlib.ExitStack() as stack:
        processes = {}
        for service in running:
            say(f"starting {service.name}")
            processes[service.name] = stack.enter_context(started(service, environment))
        for service in running:
            wait_ready(service, processes[service.name])
        mlflow, api, page = running
        say(f"\n  page    {page.url}\n  API     {api.url}/docs\n  MLflow  {mlflow.url}\n\nCtrl-C stops all of them.")
        while all(process.poll() is None for process in processes.values()):
            time.sleep(0.5)
        ended = next(service for service in running if processes[service.name].poll() is not None)
        raise CannotRun(f"{ended.name} ended: {last_line(ended.log)} (log: {ended.log})")


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    for number in ENDINGS:
        signal.signal(number, interrupt)
    try:
        run()
    except KeyboardInterrupt:
        say("\nstopped")
        return 0
    except (CannotRun, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
