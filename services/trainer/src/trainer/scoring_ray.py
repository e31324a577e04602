"""Scores partitions on Ray's workers: a Ray Data pipeline, in which one worker reads, scores and writes a partition.

What Ray moves is a partition's number one way and its count the other: no row passes through the object store, and
nothing is shuffled. The model is sent to each worker once. A worker that dies is replaced, as often as it
dies, and its partition begun again, which is safe because a partition gets its name when it is whole. A partition that
no worker survives is left out, and said to be damaged.
"""

import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.bundle import Bundle, load_bundle
from trainer.errors import TrainerError
from trainer.ray_cluster import joined_cluster
from trainer.scoring_attempts import MOST_DEATHS, attempt, forget_attempts
from trainer.scoring_partition import Job, Scored, score_partition
from trainer.scoring_plan import Partition

if TYPE_CHECKING:
    import ray


class WorkerFailed(TrainerError):
    """A worker could not do its work, for want of disk say; what was scored stays, and the same command goes on."""


class Scorer:
    """A worker: the bundle in memory, and a partition at a time."""

    def __init__(self, handed: "ray.ObjectRef[tuple[dict[str, bytes], Job, Sequence[Partition]]]") -> None:
        import ray

        # A worker has one processor; the tokenizer would take all there are.
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        files, self._job, self._partitions = ray.get(handed)
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                (Path(folder) / name).write_bytes(content)
            self._classifier = load_bundle(Path(folder)).classifier

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        (number,) = batch["item"]
        scored = self._score(self._partitions[number])
        return {"rows": [scored.rows], "damage": [scored.damage]}

    def _score(self, partition: Partition) -> Scored:
        with attempt(partition, self._job) as deaths:
            if deaths >= MOST_DEATHS:
                return Scored(0, f"{partition.file}: {deaths} workers died, one after the other, over {partition.name}")
            return score_partition(partition, self._job, self._classifier)


def score_on_ray(
    partitions: Sequence[Partition], job: Job, bundle: Bundle, *, address: str | None, workers: int | None
) -> Iterator[Scored]:
    """The partitions, as they get done, on so many workers of the cluster at `address`; raises WorkerFailed."""
    with joined_cluster(address, workers) as count:
        import ray
        from ray.data import ActorPoolStrategy, DataContext, from_items

        # Its bars and reports would stand between those of the trainer.
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        context = DataContext.get_current()
        context.enable_progress_bars = context.print_on_execution_start = False
        files = {name: (bundle.folder / name).read_bytes() for name in (*bundle.card.files, "model.json")}
        handed = ray.put((files, job, partitions))
        numbers = from_items(list(range(len(partitions))), override_num_blocks=len(partitions))
        size = min(count, len(partitions))
        done = numbers.map_batches(
            Scorer,
            batch_size=1,
            fn_constructor_args=(handed,),
            # One at work and one that waits, lest a worker waits for this process; more would make an uneven end.
            compute=ActorPoolStrategy(size=size, max_tasks_in_flight_per_actor=2),
            num_cpus=1,
        )
        forget_attempts(job.output)
        try:
            for row in done.iter_rows():
                yield Scored(row["rows"], row["damage"])
        except ray.exceptions.RayError as error:
            raise WorkerFailed(
                f"a worker failed: {last_line(error)}; the same command goes on with what is missing"
            ) from error
        finally:
            forget_attempts(job.output)


def last_line(error: Exception) -> str:
    return str(error).strip().rpartition("\n")[2]
