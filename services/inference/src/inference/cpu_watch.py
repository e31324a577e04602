"""Looks again and again at what the container has spent, says so in /metrics, and warns before a plan stops the site.

One worker does it for all of them. A warning is a line of the log, an event for Application Insights, which is lost
where the worker ends before it has left, and a message to everybody who is told of alerts, as sure as those are.
"""

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from inference.alerting.delivery_store import DeliveryStore
from inference.cpu_budget import FIVE_MINUTES, BudgetWarning, Reason, Spent, add_up, judge
from inference.cpu_state import NAME, SpentFile, Turn
from inference.cpu_time import Meter, Usage, find_meter
from inference.metrics import SHARED_FOLDER, CpuGauges, Metrics
from inference.settings import Settings
from inference.telemetry.events import describe_low_budget
from inference.telemetry.telemetry import Telemetry

logger = logging.getLogger(__name__)

# At four fifths of what five minutes may take, a busy processor leaves 36 seconds.
EVERY_SECONDS = 10.0
SAVED_EVERY = timedelta(minutes=1)


class CpuWatch:
    """Used by one thread, but for `find_warning`."""

    def __init__(
        self,
        meter: Meter,
        file: SpentFile,
        turn: Turn,
        gauges: CpuGauges,
        budget_seconds: float,
        telling: "Telling",
        now: Callable[[], datetime],
    ) -> None:
        self._meter = meter
        self._file = file
        self._turn = turn
        self._gauges = gauges
        self._budget_seconds = budget_seconds
        self._telling = telling
        self._now = now
        # None until it is this worker's turn.
        self._spent: Spent | None = None
        self._saved_at: datetime | None = None
        # Warnings whose message could not be entered yet.
        self._unentered: list[BudgetWarning] = []

    def show_start(self) -> None:
        """What the start has taken. Nobody is told yet: that may wait for the database, and a start does not."""
        with suppress(OSError):
            if self._turn.is_ours():
                self._measure(self._now())

    def look(self) -> bool:
        """Never says that there is more. Raises Unavailable where a message could not be entered: it is later."""
        if not self._turn.is_ours():
            return False
        now = self._now()
        spent = self._measure(now)
        due = judge(spent, self._budget_seconds)
        self._keep(spent, due)
        for warning in due:
            self._telling.say(warning)
        self._unentered += due
        while self._unentered:
            self._telling.enter_message(self._unentered[0], now)
            del self._unentered[0]
        return False

    def find_warning(self, reason: Reason) -> BudgetWarning | None:
        """The last one, whichever worker gave it."""
        spent = self._spent or self._file.read()
        return None if spent is None else spent.warnings.get(reason)

    def _measure(self, now: datetime) -> Spent:
        usage = self._meter.read()
        before = self._spent or self._file.read()
        spent = add_up(before, now, usage.life, usage.cpu_seconds, usage.age_seconds)
        self._show(spent, usage)
        return spent

    def _show(self, spent: Spent, usage: Usage) -> None:
        gauges = self._gauges
        gauges.today.set(spent.today_seconds)
        gauges.budget.set(self._budget_seconds)
        gauges.lately.set(spent.within(FIVE_MINUTES))
        gauges.memory.set(usage.memory_bytes)
        gauges.memory_limit.set(usage.memory_limit_bytes)

    def _keep(self, spent: Spent, due: Sequence[BudgetWarning]) -> None:
        """Before anybody is told: after a restart nobody is to be told again."""
        if due:
            spent = spent.model_copy(update={"warnings": {**spent.warnings, **{each.reason: each for each in due}}})
        self._spent = spent
        is_time = self._saved_at is None or not timedelta(0) <= spent.at - self._saved_at < SAVED_EVERY
        if due or is_time:
            self._file.write(spent)
            self._saved_at = spent.at

    def stop(self) -> None:
        if self._spent is not None:
            self._file.write(self._spent)
        self._turn.end()


class Telling:
    """Everybody who is to know of a warning."""

    def __init__(
        self,
        deliveries: DeliveryStore,
        destinations: Sequence[str],
        telemetry: Telemetry | None,
    ) -> None:
        self._deliveries = deliveries
        self._destinations = destinations
        self._telemetry = telemetry

    def enter_message(self, warning: BudgetWarning, now: datetime) -> None:
        """Raises Unavailable."""
        if self._destinations:
            self._deliveries.enter_budget_warning(warning.reason, self._destinations, now)

    def say(self, warning: BudgetWarning) -> None:
        if self._telemetry is not None:
            self._telemetry.note_event(describe_low_budget(warning))
        logger.warning(
            "cpu_budget_low spent=%.1f budget=%.0f share=%.2f exhausted_at=%s reason=%s",
            warning.spent_seconds,
            warning.budget_seconds,
            warning.share,
            "" if warning.exhausted_at is None else warning.exhausted_at.isoformat(timespec="seconds"),
            warning.reason,
        )


def build_cpu_watch(
    settings: Settings, metrics: Metrics, telling: Telling, now: Callable[[], datetime]
) -> CpuWatch | None:
    """None where nothing can be measured."""
    shared = Path(os.environ[SHARED_FOLDER]) if SHARED_FOLDER in os.environ else None
    # Gunicorn, where it has started this process.
    meter = find_readable(os.getpid() if shared is None else os.getppid())
    if meter is None:
        if settings.cpu_minutes_a_day:
            logger.warning("cpu_budget_not_watched reason=%r", "this system does not say what is spent")
        return None
    path = settings.cpu_state_file or (None if shared is None else shared / NAME)
    budget = 60 * settings.cpu_minutes_a_day
    return CpuWatch(meter, SpentFile(path), Turn(shared), metrics.cpu_gauges(), budget, telling, now)


def find_readable(root: int) -> Meter | None:
    try:
        meter = find_meter(root)
        if meter is not None:
            meter.read()
    except (OSError, ValueError, IndexError):
        return None
    return meter
