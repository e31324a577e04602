"""What callers were told while something went wrong, beside what the API has afterwards: is any lost, or made up?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.latency import Latency, summarize

# In place of a status: the connection broke.
BROKEN = 0

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """Of time.monotonic; the seconds count from when the request was due."""

    sent_at: float
    seconds: float
    status: int
    # Whether one that sends the caller away says for how long.
    says_when: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    prediction_id: str
    verdict: str
    # That which is stored: of a confirmation the prediction's own.
    label: str | None
    comment: str
    key: str

    @property
    def content(self) -> tuple[str, str | None, str | None]:
        return self.verdict, self.label, self.comment


@dataclass
class Ledger:
    """Written by the callers' threads: each only adds."""

    name: str
    predictions: list[Answer] = field(default_factory=list)
    # Their ids, in the order of their answers, and the version that gave it.
    predicted: list[str] = field(default_factory=list)
    versions: set[str] = field(default_factory=set)
    verdicts: list[Answer] = field(default_factory=list)
    # By prediction: at least once with 201; never; answered 404.
    acknowledged: dict[str, Verdict] = field(default_factory=dict)
    unacknowledged: dict[str, Verdict] = field(default_factory=dict)
    unknown: dict[str, Verdict] = field(default_factory=dict)

    @property
    def rejected(self) -> list[str]:
        """Predictions whose rejection was acknowledged."""
        return [each for each, verdict in self.acknowledged.items() if verdict.verdict == "rejected"]

    @property
    def failures(self) -> dict[int, int]:
        """Predictions that were not answered with 200: how many of each status."""
        return count_statuses(self.predictions, 200)

    @property
    def refused_verdicts(self) -> dict[int, int]:
        return count_statuses(self.verdicts, 201)

    @property
    def latency(self) -> Latency:
        return summarize(each.seconds for each in self.predictions if each.status == 200)

    def says_when_to_come_back(self) -> bool:
        return all(each.says_when for each in (*self.predictions, *self.verdicts) if each.status == 503)

    def compare(self, predictions: Iterable[Item], feedback: Iterable[Item]) -> "Comparison":
        """With the items of both routes; those of other callers are left out."""
        told = Counter(self.predicted)
        mine = told.keys() | self.acknowledged.keys() | self.unacknowledged.keys() | self.unknown.keys()
        logged = Counter(item["prediction_id"] for item in predictions if item["prediction_id"] in told)
        rows = [item for item in feedback if item["prediction_id"] in mine]
        written = Counter(item["prediction_id"] for item in rows)
        given = self.acknowledged | self.unacknowledged | self.unknown
        other = {
            item["prediction_id"]
            for item in rows
            if item["prediction_id"] not in given or content_of(item) != given[item["prediction_id"]].content
        }
        return Comparison(
            missing=sorted(self.acknowledged.keys() - written.keys()),
            duplicates=more_than_once(written),
            others=sorted(other),
            missing_predictions=sorted(told.keys() - logged.keys()),
            duplicate_predictions=sorted({*more_than_once(logged), *more_than_once(told)}),
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """All by the prediction's id."""

    # Acknowledged, and not there.
    missing: Sequence[str]
    # There more than once.
    duplicates: Sequence[str]
    # There with another content than was given, or never given.
    others: Sequence[str]
    # Answered, and not in the log: a test says how many may be.
    missing_predictions: Sequence[str]
    duplicate_predictions: Sequence[str]

    def faults(self) -> list[str]:
        """A line for each kind, with one of them."""
        kinds = {
            "acknowledged and not there": self.missing,
            "there more than once": self.duplicates,
            "there with another content": self.others,
            "in the log more than once": self.duplicate_predictions,
        }
        return [f"{len(found)} {kind}, such as {found[0]}" for kind, found in kinds.items() if found]


def content_of(item: Item) -> tuple[str, str | None, str | None]:
    return item["verdict"], item["label"], item["comment"]


def count_statuses(answers: Iterable[Answer], good: int) -> dict[int, int]:
    return dict(Counter(each.status for each in answers if each.status != good))


def more_than_once(counts: Counter[str]) -> list[str]:
    return sorted(each for each, count in counts.items() if count > 1)
