"""What leaves for Application Insights, and what a sink says of each piece of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Event:
    """A row of customEvents (AppEvents)."""

    name: str
    # Azure takes a number or a nested object as it comes, and the query that reads it breaks: text only.
    properties: Mapping[str, str]
    at: datetime
    # One in so many was kept: `itemCount` of the row.
    stands_for: int = 1


@dataclass(frozen=True, slots=True)
class Metric:
    """A row of customMetrics (AppMetrics): values of the time since the one before, added up.

    Finite ones: infinity is no JSON, and the endpoint would refuse all that is sent with it.
    """

    name: str
    properties: Mapping[str, str]
    at: datetime
    count: int
    total: float
    least: float
    most: float


Item = Event | Metric


class Outcome(Enum):
    ACCEPTED = "accepted"
    # The endpoint was away, busy or over its quota: the same item may be taken later.
    LATER = "later"
    # It will not be taken as it is.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SinkNames:
    """Who speaks: `cloud_RoleName` and `cloud_RoleInstance` of every row."""

    role: str = "inference"
    instance: str = ""


class Sink(Protocol):
    def send(self, items: Sequence[Item]) -> list[Outcome]:
        """One outcome for each item, in their order, once the endpoint has answered. Blocks; never raises."""

    def close(self) -> None: ...
