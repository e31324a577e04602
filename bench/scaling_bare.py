"""The bare loop: the tokenizer and ONNX Runtime over texts that are in memory already, and nothing else.

What is beneath it no engine can get: padding to the longest of a batch costs what it costs. It is given its tweets
twice: as they come, and sorted by length before, as the trainer scores them.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pyarrow as pa
import pyarrow.parquet as pq
from tokenizers import Tokenizer

from bench.scaling_runs import run_score

BATCH = 64


@dataclass(frozen=True)
class Bare:
    """Tweets a second in one round: the loop as they come, the loop sorted, and `trainer score` with all it does."""

    plain: float
    by_length: float
    local: float


def measure_bare(bundle: Path, texts: Sequence[str], rounds: int, folder: Path) -> Iterator[Bare]:
    source = folder / "bare"
    source.mkdir()
    pq.write_table(pa.table({"id": np.arange(len(texts)), "text": texts}), source / "tweets.parquet")
    empty = folder / "few"
    empty.mkdir()
    pq.write_table(pa.table({"id": [0], "text": texts[:1]}), empty / "tweets.parquet")
    for _ in range(rounds):
        start = run_score(empty, folder / "scored", 1, engine="local", bundle=bundle).seconds
        whole = run_score(source, folder / "scored", len(texts), engine="local", bundle=bundle).seconds
        # The loop's model is loaded before the clock starts; so is the engine's.
        yield Bare(
            plain=loop(bundle, texts),
            by_length=loop(bundle, sorted(texts, key=len)),
            local=len(texts) / (whole - start),
        )


def loop(bundle: Path, texts: Sequence[str]) -> float:
    """Tweets a second."""
    tokenizer = Tokenizer.from_file(str(bundle / "tokenizer.json"))
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(str(bundle / "model.onnx"), options, providers=["CPUExecutionProvider"])
    started = time.perf_counter()
    for first in range(0, len(texts), BATCH):
        rows = tokenizer.encode_batch_fast(list(texts[first : first + BATCH]))
        session.run(["probabilities"], {"token_ids": np.array([row.ids for row in rows], dtype=np.int64)})
    return len(texts) / (time.perf_counter() - started)
