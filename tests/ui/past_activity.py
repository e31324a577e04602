"""Predictions and verdicts of hours that are over, written into an API's database as the API itself writes them."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine
from uuid_utils.compat import uuid7

from inference.database import build_engine
from inference.feedback_store import FeedbackStore, StoredFeedback
from inference.rows import build_row
from inference.store import Store

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Past:
    engine: Engine

    def answer(self, at: datetime, count: int, label: str = "negative", *, abstained: bool = False) -> list[UUID]:
        ids = [uuid7() for _ in range(count)]
        Store(self.engine).write_predictions([row_of(each, at, label, abstained) for each in ids])
        return ids

    def judge(self, ids: list[UUID], at: datetime, *, rejected: int) -> None:
        """The first of them are rejected, the others confirmed."""
        store = FeedbackStore(self.engine, copies_rejections=False)
        for number, each in enumerate(ids):
            verdict = "rejected" if number < rejected else "confirmed"
            store.write_feedback(StoredFeedback(each, verdict, None, None, at, None), None)


@contextmanager
def past_of(folder: Path) -> Iterator[Past]:
    """Of the API whose files lie there."""
    engine = build_engine(f"sqlite:///{folder / 'inference.db'}")
    try:
        yield Past(engine)
    finally:
        engine.dispose()


def live_through(past: Past, days: int, seed: int = 7) -> None:
    """Some hundred tweets a day, quiet at night, with a day of trouble, and verdicts on a few of them."""
    drawn = random.Random(seed)
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for number in range(24 * days):
        hour = now - number * HOUR
        busy = 1.0 if 7 <= hour.hour <= 21 else 0.15
        is_trouble = 30 <= number < 42
        count = int(drawn.uniform(6, 20) * busy * (3 if is_trouble else 1))
        share = 0.7 if is_trouble else 0.3
        for label, part in (("negative", share), ("neutral", 0.75 * (1 - share)), ("positive", 0.25 * (1 - share))):
            ids = past.answer(hour, round(count * part), label, abstained=drawn.random() < 0.1)
            judged = ids[: round(len(ids) * 0.25)]
            past.judge(judged, hour, rejected=round(len(judged) * (0.5 if is_trouble else 0.2)))


def row_of(prediction_id: UUID, at: datetime, label: str, abstained: bool) -> bytes:
    return build_row(
        prediction_id=prediction_id,
        text="a tweet of some time ago",
        label=label,
        probability=0.75,
        probabilities={label: 0.75},
        abstained=abstained,
        model_name="m",
        model_version="1",
        model_digest="d" * 64,
        created_at=at.astimezone(UTC),
    )
