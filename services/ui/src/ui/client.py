"""A typed client for the routes of the inference API that the pages use."""

from typing import Literal, TypeVar
from uuid import UUID

import requests
from pydantic import BaseModel, Field, ValidationError

from ui.alert_answers import Alert, AlertDetails, AlertList, Delivery, DeliveryList
from ui.errors import ApiError, ApiMisunderstood, ApiRefused, ApiUnavailable
from ui.model_answers import (
    DriftReport,
    DriftReportList,
    Journal,
    JournalEntry,
    ModelList,
    ServedModel,
    ShadowAnswer,
    ShadowList,
)
from ui.settings import Settings

Verdict = Literal["confirmed", "rejected"]
Probability = float
LATER = {429, 502, 503, 504}
# The API itself waits some seconds for those who get a test message.
TEST_SECONDS = 10.0
# It fetches and verifies a bundle before it moves the champion, and says so where that takes longer than an answer may.
MOVE_SECONDS = 15.0


class ModelReference(BaseModel):
    name: str
    version: str
    digest: str


class Prediction(BaseModel):
    prediction_id: str
    label: str
    probability: Probability = Field(ge=0, le=1)
    probabilities: dict[str, Probability]
    abstained: bool
    model: ModelReference


class StoredFeedback(BaseModel):
    prediction_id: str
    verdict: Verdict
    label: str | None = None
    comment: str | None = None


class FieldProblem(BaseModel):
    field: str
    reason: str


class Problem(BaseModel):
    detail: str = ""
    errors: list[FieldProblem] = []


Answer = TypeVar("Answer", bound=BaseModel)


class Client:
    """One request a call and no connection kept: a restarted API is found again at once."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.api_url.rstrip("/")
        self._timeout = (settings.connect_timeout_seconds, settings.read_timeout_seconds)
        self._owner_key = settings.owner_key

    def predict(self, text: str) -> Prediction:
        return self._ask("POST", "/v1/predictions", Prediction, body={"text": text})

    def send_feedback(
        self,
        prediction_id: str,
        verdict: Verdict,
        *,
        idempotency_key: str,
        label: str | None = None,
        comment: str | None = None,
    ) -> StoredFeedback:
        given = {"prediction_id": prediction_id, "verdict": verdict, "label": label, "comment": comment}
        body = {name: value for name, value in given.items() if value is not None}
        headers = {"Idempotency-Key": idempotency_key}
        return self._ask("POST", "/v1/feedback", StoredFeedback, body=body, headers=headers)

    def list_alerts(self, limit: int) -> list[Alert]:
        """The open ones first, then the latest."""
        return self._ask("GET", f"/v1/alerts?limit={limit}", AlertList).items

    def read_alert(self, alert_id: UUID) -> AlertDetails:
        return self._ask("GET", f"/v1/alerts/{alert_id}", AlertDetails)

    def acknowledge(self, alert_id: UUID, by: str, note: str | None = None) -> Alert:
        """The same name and note are stored once, however often they are sent."""
        body = {"by": by} if note is None else {"by": by, "note": note}
        return self._ask("POST", f"/v1/alerts/{alert_id}/acknowledge", Alert, body=body)

    def send_test(self) -> list[Delivery]:
        """A message to everybody who is told of alerts, and what became of it so far."""
        return self._ask("POST", "/v1/alert-tests", DeliveryList, at_least_seconds=TEST_SECONDS).items

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
        """The two requests that carry the owner's key; nothing else does."""
        key = self._owner_key.get_secret_value()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return self._ask("POST", path, JournalEntry, body=body, headers=headers, at_least_seconds=MOVE_SECONDS)

    def _ask(
        self,
        method: str,
        path: str,
        expected: type[Answer],
        *,
        body: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        at_least_seconds: float = 0.0,
    ) -> Answer:
        connect_seconds, read_seconds = self._timeout
        try:
            with requests.Session() as session:
                # The API is on our own network: the proxy to the rest of the world does not know it.
                session.trust_env = False
                response = session.request(
                    method,
                    self._base + path,
                    json=body,
                    headers={"Accept": "application/json"} | (headers or {}),
                    timeout=(connect_seconds, max(read_seconds, at_least_seconds)),
                    allow_redirects=False,
                )
        except requests.RequestException as error:
            raise ApiUnavailable() from error
        return _read(response, expected)


def _read(response: requests.Response, expected: type[Answer]) -> Answer:
    if not response.ok:
        raise _error(response)
    try:
        return expected.model_validate_json(response.content)
    except ValidationError as error:
        raise ApiMisunderstood(response.status_code) from error


def _error(response: requests.Response) -> ApiError:
    status, problem = response.status_code, _problem(response)
    if status in LATER:
        return ApiUnavailable(status, _retry_after(response), problem.detail)
    if not 400 <= status < 500:
        return ApiMisunderstood(status)
    return ApiRefused(status, problem.detail, tuple(f"{item.field}: {item.reason}" for item in problem.errors))


def _problem(response: requests.Response) -> Problem:
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        return Problem()


def _retry_after(response: requests.Response) -> int | None:
    value = response.headers.get("Retry-After", "")
    return int(value) if value.isascii() and value.isdigit() else None
