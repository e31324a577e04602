"""The whole system on one machine without Docker: MLflow on SQLite, the API and the page, stopped together.

    make run
    make run INFERENCE_PORT=8010

State lives in `var/` (or VAR_DIR), one log per service in `var/logs/`. Whatever goes wrong is said in one line.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

from local_services import BIN, ROOT, VAR, CannotRun, Service, environment_of, require_free, services, variables

START_SECONDS = 120
STOP_SECONDS = 15
# Ctrl-C, a supervisor's word, and the closing of the terminal.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
    if service.log.exists():
        # Why the run before ended is asked after it was started again.
        service.log.replace(service.log.with_suffix(".log.1"))
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
    if process.poll() is not None:
        raise ended(service, process)
    raise CannotRun(
        f"{service.name} is not ready after {START_SECONDS} s: {last_line(service.log)} (log: {service.log})"
    )


def ended(service: Service, process: subprocess.Popen[bytes]) -> CannotRun:
    if process.returncode < 0:
        # Whoever was killed had no last word.
        return CannotRun(f"{service.name} was ended by signal {-process.returncode} (log: {service.log})")
    how = f"ended with status {process.returncode}"
    return CannotRun(f"{service.name} {how}: {last_line(service.log)} (log: {service.log})")


def last_line(log: Path) -> str:
    # SQLAlchemy's last line is an address, the one before it the statement: the reason stands above them.
    asides = ("(Background on this error", "[SQL:", "[parameters:")
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return next((line for line in reversed(lines) if not line.startswith(asides)), "it said nothing")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Two systems in one folder would write into each other's databases and logs."""
    with (folder / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(
                f"another `make run` works in {folder}: stop it, or give this one another folder: make run VAR_DIR=..."
            ) from None
        yield


def run() -> None:
    given = variables()
    running = services(given)
    environment = environment_of(running, given)
    for service in running:
        require_free(service)
    (VAR / "logs").mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        stack.enter_context(alone_in(VAR))
        prepare(environment)
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
        first = next(service for service in running if processes[service.name].poll() is not None)
        raise ended(first, processes[first.name])


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
