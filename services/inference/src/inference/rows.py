"""A prediction as one row of JSON: made once, kept on the disk, and unpacked by the database itself, many at a time.

The database takes a group of them as one value. To bind ten values for each row would cost the worker more time than
the prediction did. It counts them by the hour too, in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Connection, text

from inference.database import POSTGRES
from inference.errors import RowsRefused

COLUMNS = """prediction_id, text, label, probability, probabilities, abstained,
    model_name, model_version, model_digest, created_at, author"""

# What is there already comes to the totals of before.
ADDED = """ON CONFLICT (hour, label) DO UPDATE SET
        predictions = hourly_totals.predictions + excluded.predictions,
        abstained = hourly_totals.abstained + excluded.abstained"""

# Only rows that were not there are counted. The totals come last, since all workers share them, and in one order, so
# that no two wait for each other.
INSERT_POSTGRES = text(f"""
    WITH written AS (
        INSERT INTO predictions ({COLUMNS})
        SELECT {COLUMNS} FROM json_to_recordset(CAST(:rows AS json)) AS row(
            prediction_id uuid, text text, label text, probability float8, probabilities json, abstained boolean,
            model_name text, model_version text, model_digest text, created_at timestamptz, author text)
        ON CONFLICT (prediction_id) DO NOTHING
        RETURNING created_at, label, abstained
    ), counted AS (
        INSERT INTO hourly_totals (hour, label, predictions, abstained)
        SELECT date_trunc('hour', created_at, 'UTC'), label, count(*), count(*) FILTER (WHERE abstained)
        FROM written GROUP BY 1, 2 ORDER BY 1, 2
        {ADDED}
    )
    SELECT count(*) FROM written""")

# As SQLAlchemy keeps them in SQLite: a UUID without hyphens, JSON as text.
INSERT_SQLITE = text(f"""
    INSERT INTO predictions ({COLUMNS})
    SELECT replace(value ->> 'prediction_id', '-', ''), value ->> 'text', value ->> 'label', value ->> 'probability',
        value -> 'probabilities', value ->> 'abstained', value ->> 'model_name', value ->> 'model_version',
        value ->> 'model_digest', value ->> 'created_at', value ->> 'author'
    FROM json_each(:rows) WHERE true
    ON CONFLICT (prediction_id) DO NOTHING""")

# It has one writer at a time, so that what follows the last row of before is what was written.
LAST_SQLITE = text("SELECT coalesce(max(sequence), 0) FROM predictions")
COUNT_SQLITE = text(f"""
    INSERT INTO hourly_totals (hour, label, predictions, abstained)
    SELECT substr(created_at, 1, 13) || ':00:00.000000', label, count(*), sum(abstained)
    FROM predictions WHERE sequence > :last GROUP BY 1, 2
    {ADDED}""")


def insert_rows(connection: Connection, rows: Sequence[bytes]) -> int:
    """The number of new ones. Raises RowsRefused where one is no UTF-8: SQLite would keep what nobody can read."""
    try:
        group = (b"[" + b",".join(rows) + b"]").decode()
    except UnicodeDecodeError as error:
        raise RowsRefused from error
    if connection.dialect.name != POSTGRES:
        return insert_and_count(connection, group)
    written: int = connection.execute(INSERT_POSTGRES, {"rows": group}).scalar_one()
    return written


def insert_and_count(connection: Connection, group: str) -> int:
    """In SQLite, whose statements write to one table each."""
    last = connection.execute(LAST_SQLITE).scalar_one()
    written = connection.execute(INSERT_SQLITE, {"rows": group}).rowcount
    connection.execute(COUNT_SQLITE, {"last": last})
    return written


def build_row(
    *,
    prediction_id: UUID | str,
    text: str,
    label: str,
    probability: float,
    probabilities: dict[str, float],
    abstained: bool,
    model_name: str,
    model_version: str,
    model_digest: str,
    created_at: datetime,
    author: str | None = None,
) -> bytes:
    """`created_at` is in UTC, `author` a pseudonym."""
    return to_json(
        {
            "prediction_id": prediction_id,
            "text": text,
            "label": label,
            "probability": probability,
            "probabilities": probabilities,
            "abstained": abstained,
            "model_name": model_name,
            "model_version": model_version,
            "model_digest": model_digest,
            # As SQLite keeps times; without their offset, which is that of UTC.
            "created_at": created_at.isoformat(" ", "microseconds")[:26],
            "author": author,
        }
    )
