"""Folders scored by Ray's workers: the same files as without, whoever is killed in between. A real Ray, two workers."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.trainer.tweet_folders import contents, read, texts, write_csv, write_folder
from trainer.bundle import Bundle, load_bundle
from trainer.scoring_folder import score_folder
from trainer.scoring_plan import Order

pytest.importorskip("ray", reason="the extra ray is not installed")

CHAMPION = Path(__file__).parents[2] / "models" / "champion"
TWEETS, ROWS = 60_000, 2_000


@pytest.fixture(scope="module")
def champion() -> Bundle:
    return load_bundle(CHAMPION)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One csv of 60,000 tweets."""
    source = tmp_path_factory.mktemp("many") / "in"
    source.mkdir()
    write_csv(source / "a.csv", list(enumerate(texts(TWEETS))))
    return source


@pytest.fixture(scope="module")
def expected(many: Path, champion: Bundle, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Each file that the local engine writes."""
    output = tmp_path_factory.mktemp("local") / "out"
    score_folder(
        many, output, champion, Order(model=champion.digest, text_column="text", prefix="", partition_rows=ROWS)
    )
    return contents(output)


def started(source: Path, output: Path, *options: str, **variables: str) -> "subprocess.Popen[str]":
    words = ["score", str(source), str(output), "--model", str(CHAMPION), "--partition-rows", str(ROWS)]
    command = [sys.executable, "-m", "trainer", *words, "--engine", "ray", *options]
    environment = os.environ | variables
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def ended(run: "subprocess.Popen[str]") -> tuple[int, str, str]:
    said, complained = run.communicate(timeout=200)
    return run.returncode, said, complained


def wait_for(output: Path, files: int) -> None:
    deadline = time.monotonic() + 100
    while len(list(output.glob("*.parquet"))) < files:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def workers_of(run: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Those that score, among all that a run of Ray starts."""
    return [
        each for each in psutil.Process(run.pid).children(recursive=True) if "MapWorker" in " ".join(each.cmdline())
    ]


def kill(process: psutil.Process) -> None:
    """A process and all that it started, at once."""
    processes = [*process.children(recursive=True), process] if process.is_running() else []
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs(processes, timeout=20)


def test_every_format_comes_out_as_from_the_local_engine(tmp_path: Path, champion: Bundle) -> None:
    source = write_folder(tmp_path / "tweets")
    order = Order(model=champion.digest, text_column="text", prefix="", partition_rows=ROWS)
    score_folder(source, tmp_path / "local", champion, order)
    code, said, complained = ended(started(source, tmp_path / "ray", "--workers", "2"))
    assert code == 0, complained
    assert said.startswith(f"2,500 tweets scored into {tmp_path / 'ray'} by bigru_distilled ")
    assert "Traceback" not in complained and "Deprecat" not in complained
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")


def test_killed_workers_and_a_killed_run_lose_and_double_nothing(
    many: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    output = tmp_path / "out"
    run = started(many, output, "--workers", "2")
    for files in (3, 6):
        wait_for(output, files)
        # One of two, and then one of those that are left or new.
        workers_of(run)[0].kill()
    wait_for(output, 10)
    kill(psutil.Process(run.pid))
    run.communicate(timeout=30)
    assert not (output / "_SUCCESS").exists()
    there = {path: path.stat().st_mtime_ns for path in output.glob("*.parquet")}
    code, _, complained = ended(started(many, output, "--workers", "2"))
    assert code == 0, complained
    assert f"{len(there)} of {TWEETS // ROWS} partitions were there already" in complained
    assert {path: path.stat().st_mtime_ns for path in there} == there
    assert contents(output) == expected
    assert [row["id"] for row in read(output)] == list(range(TWEETS))


def test_a_partition_that_no_worker_survives_is_said_and_stops_no_other(
    many: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    output, lethal = tmp_path / "out", "a.csv-00003.parquet"
    run = started(many, output, "--workers", "1")
    begun: set[Path] = set()
    while run.poll() is None:
        if new := set((output / "_begun" / lethal).glob("*")) - begun:
            begun |= new
            for worker in workers_of(run):
                worker.kill()
        time.sleep(0.005)
    code, _, complained = ended(run)
    assert code == 1
    assert complained.splitlines()[-1] == (
        f"error: 1 of {TWEETS // ROWS} partitions could not be scored, all others are: "
        f"a.csv: 3 workers died, one after the other, over {lethal}"
    )
    assert {path.name for path in output.glob("*.parquet")} == expected.keys() - {lethal, "_SUCCESS", "_plan.json"}
    assert not (output / "_begun").exists()


# Who does not know it is no part of the cluster.
TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}


@contextmanager
def nodes(folder: Path, count: int) -> Iterator[tuple[str, list[psutil.Process]]]:
    """A cluster of nodes with one processor each: its address, and the process of each node."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    environment = os.environ | TOKEN
    ray = [str(Path(sys.executable).with_name("ray")), "start", "--num-cpus", "1", "--disable-usage-stats", "--block"]
    head = ["--head", "--port", address.rpartition(":")[2], "--temp-dir", str(folder), "--include-dashboard", "false"]
    running = []
    try:
        for number in range(count):
            words = [*ray, *(["--address", address] if number else head)]
            log = (folder / f"node-{number}.log").open("w")
            with log:
                running.append(psutil.Popen(words, stdout=log, stderr=log, env=environment))
            wait_for_node(folder / f"node-{number}.log")
        yield address, running
    finally:
        for node in reversed(running):
            kill(node)


def wait_for_node(log: Path) -> None:
    deadline = time.monotonic() + 60
    while "Ray runtime started" not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def test_a_lost_machine_loses_nothing(many: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    # Ray's sockets lie there, and the name of one may have 107 characters.
    folder = Path(os.path.realpath(f"/tmp/ray-{os.getpid()}"))
    folder.mkdir()
    with nodes(folder, 2) as (address, running):
        run = started(many, tmp_path / "out", "--address", address, "--workers", "2", **TOKEN)
        wait_for(tmp_path / "out", 5)
        kill(running[1])
        code, _, complained = ended(run)
    assert code == 0, complained
    assert contents(tmp_path / "out") == expected


def test_a_cluster_that_is_not_there_is_said_in_one_line(many: Path, tmp_path: Path) -> None:
    code, _, complained = ended(started(many, tmp_path / "out", "--address", "127.0.0.1:9"))
    assert code == 1
    last = complained.strip().splitlines()[-1]
    assert last == "error: Ray does not answer at 127.0.0.1:9: Connection refused"
