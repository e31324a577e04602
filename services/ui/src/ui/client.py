"""A typed client for the routes of the inference API that the pages use."""

from typing import Literal, TypeVar
from uuid import UUID

import requests
from pydantic import BaseModel, Field, ValidationError

from ui.alert_answers import Alert, AlertDetails, AlertList, Delivery, DeliveryList
from ui.errors import ApiError, ApiMisunderstood, ApiRefused, ApiUnavailable
from ui.settings import Settings

Verdict = Literal["confirmed", "rejected"]
Probability = float
LATER = {429, 502, 503, 504}
# The API itself waits some seconds for those who get a test message.
TEST_SECONDS = 10.0


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
        return self._ask("POST", "/v1/feedback", StoredFeedback, body=body, idempotency_key=idempotency_key)

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

    def _ask(
        self,
        method: str,
        path: str,
        expected: type[Answer],
        *,
        body: dict[str, str] | None = None,
        idempotency_key: str | None = None,
        at_least_seconds: float = 0.0,
    ) -> Answer:
        connect_seconds, read_seconds = self._timeout
        headers = {"Accept": "application/json"}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        try:
            with requests.Session() as session:
                # The API is on our own network: the proxy to the rest of the world does not know it.
                session.trust_env = False
                response = session.request(
                    method,
                    self._base + path,
                    json=body,
                    headers=headers,
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
    status = response.status_code
    if status in LATER:
        return ApiUnavailable(status, _retry_after(response))
    if not 400 <= status < 500:
        return ApiMisunderstood(status)
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        return ApiRefused(status)
    return ApiRefused(status, problem.detail, tuple(f"{item.field}: {item.reason}" for item in problem.errors))


def _retry_after(response: requests.Response) -> int | None:
    value = response.headers.get("Retry-After", "")
    return int(value) if value.isascii() and value.isdigit() else None
