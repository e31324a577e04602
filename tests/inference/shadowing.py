"""What tests of the shadow share: two models, what was noted of their tweets, and what the database has of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from sqlalchemy import Engine
from uuid_utils.compat import uuid7

from inference.champion import ServedModel
from inference.classifier import load_classifier
from inference.database import build_engine
from inference.feedback_store import FeedbackStore, StoredFeedback, Verdict
from inference.metrics import Metrics
from inference.rows import build_row
from inference.shadow import Shadow
from inference.shadow_scoring import ShadowScorer
from inference.shadow_store import FoundDisagreement, ShadowStore, ShadowTotal
from inference.store import Store

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
# "late" is positive for it; "lost", "thanks" and "great" are as they are for the others.
OTHER_WEIGHTS = [0.0, 0.0, -2.0, 3.0, -2.0, -3.0, 0.0]
TWO = {"negative": 0.9, "positive": 0.1}
THREE = {"negative": 0.8, "neutral": 0.1, "positive": 0.1}
TOTAL = ShadowTotal("c" * 64, "d" * 64, "2", "1", NOON, NOON, 10, 2, 1, 0.004, 0.002)


class RegisteredModel(Protocol):
    url: str
    name: str

    def publish(self, bundle: Path, *, digest: str | None = None) -> str: ...
    def promote(self, version: str) -> None: ...
    def publish_champion(self, bundle: Path) -> str: ...
    def challenge(self, version: str) -> None: ...
    def withdraw(self) -> None: ...


def load(folder: Path, version: str = "1") -> ServedModel:
    return ServedModel(load_classifier(folder), version, None, NOON)


class Shadowing:
    """A worker's shadow, with a database to write to; `now` is where its clock stands."""

    def __init__(self, engine: Engine, share: float = 1.0) -> None:
        self.engine = engine
        self.now = NOON
        self.shadow = Shadow(share)
        self.store = ShadowStore(engine)
        self.metrics = Metrics()
        self.scorer = ShadowScorer(self.shadow, self.store, self.metrics, lambda: self.now)

    def note(self, champion: ServedModel, *texts: str) -> list[UUID]:
        """As answering.py does it: with what the champion said."""
        ids = [uuid7() for _ in texts]
        for prediction_id, text in zip(ids, texts, strict=True):
            label = champion.classifier.predict([text])[0].label
            self.shadow.note(str(prediction_id), text, label, champion)
        return ids

    def look(self) -> None:
        """At once, however short it has rested."""
        self.scorer._rests_until = 0.0
        self.scorer.look()

    def total(self) -> ShadowTotal:
        [total] = self.store.read_totals(10)
        return total

    def judge(self, prediction_id: UUID, verdict: Verdict, label: str | None = None, by: str | None = None) -> None:
        given = StoredFeedback(prediction_id, verdict, label, None, datetime.now(UTC), by)
        FeedbackStore(self.engine).write_feedback(given, None)

    def predict(
        self,
        text: str = "late",
        probabilities: dict[str, float] = TWO,
        *,
        prediction_id: UUID | None = None,
        at: datetime = NOON,
        author: str | None = None,
        digest: str = "d" * 64,
        abstained: bool = False,
    ) -> UUID:
        """A row of the log; its label is the one that comes first."""
        prediction_id = prediction_id or uuid7()
        label, probability = next(iter(probabilities.items()))
        row = build_row(
            prediction_id=prediction_id,
            text=text,
            label=label,
            probability=probability,
            probabilities=probabilities,
            abstained=abstained,
            model_name="m",
            model_version="1",
            model_digest=digest,
            created_at=at,
            author=author,
        )
        Store(self.engine).write_predictions([row])
        return prediction_id

    def disagree(
        self, prediction_id: UUID, label: str = "positive", at: datetime = NOON, challenger: str = "c" * 64
    ) -> None:
        found = FoundDisagreement(prediction_id, challenger, "2", "d" * 64, label, 0.7, "negative", at)
        total = replace(TOTAL, challenger_digest=challenger, since=at, until=at)
        self.store.write([total], [found])


@contextmanager
def shadowing(database_url: str, share: float = 1.0) -> Iterator[Shadowing]:
    engine = build_engine(database_url)
    try:
        yield Shadowing(engine, share)
    finally:
        engine.dispose()
