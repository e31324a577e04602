"""How many workers died over a partition: each leaves a mark where it begins, and takes it away when it is through.

    scored/_begun/monday.csv-00003.parquet/5f0c…    one is at work, or died at it

Ray begins the work of a worker that died again, for ever; what no worker survives has to end somewhere.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from trainer.scoring_partition import Job
from trainer.scoring_plan import Partition

FOLDER = "_begun"
# More than machines that are taken away by chance, one after the other, will cost one partition.
MOST_DEATHS = 3


@contextmanager
def attempt(partition: Partition, job: Job) -> Iterator[int]:
    """The workers that died over the partition before this one, in this run."""
    folder = job.output / FOLDER / partition.name
    folder.mkdir(parents=True, exist_ok=True)
    deaths = len(list(folder.iterdir()))
    mark = folder / uuid4().hex
    mark.touch()
    try:
        yield deaths
    finally:
        mark.unlink(missing_ok=True)


def forget_attempts(output: Path) -> None:
    shutil.rmtree(output / FOLDER, ignore_errors=True)
