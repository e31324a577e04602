"""The SQL of predictions: they are written here in groups, and read one by one or page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import RowMapping, Select, Table, select
from sqlalchemy.exc import DataError, IntegrityError

from inference.errors import RowsRefused, UnknownPrediction
from inference.loop_tables import metadata
from inference.rows import insert_rows
from inference.tables import predictions
from inference.transactions import Transactions, announce_writer, wait_for_writers


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    prediction_id: UUID
    # Empty where it is not kept any more: no text is blank when it comes.
    text: str
    label: str
    probability: float
    probabilities: dict[str, float]
    abstained: bool
    model_name: str
    model_version: str
    model_digest: str
    created_at: datetime


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    items: list[Item]
    next_since: int


class Store(Transactions):
    has_schema = False

    def close(self) -> None:
        self._readers.dispose()

    def check_schema(self) -> None:
        """Raises DatabaseNotMigrated where a table or a column is missing."""
        with self._reading() as connection:
            for table in metadata.tables.values():
                connection.execute(select(table).limit(0))
        self.has_schema = True

    def write_predictions(self, rows: Sequence[bytes]) -> int:
        """Rows as inference.rows builds them; those that are there already stay. The number of new ones, which
        are counted by the hour in the same transaction.

        Raises RowsRefused where the database will never take one of them; none is written then.
        """
        try:
            with self._writing() as connection:
                announce_writer(connection, predictions)
                return insert_rows(connection, rows)
        except (IntegrityError, DataError) as error:
            raise RowsRefused from error

    def read_prediction(self, prediction_id: UUID) -> StoredPrediction:
        query = select(predictions).where(predictions.c.prediction_id == prediction_id)
        with self._reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            raise UnknownPrediction
        return build_prediction(row)

    def read_predictions(self, since: int, limit: int) -> Page[StoredPrediction]:
        query = page_of(select(predictions), predictions, since, limit)
        with self._reading() as connection:
            wait_for_writers(connection, predictions)
            rows = connection.execute(query).mappings().all()
        return Page([build_prediction(row) for row in rows], rows[-1]["sequence"] if rows else since)


def page_of(query: Select[tuple[object, ...]], table: Table, since: int, limit: int) -> Select[tuple[object, ...]]:
    return query.where(table.c.sequence > since).order_by(table.c.sequence).limit(limit)


def build_prediction(row: RowMapping) -> StoredPrediction:
    stored = StoredPrediction(**{field.name: row[field.name] for field in fields(StoredPrediction)})
    # SQLite reads the last digit of a number in JSON its own way; the column beside it is kept as it was written.
    return replace(stored, probability=stored.probabilities[stored.label])
