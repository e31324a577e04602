"""Brings messages to one destination, at least once, however often that takes."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from inference.alerting.alert_store import AlertStore
from inference.alerting.delivery_store import BUDGET_PURPOSES, DeliveryStore, DueDelivery
from inference.alerting.message import Message
from inference.alerting.notifiers import DeliveryFailed, Notifier
from inference.alerting.wording import word_budget, word_closed, word_opened, word_test
from inference.cpu_budget import BudgetWarning, Reason
from inference.metrics import Metrics
from inference.privacy import Privacy

logger = logging.getLogger(__name__)

LONGEST_PAUSE = timedelta(minutes=5)
REASONS: dict[str, Reason] = {purpose: reason for reason, purpose in BUDGET_PURPOSES.items()}
# An alert of days ago helps nobody; a test is wanted now, and a budget is whole again on the next day.
GIVEN_UP_AFTER = timedelta(hours=72)
SOONER = {
    "test": timedelta(minutes=1),
    BUDGET_PURPOSES["day"]: timedelta(hours=12),
    BUDGET_PURPOSES["five_minutes"]: timedelta(hours=1),
}


def knows_of_none(_: Reason) -> BudgetWarning | None:
    return None


class Deliverer:
    """Each destination has one, so that none waits for another that hangs."""

    def __init__(
        self,
        notifier: Notifier,
        deliveries: DeliveryStore,
        alerts: AlertStore,
        privacy: Privacy,
        metrics: Metrics,
        page_url: str,
        now: Callable[[], datetime],
        find_budget_warning: Callable[[Reason], BudgetWarning | None] = knows_of_none,
    ) -> None:
        self._notifier = notifier
        self._deliveries = deliveries
        self._alerts = alerts
        self._privacy = privacy
        self._metrics = metrics
        self._page_url = page_url
        self._now = now
        self._find_budget_warning = find_budget_warning

    def deliver(self) -> bool:
        """One message. Whether it was one to send, and nobody else did. Raises Unavailable."""
        due = self._deliveries.find_due(self._notifier.destination, self._now())
        if due is None:
            return False
        # Before it is claimed: a database that goes away in between would leave it to nobody until the lease is over.
        message = self._word(due)
        due = self._deliveries.claim(due, self._now())
        if due is None:
            return False
        error = self._send(message)
        now = self._now()
        again_at = None if error is None else next_attempt(due, now)
        self._deliveries.settle(due.delivery_id, now, error, again_at)
        self._note(due, error, again_at)
        return True

    def _send(self, message: Message) -> str | None:
        try:
            self._notifier.send(message)
        except DeliveryFailed as error:
            return str(error)
        return None

    def _word(self, due: DueDelivery) -> Message:
        if (reason := REASONS.get(due.purpose)) is not None:
            return word_budget(due, reason, self._find_budget_warning(reason))
        if due.alert_id is None:
            return word_test(due)
        alert = self._alerts.read_alert(due.alert_id)
        if due.purpose == "closed":
            return word_closed(due, alert)
        note = self._alerts.read_opening_note(alert.alert_id)
        examples = self._alerts.read_examples(alert.alert_id)
        return word_opened(due, alert, note, examples, self._page_url, self._privacy)

    def _note(self, due: DueDelivery, error: str | None, again_at: datetime | None) -> None:
        outcome = "delivered" if error is None else "postponed" if again_at is not None else "given_up"
        self._metrics.deliveries.labels(outcome).inc()
        logger.log(
            logging.INFO if error is None else logging.WARNING,
            "message_%s purpose=%s destination=%r attempt=%d error=%r",
            outcome,
            due.purpose,
            self._notifier.destination,
            due.attempts,
            error,
        )


def next_attempt(due: DueDelivery, now: datetime) -> datetime | None:
    """None where it is given up."""
    if now - due.created_at > SOONER.get(due.purpose, GIVEN_UP_AFTER):
        return None
    return now + min(LONGEST_PAUSE, timedelta(seconds=2.0 ** min(due.attempts, 16)))
