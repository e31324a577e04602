"""Scores one partition: what a worker does, on this machine or another, without a word to anybody else.

The parquet file gets its name when it is whole, and its bad rows lie beside it then: a partition is there or it is not.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from trainer.scoring import added_columns, bad_rows, predict
from trainer.scoring_files import readable, written_whole
from trainer.scoring_input import open_source
from trainer.scoring_output import open_output
from trainer.scoring_plan import Partition
from trainer.served_model import Classifier
from trainer.sources import UnreadableFile

BAD_FOLDER = "_bad_rows"


@dataclass(frozen=True)
class Job:
    """What all partitions of a run have in common; the folders are seen by every worker under these names."""

    source: Path
    output: Path
    text_column: str
    prefix: str

    def bad_file(self, partition: Partition) -> Path:
        return self.output / BAD_FOLDER / f"{partition.name}.csv"


@dataclass(frozen=True)
class Scored:
    """How a partition went: its rows, or what is damaged, and then it is not there."""

    rows: int
    damage: str = ""


def score_partition(partition: Partition, job: Job, classifier: Classifier) -> Scored:
    """Write a partition's rows with what the model says of them; whatever lay in their place is replaced."""
    path, target, rows = job.source / partition.file, job.output / partition.name, 0
    target.parent.mkdir(parents=True, exist_ok=True)
    job.bad_file(partition).parent.mkdir(parents=True, exist_ok=True)
    added = added_columns(classifier, job.prefix)
    try:
        with readable(path), ExitStack() as stack:
            source = open_source(path, job.text_column, names=partition.names)
            # In this order: where the partition is, its bad rows are too.
            part = stack.enter_context(written_whole(target))
            write_bad = stack.enter_context(bad_rows(job.bad_file(partition)))
            write = stack.enter_context(open_output(part, ".parquet", source, added, is_gzipped=False))
            for chunk in source.chunks(partition.part):
                write(chunk.rows, predict(chunk.texts, classifier, added))
                write_bad(chunk.bad)
                rows += len(chunk.texts)
    except UnreadableFile as error:
        return Scored(0, str(error))
    return Scored(rows)
