"""One run of `trainer score` over a folder, as a person types it: seconds, memory, and whether each row came out."""

import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from bench.texts import ROOT

LOOK_SECONDS = 1


class RunFailed(Exception):
    """The command failed, or rows are missing; the message says which."""


@dataclass(frozen=True)
class Run:
    """`seconds` of the whole command; `megabytes` is the most that one process had that reads and scores."""

    engine: str
    workers: int
    rows: int
    seconds: float
    megabytes: float

    @property
    def microseconds(self) -> float:
        return self.seconds / self.rows * 1e6


def run_score(
    source: Path, output: Path, rows: int, *, engine: str, workers: int | None = None, bundle: Path | None = None
) -> Run:
    """Raises RunFailed."""
    shutil.rmtree(output, ignore_errors=True)
    count = (workers or os.cpu_count() or 1) if engine == "ray" else 1
    words = [sys.executable, "-m", "trainer", "score", str(source), str(output), "--engine", engine]
    words += ["--model", str(bundle or ROOT / "models" / "champion")]
    words += ["--workers", str(count)] if engine == "ray" else []
    started = time.perf_counter()
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    memory = Memory(process.pid)
    _, said = process.communicate()
    ended = time.perf_counter()
    memory.stop()
    if process.returncode:
        raise RunFailed(f"{' '.join(words[3:])}: {said.strip()[-500:]}")
    require_rows(output, rows)
    return Run(engine, count, rows, ended - started, memory.megabytes)


def require_rows(output: Path, rows: int) -> None:
    """Each id once, in order, and a label for each."""
    table = ds.dataset(output).to_table(columns=["id", "label"])
    if table.num_rows != rows or table["label"].null_count:
        raise RunFailed(f"{table.num_rows:,} rows of {rows:,}, {table['label'].null_count:,} without a label")
    if not pc.all(pc.equal(table["id"], pa.array(np.arange(rows)))).as_py():
        raise RunFailed("the ids are not those that went in")


class Memory:
    """The most resident memory that a process had that scores: the command itself, or one of Ray's workers."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._stopped = threading.Event()
        self.megabytes = 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            try:
                found = [self._process, *self._process.children(recursive=True)]
                sizes = [each.memory_info().rss for each in found if self._scores(each)]
            except psutil.NoSuchProcess:
                continue
            self.megabytes = max([self.megabytes, *(size / 1e6 for size in sizes)])

    def _scores(self, process: psutil.Process) -> bool:
        return process == self._process or "MapWorker" in " ".join(process.cmdline())

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()
