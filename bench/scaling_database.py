"""What the database takes of predictions: rows a second in groups, as the API's spool gives them, and bytes a row."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import text

from bench.postgres import postgres
from bench.texts import ROOT
from inference.database import build_engine
from inference.rows import build_row
from inference.store import Store

GROUP = 500
SERVICE = ROOT / "services" / "inference"
SIZE = text("SELECT pg_total_relation_size('predictions')")


@dataclass(frozen=True)
class Written:
    rows: int
    seconds: float
    size: int  # bytes, with its indexes

    @property
    def bytes_a_row(self) -> float:
        return self.size / self.rows


def measure_database(texts: Sequence[str]) -> Written:
    """With a Postgres of its own, on this machine's disk."""
    with postgres() as database_url:
        migrate(database_url)
        engine = build_engine(database_url)
        store = Store(engine)
        rows = [row_of(tweet) for tweet in texts]
        started = time.perf_counter()
        new = sum(store.write_predictions(rows[first : first + GROUP]) for first in range(0, len(rows), GROUP))
        seconds = time.perf_counter() - started
        if new != len(rows):
            raise ValueError(f"{new:,} rows of {len(rows):,} were written")
        with engine.connect() as connection:
            size = connection.execute(SIZE).scalar_one()
        store.close()
        engine.dispose()
    return Written(len(rows), seconds, size)


def row_of(tweet: str) -> bytes:
    return build_row(
        prediction_id=uuid4(),
        text=tweet,
        label="negative",
        probability=0.8765432,
        probabilities={"negative": 0.8765432, "positive": 0.1234568},
        abstained=False,
        model_name="tweet-sentiment",
        model_version="7",
        model_digest="0" * 64,
        created_at=datetime.now(UTC),
    )


def migrate(database_url: str) -> None:
    environment = os.environ | {"INFERENCE_DATABASE_URL": database_url}
    subprocess.run([sys.executable, "-m", "inference.migrating", str(SERVICE)], env=environment, check=True)
