"""Verdicts at moments of a test's choice, and the watch over them: real stores, and a clock that the test sets."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, func, select
from uuid_utils.compat import uuid7

from inference.alerting.alert_store import Alert, AlertStore
from inference.alerting.burst import BurstRule
from inference.alerting.delivery_store import Delivery, DeliveryStore
from inference.alerting.incidents import Kind
from inference.alerting.rate import Detector, RateRule
from inference.alerting.watch import AlertRules, Watch
from inference.alerting.watch_store import CURSOR, WatchStore, build_detector
from inference.database import build_engine
from inference.feedback_store import FeedbackStore, StoredFeedback, Verdict
from inference.metrics import Metrics
from inference.rows import build_row
from inference.store import Store, StoredPrediction
from inference.tables import cursors, detectors, feedback

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SHARES = {"negative": 0.9, "positive": 0.1}
# Those of the settings, without the rule of the share.
BURSTS = AlertRules(
    burst=BurstRule(rejections=3, window=5 * MINUTE, user_cap=2),
    rate=None,
    user_cap=2,
    window=5 * MINUTE,
    flood=30,
    cooldown=30 * MINUTE,
)
RATES = replace(BURSTS, burst=None, rate=RateRule(false_alarm_every=10_000, baseline=0.15))


class Judging:
    """Minutes are counted from noon; `now` is where the clock stands."""

    def __init__(self, engine: Engine, destinations: Sequence[str] = ("first", "second")) -> None:
        self.now = NOON
        self.engine = engine
        self.destinations = destinations
        self.store = Store(engine)
        self.feedback = FeedbackStore(engine)
        self.alerts = AlertStore(engine)
        self.deliveries = DeliveryStore(engine)
        self.metrics = Metrics()

    def watch(self, rules: AlertRules = BURSTS, store: WatchStore | None = None) -> Watch:
        """A new one, as a worker has it: it knows only what is in the database."""
        return Watch(store or WatchStore(self.engine), rules, self.destinations, self.metrics, lambda: self.now)

    def go_to(self, minute: float) -> None:
        self.now = NOON + minute * MINUTE

    def predict(self, count: int = 1, version: str = "1", text: str = "late") -> list[UUID]:
        made = [
            StoredPrediction(uuid7(), text, "negative", 0.9, SHARES, False, "m", version, "d" * 64, NOON)
            for _ in range(count)
        ]
        self.store.write_predictions([build_row(**asdict(each)) for each in made])
        return [each.prediction_id for each in made]

    def say(
        self, prediction_id: UUID, verdict: Verdict, minute: float, by: str | None = None, label: str | None = None
    ) -> None:
        """The clock goes there too."""
        self.go_to(minute)
        given = StoredFeedback(prediction_id, verdict, label, None, self.now, None if by is None else pseudonym(by))
        self.feedback.write_feedback(given, None)

    def reject(self, *minutes: float, by: str | None = None, version: str = "1") -> list[UUID]:
        """A prediction at each."""
        made = self.predict(len(minutes), version)
        for prediction_id, minute in zip(made, minutes, strict=True):
            self.say(prediction_id, "rejected", minute, by)
        return made

    def found(self, kind: Kind = "alert") -> list[Alert]:
        """The open ones first, then the latest."""
        return self.alerts.list_alerts(kind, None, 100)

    def events(self, alert: Alert) -> list[str]:
        return [each.event for each in self.alerts.read_events(alert.alert_id)]

    def told(self, alert: Alert) -> list[tuple[str, str]]:
        """What for and where to, of all messages about it."""
        return [(each.purpose, each.destination) for each in self.messages(alert)]

    def messages(self, alert: Alert) -> list[Delivery]:
        return self.deliveries.read_deliveries_of(alert.alert_id)

    def is_all_looked_at(self) -> bool:
        """Whether a watch has seen every verdict."""
        with self.engine.connect() as connection:
            latest = connection.execute(select(func.max(feedback.c.sequence))).scalar_one()
            seen = connection.execute(select(cursors.c.sequence).where(cursors.c.name == CURSOR)).scalar_one_or_none()
        return latest == seen

    def detector(self, version: str = "1") -> Detector:
        with self.engine.connect() as connection:
            query = select(detectors).where(detectors.c.model_version == version)
            return build_detector(connection.execute(query).mappings().one())


def pseudonym(name: str) -> str:
    """As long as a real one."""
    return name.ljust(64, "-")


@contextmanager
def judging(database_url: str) -> Iterator[Judging]:
    engine = build_engine(database_url)
    try:
        yield Judging(engine)
    finally:
        engine.dispose()


def look_at_all(watch: Watch) -> None:
    while watch.look():
        pass
