"""What one person's session knows of the alerts: as the API last told, and what the person says about them.

What the API told stays when it goes away, and so does the form that is being filled in. As in `session`, callbacks get
the board as an argument, and whoever asks the API or draws holds its lock.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock
from uuid import UUID

from ui.api.alert_answers import Alert, AlertDetails, Delivery
from ui.api.client import Client
from ui.api.errors import ApiError
from ui.elements.places import Places
from ui.people.nameplate import Nameplate
from ui.settings import Settings
from ui.words.language import Notice

LISTED = 50
SAME_CLICK = timedelta(seconds=3)


@dataclass(eq=False)
class Reply:
    """What this person says to one alert."""

    alert_id: UUID
    # Counts the forms: an empty one has fields of its own.
    number: int = 0
    is_stored: bool = False
    failure: ApiError | None = None
    notice: Notice | None = None

    def send(self, client: Client, by: str, note: str | None) -> None:
        if self.is_stored:
            return
        self.failure, self.notice = None, None
        try:
            client.acknowledge(self.alert_id, by, note)
        except ApiError as error:
            self.failure = error
            return
        self.is_stored = True

    def start_another(self) -> None:
        self.number, self.is_stored = self.number + 1, False


@dataclass(eq=False)
class Trial:
    """The last test message of this session."""

    sent_at: datetime | None = None
    deliveries: list[Delivery] = field(default_factory=list)
    failure: ApiError | None = None

    def send(self, client: Client) -> None:
        """A double click, or clicks that waited for the first, are one message."""
        if self.sent_at is not None and datetime.now(UTC) - self.sent_at < SAME_CLICK:
            return
        self.failure, self.sent_at, self.deliveries = None, None, []
        try:
            self.deliveries = client.send_test()
        except ApiError as error:
            self.failure = error
            return
        self.sent_at = datetime.now(UTC)


@dataclass(eq=False)
class AlertBoard:
    settings: Settings
    client: Client
    # None before the first answer.
    refreshed_at: datetime | None = None
    open: list[AlertDetails] = field(default_factory=list)
    past: list[Alert] = field(default_factory=list)
    failure: ApiError | None = None
    replies: dict[UUID, Reply] = field(default_factory=dict)
    trial: Trial = field(default_factory=Trial)
    places: Places = field(default_factory=Places)
    plate: Nameplate = field(default_factory=Nameplate)
    lock: RLock = field(default_factory=RLock)
    _looked_at: dict[UUID, AlertDetails] = field(default_factory=dict)

    def refresh(self) -> None:
        """All that is shown, or none of it: half an answer would be two moments in one picture."""
        try:
            listed = self.client.list_alerts(LISTED)
            details = [self.client.read_alert(alert.alert_id) for alert in listed if alert.is_open]
        except ApiError as error:
            self.failure = error
            return
        self.failure, self.refreshed_at = None, datetime.now(UTC)
        # One may have been closed between the two questions: its details are the later word.
        self.open = [alert for alert in details if alert.is_open]
        self.past = [alert for alert in details if not alert.is_open] + [each for each in listed if not each.is_open]

    def look_at(self, alert: Alert) -> AlertDetails | None:
        """The details of a past alert; None where the API did not give them."""
        # The API was asked a moment ago: where it failed, one wait is enough.
        if self.failure is None:
            with suppress(ApiError):
                self._looked_at[alert.alert_id] = self.client.read_alert(alert.alert_id)
        return self._looked_at.get(alert.alert_id)

    def reply_to(self, alert: Alert) -> Reply:
        return self.replies.setdefault(alert.alert_id, Reply(alert.alert_id))
