"""Drift reports as the trainer posts them, and as they come into a database at moments of a test's choice."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from inference.alerting.alert_store import Alert
from inference.drift_store import DriftState, DriftStore, FoundDrift, Monitor, StoredReport
from tests.inference.judging import Judging

REASONS = ("words unknown to the model: 9.1 % instead of 2.3 %", "negative answers: 71 % instead of 48 %")
REFERENCE = "sentiment140, 160,000 tweets (training and validation)"
LINK = "https://mlflow.example/#/experiments/4/runs/abc"

Fields = dict[str, object]


def body(**changes: object) -> Fields:
    """What the trainer posts where it found drift."""
    monitor = {"name": "unknown_words", "statistic": 0.091, "threshold": 0.031, "moved": True, "words": REASONS[0]}
    found: Fields = {"model_version": "3", "model_digest": "d" * 64, "state": "drifted", "reasons": list(REASONS)}
    looked_at: Fields = {"monitors": [monitor], "windows": 2, "predictions": 1000, "since": 4000, "until": 5000}
    return found | looked_at | {"reference": REFERENCE, "link": LINK} | changes


@dataclass
class Trainer:
    """Compares the next thousand predictions each time, unless a test says otherwise."""

    people: Judging
    reports: DriftStore = field(init=False)
    until: int = 0

    def __post_init__(self) -> None:
        self.reports = DriftStore(self.people.engine)

    def report(
        self, *states: DriftState, day: float = 0, version: str = "3", reasons: Sequence[str] = REASONS
    ) -> list[StoredReport]:
        """The clock goes to that day; nobody looks at the reports yet."""
        self.people.go_to(day * 24 * 60)
        return [self._write(state, version, reasons) for state in states]

    def _write(self, state: DriftState, version: str, reasons: Sequence[str]) -> StoredReport:
        since, self.until = self.until, self.until + 1000
        found = FoundDrift(
            model_version=version,
            model_digest=version.rjust(64, "d"),
            state=state,
            reasons=list(reasons),
            monitors=[Monitor("unknown_words", 0.091, 0.031, True, REASONS[0])],
            windows=2,
            predictions=1000,
            since=since,
            until=self.until,
            reference=REFERENCE,
            link=LINK,
        )
        report, is_new = self.reports.write_report(found, self.people.now)
        assert is_new
        return report

    def look(self) -> None:
        """By a worker that knows only what is in the database."""
        while self.people.watch().look():
            pass

    def alerts(self) -> list[Alert]:
        """Those of this rule, in the order in which they were opened."""
        return sorted(
            (alert for alert in self.people.found() if alert.rule == "drift"), key=lambda each: each.opened_at
        )
