"""The limit for batches: a bundle's tokenizer and ONNX Runtime in a bare loop on one thread, without any HTTP.

    python -m bench.peers.offline models/champion --seconds 3

Prints tweets a second, one a call and in chunks of like length, as JSON.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from bench.texts import tweets

CHUNK = 64


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.peers.offline")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--seconds", type=float, default=3.0)
    given = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    tokenizer, session = load(given.bundle)
    texts = tweets()

    def score(some: Sequence[str]) -> None:
        encodings = tokenizer.encode_batch_fast(list(some))
        rows = sorted((encoding.ids for encoding in encodings), key=len)
        for start in range(0, len(rows), CHUNK):
            session.run(["probabilities"], {"token_ids": padded(rows[start : start + CHUNK])})

    found = {
        "alone": rate(lambda turn: score([texts[turn % len(texts)]]), given.seconds),
        "in_chunks": rate(lambda _: score(texts), given.seconds) * len(texts),
    }
    sys.stdout.write(f"{json.dumps(found)}\n")


def load(bundle: Path) -> tuple[Tokenizer, ort.InferenceSession]:
    tokenizer = Tokenizer.from_file(str(bundle / "tokenizer.json"))
    tokenizer.no_padding()  # rows are padded here, per chunk
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(str(bundle / "model.onnx"), options, providers=["CPUExecutionProvider"])
    return tokenizer, session


def padded(rows: Sequence[Sequence[int]]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Rows sorted by length, to (rows, tokens of the last one); 0 pads."""
    token_ids = np.zeros((len(rows), max(1, len(rows[-1]))), dtype=np.int64)
    for place, row in enumerate(rows):
        token_ids[place, : len(row)] = row
    return token_ids


def rate(call: Callable[[int], None], seconds: float) -> float:
    """Calls a second, after a first one that warms up."""
    call(0)
    calls, started = 0, perf_counter()
    while perf_counter() - started < seconds:
        call(calls)
        calls += 1
    return calls / (perf_counter() - started)


if __name__ == "__main__":
    main()
