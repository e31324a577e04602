"""The end of scoring a folder: all rows are counted, the bad ones listed, and that it is whole is written last."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq
from pydantic import BaseModel
from tqdm import tqdm

from trainer.scoring import SHOWN, ScoringRefused
from trainer.scoring_files import text_writer, written_whole
from trainer.scoring_partition import Job
from trainer.scoring_plan import Partition
from trainer.scoring_rows import CHUNK_CHARACTERS

BAD_ROWS, SUCCESS = "_bad_rows.csv", "_SUCCESS"
COLUMNS = ["file", "row", "reason", "content"]


class Summary(BaseModel):
    """What `_SUCCESS` says: all rows, and those of them without a label."""

    rows: int
    bad: int


def finish(partitions: Sequence[Partition], job: Job) -> None:
    """Raises ScoringRefused where a partition does not have the rows that were planned."""
    rows = 0
    for partition in tqdm(partitions, desc="count", unit=" files", disable=None, leave=False):
        there = pq.read_metadata(job.output / partition.name).num_rows
        if partition.part.rows not in (None, there):
            raise ScoringRefused(
                f"{job.output / partition.name} has {there:,} rows of {partition.part.rows:,}: "
                f"did {partition.file} change? Remove it, and start again"
            )
        rows += there
    summary = Summary(rows=rows, bad=list_bad_rows(partitions, job))
    with written_whole(job.output / SUCCESS) as part:
        part.write_text(summary.model_dump_json() + "\n", encoding="utf-8")
    # Of workers that were killed.
    for left in job.output.rglob(".*.part"):
        left.unlink(missing_ok=True)


def read_summary(output: Path) -> Summary:
    return Summary.model_validate_json((output / SUCCESS).read_text(encoding="utf-8"))


def list_bad_rows(partitions: Sequence[Partition], job: Job) -> int:
    """All bad rows in one file, in the order of the rows; none where there are none. Gives their number."""
    count = 0
    with written_whole(job.output / BAD_ROWS) as part, ExitStack() as stack:
        writer = None
        for partition in partitions:
            for row in read_rows(job.bad_file(partition)):
                if writer is None:
                    stream = stack.enter_context(text_writer(part, is_gzipped=False))
                    writer = csv.DictWriter(stream, COLUMNS)
                    writer.writeheader()
                writer.writerow({"file": partition.file} | row)
                count += 1
    return count


def first_bad_rows(output: Path) -> list[dict[str, str]]:
    return list(islice(read_rows(output / BAD_ROWS), SHOWN))


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a csv of bad rows, which is not there where there are none."""
    if not path.exists():
        return
    csv.field_size_limit(64 * CHUNK_CHARACTERS)
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)
