"""Tweets for scoring in bulk: real ones, repeated, each row under an id of its own."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from bench.texts import ROOT

FILE_ROWS = 1_000_000
GROUP_ROWS = 65_536


@dataclass(frozen=True)
class Tweets:
    """Texts to repeat, and where they are from, in a sentence."""

    once: list[str]
    origin: str

    def texts(self, rows: int) -> list[str]:
        return list(islice(cycle(self.once), rows))

    def write(self, folder: Path, rows: int) -> Path:
        """A folder of parquet files of a million rows each, with `id` from 0 on and `text`; gives the folder."""
        folder.mkdir(parents=True)
        texts = cycle(self.once)
        for first in tqdm(range(0, rows, FILE_ROWS), desc=f"write {rows:,} tweets", unit=" files", disable=None):
            count = min(FILE_ROWS, rows - first)
            ids = pa.array(range(first, first + count), pa.int64())
            table = pa.table({"id": ids, "text": pa.array(islice(texts, count), pa.string())})
            pq.write_table(table, folder / f"tweets-{first // FILE_ROWS:04d}.parquet", row_group_size=GROUP_ROWS)
        return folder


def read_tweets(data_dir: str | None) -> Tweets:
    """Sentiment140's, or where it is not there this repository's own."""
    path = Path(data_dir or "") / "sentiment140.parquet"
    if data_dir and path.is_file():
        once = [text for text in pq.read_table(path, columns=["text"])["text"].to_pylist() if text.strip()]
        return Tweets(once, f"Tweets of Sentiment140, {len(once):,} of them, in turns.")
    texts = list(sample_texts())
    return Tweets(texts, f"{len(texts):,} tweets of data/sample, in turns: shorter than most, and few words.")


def sample_texts() -> Iterator[str]:
    for path in sorted((ROOT / "data" / "sample").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            yield from (row["text"] for row in csv.DictReader(stream))
