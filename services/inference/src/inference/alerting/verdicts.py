"""What the rules look at: verdicts in the order in which they came."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Judged:
    """What people think of one prediction."""

    # The number of the verdict, in the order in which the database took them.
    sequence: int
    prediction_id: UUID
    model_version: str
    rejected: bool
    # A pseudonym of the person, where the caller named one.
    reviewer: str | None
    # Since when the prediction has this verdict.
    at: datetime
