"""The API as the free plan has it: one worker, the committed model, SQLite, and nothing else to ask."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench import free_plan_client
from bench.ingestion import ingestion
from bench.peers.catalogue import GUNICORN, PYTHON, SERVICE, with_variables
from bench.peers.peer import PeerFailed
from bench.running import HOST, free_port, last_words, stop
from bench.texts import CHAMPION

BUDGET_MINUTES = "60"
PORT_INSIDE = 8000
NOBODY = "InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=http://127.0.0.1:9/"
MEMORY = "1g"


@dataclass(frozen=True, slots=True)
class Service:
    # Of the first process, as this machine knows it.
    process: int
    port: int
    began: float
    what: str
    # Its name, where it is one: the memory of all that is in it is known to Docker.
    container: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    answers: int
    seconds: float
    milliseconds: float  # the median


def ask(service: Service, texts: Sequence[str], seconds: float, per_second: float) -> Answered:
    """Without seconds: one tweet, as soon as there is an answer. PeerFailed where one gets none."""
    told = json.dumps({"texts": list(texts), "port": service.port, "seconds": seconds, "per_second": per_second})
    command = [PYTHON, "-c", Path(free_plan_client.__file__).read_text(encoding="utf-8")]
    caller = subprocess.run(command, input=told, capture_output=True, text=True, check=False)
    if caller.returncode:
        raise PeerFailed(
            f"a tweet was not answered: {(caller.stderr.strip().splitlines() or ['nothing was said'])[-1]}"
        )
    return Answered(**json.loads(caller.stdout))


@contextmanager
def as_process() -> Iterator[Service]:
    """With Application Insights, as an endpoint on this machine."""
    with TemporaryDirectory() as name, ingestion(is_silent=False) as connection_string:
        folder, port = Path(name), free_port()
        environment = with_variables(
            **variables_of(str(folder)),
            INFERENCE_BIND=f"{HOST}:{port}",
            INFERENCE_BUNDLE=str(CHAMPION),
            INFERENCE_MLFLOW_URL="",
            INFERENCE_APPLICATIONINSIGHTS_CONNECTION_STRING=connection_string,
            TMPDIR=name,
            # As the image has it.
            MALLOC_ARENA_MAX="2",
        )
        command = [*GUNICORN, "-c", "gunicorn.conf.py", "inference.app:create_app()"]
        began = perf_counter()
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=SERVICE, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            yield Service(process.pid, port, began, "as a process, with Application Insights")
        except PeerFailed as failure:
            raise PeerFailed(f"{failure}; the service: {last_words(folder / 'log')}") from None
        finally:
            stop(process)


@contextmanager
def as_container(image: str) -> Iterator[Service]:
    """With the memory of the plan, and the callers outside, or they would be counted.

    PeerFailed where Docker does not start it.
    """
    port = free_port()
    given = variables_of("/var/lib/inference") | {"INFERENCE_BUNDLE": "/app/models/champion"}
    # As nobody's: the library is loaded, and what it sends waits.
    given["APPLICATIONINSIGHTS_CONNECTION_STRING"] = NOBODY
    options = [option for name, value in given.items() for option in ("--env", f"{name}={value}")]
    began = perf_counter()
    # On the plan nobody starts a Python every five seconds to ask whether it is well: that is asked from outside.
    options += ["--publish", f"{HOST}:{port}:{PORT_INSIDE}", "--memory", MEMORY, "--no-healthcheck"]
    container = docker("run", "--detach", *options, image)
    try:
        process = int(docker("inspect", "--format", "{{.State.Pid}}", container))
        if not process or not os.path.exists(f"/proc/{process}"):
            raise PeerFailed(f"{image}: it does not run, or not on this machine: docker logs says why")
        yield Service(process, port, began, f"in a container of {image}", container)
    finally:
        docker("rm", "--force", "--volumes", container)


def variables_of(folder: str) -> dict[str, str]:
    return {
        "INFERENCE_DATABASE_URL": f"sqlite:///{folder}/inference.db",
        "INFERENCE_MODEL_DIR": f"{folder}/models",
        "INFERENCE_SPOOL_DIR": f"{folder}/spool",
        "INFERENCE_WORKERS": "1",
        "INFERENCE_MIGRATE_AT_START": "true",
        "INFERENCE_CPU_MINUTES_A_DAY": BUDGET_MINUTES,
        "INFERENCE_CPU_STATE_FILE": f"{folder}/cpu.json",
    }


def memory_of(container: str) -> float:
    """Bytes that are its own: what it has read of files may go at any time, and `docker stats` counts some of that."""
    said = docker(
        "exec",
        container,
        "sh",
        "-c",
        "cat /sys/fs/cgroup/memory.stat /sys/fs/cgroup/memory/memory.stat 2>/dev/null || true",
    )
    # Version 2 has the first two; version 1 the others, with what is below it.
    own = dict(line.split() for line in said.splitlines())
    names = ("anon", "shmem") if "anon" in own else ("total_rss", "total_shmem")
    if not all(name in own for name in names):
        raise PeerFailed("the container does not know what it has in memory: this needs Linux")
    return float(sum(int(own[name]) for name in names))


def docker(*arguments: str) -> str:
    try:
        said = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise PeerFailed("there is no docker here: leave out --image") from None
    if said.returncode:
        raise PeerFailed(f"docker {arguments[0]}: {said.stderr.strip()}")
    return said.stdout.strip()
