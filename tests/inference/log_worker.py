"""What the tests of the prediction log share: a worker's part of it, and rows."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from uuid_utils import uuid7

from inference.database import build_engine
from inference.metrics import Metrics
from inference.prediction_log import PredictionLog
from inference.rows import build_row
from inference.spool import Spool
from inference.store import Store

MIB = 1024 * 1024


class CountingStore(Store):
    writes = 0

    def write_predictions(self, rows: Sequence[bytes]) -> int:
        self.writes += 1
        return super().write_predictions(rows)


StartWorker = Callable[..., "Worker"]


class Worker:
    """What a worker has of the log: its own end of the spool, its own connections, its own counts."""

    def __init__(self, folder: Path, database_url: str, max_bytes: int = MIB) -> None:
        self.store = CountingStore(build_engine(database_url))
        self.metrics = Metrics()
        self.log = PredictionLog(Spool(folder, max_bytes), self.store, self.metrics)

    def texts(self) -> list[str]:
        return [row.text for row in self.store.read_predictions(0, 5000).items]

    def count(self, name: str) -> float:
        [line] = [line for line in self.metrics.render().decode().splitlines() if line.startswith(f"inference_{name} ")]
        return float(line.split()[1])


def build(content: str, label: str | None = "negative") -> bytes:
    return build_row(
        prediction_id=str(uuid7()),
        text=content,
        label=label,  # type: ignore[arg-type]
        probability=0.75,
        probabilities={"negative": 0.75, "positive": 0.25},
        abstained=False,
        model_name="m",
        model_version="1",
        model_digest="d" * 64,
        created_at=datetime.now(UTC),
    )


def run(work: Coroutine[object, object, None]) -> None:
    async def in_time() -> None:
        async with asyncio.timeout(60):
            await work

    asyncio.run(in_time())


@contextmanager
def starting(folder: Path, database_url: str) -> Iterator[StartWorker]:
    """Starts workers that share a spool and a database, and closes them."""
    workers: list[Worker] = []

    def start(max_bytes: int = MIB) -> Worker:
        workers.append(Worker(folder, database_url, max_bytes))
        return workers[-1]

    yield start
    for worker in workers:
        worker.store.close()
