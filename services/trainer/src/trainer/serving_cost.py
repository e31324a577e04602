"""What a bundle costs where it serves: time a tweet on one core, megabytes on disk, megabytes in memory."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from trainer.bundle import Bundle, BundleRefused
from trainer.comparison_results import ServingCost

BATCH, ROUNDS = 1_000, 3
CALLS = 200


def measure(bundle: Bundle, texts: Sequence[str]) -> ServingCost:
    """Times are those of the whole path, from raw text to probabilities, over the first of `texts`.

    They are processor time: on one core the same as the time one waits, but for what else the machine is doing.
    """
    with one_core():
        in_batches, alone = microseconds_in_batches(bundle, texts[:BATCH]), microseconds_alone(bundle, texts[:CALLS])
    return ServingCost(
        microseconds_in_batches=round(in_batches, 1),
        microseconds_alone=round(alone, 1),
        bundle_megabytes=round(bundle.megabytes, 2),
        resident_megabytes=round(resident_megabytes(bundle), 1),
    )


@contextmanager
def one_core() -> Iterator[None]:
    """The runtime is told by the bundle's reader; `tokenizers` reads this variable at every call."""
    variable = "TOKENIZERS_PARALLELISM"
    before = os.environ.get(variable)
    os.environ[variable] = "false"
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before


def microseconds_in_batches(bundle: Bundle, texts: Sequence[str]) -> float:
    """The fastest of a few rounds: the first one warms up."""
    seconds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        bundle.classifier.probabilities(texts)
        seconds.append(time.process_time() - started)
    return 1e6 * min(seconds) / len(texts)


def microseconds_alone(bundle: Bundle, texts: Sequence[str]) -> float:
    """The median of one text a call."""
    seconds = []
    for text in texts:
        started = time.process_time()
        bundle.classifier.probabilities([text])
        seconds.append(time.process_time() - started)
    return 1e6 * float(np.median(seconds))


def resident_megabytes(bundle: Bundle) -> float:
    """Memory of a fresh process that serves the bundle, see serving_memory.py."""
    command = [sys.executable, "-m", "trainer.serving_memory", str(bundle.folder)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        reason = (answer.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BundleRefused(f"{bundle.folder}: a fresh process cannot serve it: {reason}")
    return float(answer.stdout)
