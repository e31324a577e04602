"""A typed client for the routes of the inference API that the pages use, and what their user may ask of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from ui.api.activity import Activity
from ui.api.alert_answers import Alert, AlertDetails, AlertList, Delivery, DeliveryList
from ui.api.errors import NotAllowed
from ui.api.model_answers import (
    DriftReport,
    DriftReportList,
    Journal,
    JournalEntry,
    ModelList,
    ServedModel,
    ShadowAnswer,
    ShadowList,
)
from ui.api.predictions import (
    Comparison,
    Explanation,
    Prediction,
    PredictionList,
    ReviewQueue,
    StoredFeedback,
    Verdict,
)
from ui.api.transport import Transport, bearer
from ui.people.person import ANYBODY, Person, Role
from ui.settings import Settings

# The API itself waits some seconds for those who get a test message.
TEST_SECONDS = 10.0
# It fetches and verifies a bundle before it moves the champion, and says so where that takes longer than an answer may.
MOVE_SECONDS = 15.0
# Of 256 long tweets, on a busy machine.
BATCH_SECONDS = 30.0


class Client:
    """Each method raises ApiError. What the person may not do is refused here, whatever the browser sends."""

    def __init__(self, settings: Settings, person: Person = ANYBODY, ends_at: datetime | None = None) -> None:
        self._transport = Transport(settings, ends_at)
        self._ask = self._transport.ask
        self._owner_key = settings.owner_key
        self.person = person

    def end(self) -> None:
        """The person has gone: what still runs in their name asks no more."""
        self._transport.ends_at = datetime.now(UTC)

    def predict(self, text: str) -> Prediction:
        return self._ask("POST", "/v1/predictions", Prediction, body={"text": text})

    def predict_batch(self, texts: Sequence[str]) -> list[Prediction]:
        """In the order of the texts."""
        path, body = "/v1/predictions/batch", {"texts": texts}
        return self._ask("POST", path, PredictionList, body=body, at_least_seconds=BATCH_SECONDS).predictions

    def explain(self, prediction_id: str) -> Explanation:
        return self._ask("POST", f"/v1/predictions/{prediction_id}/explanation", Explanation)

    def compare(self, text: str) -> Comparison:
        return self._ask("POST", "/v1/comparisons", Comparison, body={"text": text})

    def send_feedback(
        self,
        prediction_id: str,
        verdict: Verdict,
        *,
        idempotency_key: str,
        label: str | None = None,
        comment: str | None = None,
        reviewer: str | None = None,
    ) -> StoredFeedback:
        """Of somebody who has signed in, in that name."""
        self._require(Role.REVIEWER)
        given = {
            "prediction_id": prediction_id,
            "verdict": verdict,
            "label": label,
            "comment": comment,
            "reviewer": self.person.name or reviewer,
        }
        body = {name: value for name, value in given.items() if value is not None}
        headers = {"Idempotency-Key": idempotency_key}
        return self._ask("POST", "/v1/feedback", StoredFeedback, body=body, headers=headers)

    def read_review_queue(self, limit: int) -> ReviewQueue:
        return self._ask("GET", f"/v1/review-queue?limit={limit}", ReviewQueue)

    def list_alerts(self, limit: int) -> list[Alert]:
        """The open ones first, then the latest."""
        return self._ask("GET", f"/v1/alerts?limit={limit}", AlertList).items

    def read_alert(self, alert_id: UUID) -> AlertDetails:
        return self._ask("GET", f"/v1/alerts/{alert_id}", AlertDetails)

    def acknowledge(self, alert_id: UUID, by: str, note: str | None = None) -> Alert:
        """The same name and note are stored once, however often they are sent."""
        self._require(Role.REVIEWER)
        body = {"by": self.person.name or by} | ({} if note is None else {"note": note})
        return self._ask("POST", f"/v1/alerts/{alert_id}/acknowledge", Alert, body=body)

    def send_test(self) -> list[Delivery]:
        """A message to everybody who is told of alerts, and what became of it so far."""
        self._require(Role.REVIEWER)
        return self._ask("POST", "/v1/alert-tests", DeliveryList, at_least_seconds=TEST_SECONDS).items

    def read_activity(self, since: datetime, until: datetime) -> Activity:
        """Of whole hours."""
        query = urlencode({"since": since.isoformat(), "until": until.isoformat()})
        return self._ask("GET", f"/v1/activity?{query}", Activity)

    def read_served(self) -> ServedModel:
        return self._ask("GET", "/v1/model", ServedModel)

    def list_models(self, limit: int) -> ModelList:
        return self._ask("GET", f"/v1/models?limit={limit}", ModelList)

    def read_journal(self, limit: int) -> Journal:
        return self._ask("GET", f"/v1/journal?limit={limit}", Journal)

    def read_shadow(self) -> list[ShadowAnswer]:
        """The latest pair of challenger and champion first."""
        return self._ask("GET", "/v1/shadow", ShadowList).items

    def list_drift_reports(self, limit: int) -> list[DriftReport]:
        """The latest first."""
        return self._ask("GET", f"/v1/drift-reports?limit={limit}", DriftReportList).items

    def promote(self, version: str, reason: str, by: str) -> JournalEntry:
        return self._move("/v1/promotions", {"version": version, "reason": reason, "by": by})

    def roll_back(self, reason: str, by: str) -> JournalEntry:
        return self._move("/v1/rollbacks", {"reason": reason, "by": by})

    def _move(self, path: str, body: dict[str, str]) -> JournalEntry:
        """The two requests that carry the owner's key, where there is one; nothing else does."""
        self._require(Role.OWNER)
        headers = bearer(self._owner_key)
        said = body | ({"by": self.person.name} if self.person.name else {})
        return self._ask("POST", path, JournalEntry, body=said, headers=headers, at_least_seconds=MOVE_SECONDS)

    def _require(self, role: Role) -> None:
        if not self.person.may(role):
            raise NotAllowed(role)
