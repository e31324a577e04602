"""What a format costs, apart from the model: looking at a file before it is cut, reading its rows, writing them."""

import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq

from trainer.scoring import added_columns, predict
from trainer.scoring_input import open_source
from trainer.scoring_output import as_objects, open_output
from trainer.scoring_plan import Order, make_plan
from trainer.served_model import Classifier

SUFFIXES = (".csv", ".ndjson", ".parquet")
ORDER = Order(model="", text_column="text", prefix="", partition_rows=65_536)


@dataclass(frozen=True)
class Format:
    """Microseconds a tweet, and its bytes in the file; what is written is parquet, as for a folder."""

    suffix: str
    looked: float
    read: float
    written: float
    bytes_in: float
    bytes_out: float


class ConstantModel(Classifier):
    """Answers at once, so that what is left is the files."""

    def __init__(self) -> None:
        self.labels, self.threshold, self.abstain_band = ["negative", "positive"], 0.5, (0.45, 0.55)
        self._random = np.random.default_rng(0)

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        # Each its own, or else they would take less room in the file than a model's.
        drawn = self._random.random(len(texts), dtype=np.float32)
        return np.stack([drawn, 1 - drawn], axis=1)


def measure_formats(texts: Sequence[str], folder: Path) -> Iterator[Format]:
    table = pa.table({"id": np.arange(len(texts)), "text": pa.array(texts, pa.string())})
    # Who scores has no million texts in memory, over which the collector would walk again and again.
    gc.freeze()
    try:
        for suffix in SUFFIXES:
            path = folder / f"tweets{suffix}"
            write_table(table, path)
            yield measure_format(path, folder / "scored.parquet", len(texts))
    finally:
        gc.unfreeze()


def write_table(table: pa.Table, path: Path) -> None:
    if path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=ORDER.partition_rows)
    elif path.suffix == ".csv":
        pv.write_csv(table, path, pv.WriteOptions(quoting_style="needed"))
    else:
        lines = (line for batch in table.to_batches() for line in as_objects(batch))
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def measure_format(path: Path, output: Path, rows: int) -> Format:
    clock = Clock()
    plan = make_plan(path, ORDER)
    looked = clock.lap()
    source = open_source(path, ORDER.text_column, names=plan.files[0].names)
    model = ConstantModel()
    added = added_columns(model, "")
    read = written = 0.0
    # A chunk at a time, as scoring does: nothing is kept.
    with open_output(output, ".parquet", source, added, is_gzipped=False) as write:
        clock.lap()
        for chunk in source.chunks():
            read += clock.lap()
            answers = predict(chunk.texts, model, added)
            clock.lap()
            write(chunk.rows, answers)
            written += clock.lap()
    written += clock.lap()
    require_labels(output, rows)
    return Format(
        suffix=path.suffix,
        looked=looked / rows * 1e6,
        read=read / rows * 1e6,
        written=written / rows * 1e6,
        bytes_in=path.stat().st_size / rows,
        bytes_out=output.stat().st_size / rows,
    )


class Clock:
    def __init__(self) -> None:
        self._last = time.perf_counter()

    def lap(self) -> float:
        """Seconds since the lap before."""
        last, self._last = self._last, time.perf_counter()
        return self._last - last


def require_labels(output: Path, rows: int) -> None:
    labels = pq.read_table(output, columns=["label"])["label"]
    if len(labels) != rows or pc.any(pc.is_null(labels)).as_py():
        raise ValueError(f"{len(labels):,} rows of {rows:,}, or some without a label")
