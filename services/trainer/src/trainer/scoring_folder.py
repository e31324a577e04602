"""Scores a folder of files into a folder of parquet files; a run that was cut goes on with the same command.

trainer score tweets/ scored/
trainer score tweets/ scored/ --engine ray

scored/_plan.json                  what is cut into what; written first
scored/monday.csv-00000.parquet    a partition; those after it have the rows that follow
scored/_bad_rows.csv               the rows that have no label, with file, row, reason and content
scored/_SUCCESS                    written last: all rows are there
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from trainer.bundle import Bundle
from trainer.scoring_begin import open_plan, require_apart
from trainer.scoring_finish import SUCCESS, Summary, finish, first_bad_rows, read_summary
from trainer.scoring_partition import Job, Scored, score_partition
from trainer.scoring_plan import Order, Partition, Plan
from trainer.sources import UnreadableFile

# What scores partitions, in any order.
Engine = Callable[[Sequence[Partition], Job, Bundle], Iterator[Scored]]


@dataclass(frozen=True)
class FolderReport:
    """How it went: `found` counts the partitions that were there before; `first` are lines of `_bad_rows.csv`."""

    summary: Summary
    partitions: int
    found: int
    first: list[dict[str, str]]


def score_here(partitions: Sequence[Partition], job: Job, bundle: Bundle) -> Iterator[Scored]:
    """One partition after the other, in this process."""
    return (score_partition(partition, job, bundle.classifier) for partition in partitions)


def score_folder(
    source: Path, output: Path, bundle: Bundle, order: Order, *, overwrite: bool = False, engine: Engine = score_here
) -> FolderReport:
    """Score what is missing in `output`, and see to it that each row of `source` is there.

    Raises ScoringRefused or UnreadableFile: before anything is written where a file or a column is in the way, and at
    the end where files turned out to be damaged, after all others were scored.
    """
    source, output = source.resolve(), output.resolve()
    require_apart(source, output)
    plan = open_plan(source, output, bundle, order, overwrite=overwrite)
    job = Job(source if source.is_dir() else source.parent, output, order.text_column, order.prefix)
    partitions = list(plan.partitions())
    missing = [each for each in partitions if not (output / each.name).exists()]
    if missing:
        (output / SUCCESS).unlink(missing_ok=True)
        score_missing(missing, plan, engine(missing, job, bundle))
    if not (output / SUCCESS).exists():
        finish(partitions, job)
    return FolderReport(read_summary(output), len(partitions), len(partitions) - len(missing), first_bad_rows(output))


def score_missing(missing: Sequence[Partition], plan: Plan, scored: Iterator[Scored]) -> None:
    damage = []
    there = None if plan.rows is None else plan.rows - sum(each.part.rows or 0 for each in missing)
    with tqdm(desc="score", total=plan.rows, initial=there or 0, unit=" tweets", unit_scale=True, disable=None) as bar:
        for each in scored:
            bar.update(each.rows)
            damage += [each.damage] if each.damage else []
    if damage:
        raise UnreadableFile(
            f"{len(damage)} of {len(missing)} partitions could not be scored, all others are: "
            f"{'; '.join(sorted(damage)[:3])}"
        )
