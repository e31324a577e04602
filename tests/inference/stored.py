"""What tests of forgetting and of copies put into a database by hand, and all that can be found in it afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Table, create_engine, insert, inspect, select, text
from sqlalchemy.pool import NullPool
from uuid_utils.compat import uuid7

from inference.feedback_store import FeedbackStore, StoredFeedback, Verdict
from inference.rows import build_row
from inference.store import Store
from inference.tables import alerts, feedback, predictions

Row = Mapping[str, Any]

FORGOTTEN = {"text", "author", "comment", "reviewer"}


@dataclass(frozen=True)
class Stored:
    """Both kinds of rows, as old and by whom a test says. People are given by what stands in the row: a pseudonym."""

    engine: Engine

    def predict(self, content: str, at: datetime | None = None, author: str | None = None) -> UUID:
        prediction_id = uuid7()
        Store(self.engine).write_predictions([row_of(content, at, author, prediction_id)])
        return prediction_id

    def judge(
        self,
        prediction_id: UUID,
        verdict: Verdict = "rejected",
        *,
        comment: str | None = None,
        reviewer: str | None = None,
        at: datetime | None = None,
        copied: bool = False,
    ) -> None:
        given = StoredFeedback(prediction_id, verdict, "positive", comment, at or datetime.now(UTC), reviewer)
        FeedbackStore(self.engine, copies_rejections=copied).write_feedback(given, None)

    def predict_many(self, count: int, at: datetime, author: str) -> None:
        Store(self.engine).write_predictions([row_of(f"tweet {number}", at, author) for number in range(count)])

    def judge_all(self, at: datetime, reviewer: str) -> None:
        row = {"verdict": "rejected", "comment": "no", "reviewer": reviewer, "created_at": at}
        rows = [row | {"prediction_id": prediction["prediction_id"]} for prediction in self.predictions()]
        with self.engine.begin() as connection:
            connection.execute(insert(feedback), rows)

    def note_flood(
        self, reviewer: str, *, since: datetime, opened_at: datetime, closed_at: datetime | None = None
    ) -> None:
        about = {"alert_id": uuid7(), "kind": "note", "rule": "flood", "about": reviewer, "model_version": "1"}
        times = {"since": since, "opened_at": opened_at, "last_seen_at": opened_at, "closed_at": closed_at}
        with self.engine.begin() as connection:
            connection.execute(insert(alerts).values(about | times | {"times_seen": 1, "judged": 30, "rejected": 30}))

    def what_counts(self) -> list[Row]:
        """All that nobody forgets of predictions and verdicts."""
        rows = [*self.predictions(), *self.verdicts()]
        return [{name: value for name, value in row.items() if name not in FORGOTTEN} for row in rows]

    def predictions(self) -> list[Row]:
        return self.rows(predictions)

    def verdicts(self) -> list[Row]:
        return self.rows(feedback)

    def texts(self) -> list[str]:
        return [row["text"] for row in self.predictions()]

    def rows(self, table: Table) -> list[Row]:
        with self.engine.connect() as connection:
            order = table.c.sequence if "sequence" in table.c else next(iter(table.primary_key))
            return [dict(row) for row in connection.execute(select(table).order_by(order)).mappings()]


def row_of(
    content: str, at: datetime | None = None, author: str | None = None, prediction_id: UUID | None = None
) -> bytes:
    return build_row(
        prediction_id=prediction_id or uuid7(),
        text=content,
        label="negative",
        probability=0.75,
        probabilities={"negative": 0.75, "positive": 0.25},
        abstained=False,
        model_name="m",
        model_version="1",
        model_digest="d" * 64,
        created_at=at or datetime.now(UTC),
        author=author,
    )


def everything_in(database_url: str) -> str:
    """Every value of every row of every table, whether the service knows of it or not."""
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        assert "predictions" in tables
        rows = [row for table in tables for row in connection.execute(text(f'SELECT * FROM "{table}"'))]
    return "\n".join(repr(tuple(row)) for row in rows)


def files_with(folder: Path, word: str) -> list[Path]:
    """Those below the folder that have the word in them, whatever kind of file they are."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if word.encode() in path.read_bytes()]
