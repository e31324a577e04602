"""The inference API, as far as the trainer needs it: what was predicted and judged, and who is champion."""

from collections.abc import Iterator, Mapping
from typing import Literal, TypeVar

import requests
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from trainer.errors import TrainerError
from trainer.settings import Settings

PAGE = 1000
TIMEOUTS_SECONDS = (2.0, 30.0)  # to connect, to read


class ApiUnreachable(TrainerError):
    """The API does not answer, or not now; asking again later may help."""


class ApiRefused(TrainerError):
    """The API answered that it will not do it; the message is its reason."""


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Model(Answer):
    name: str
    version: str
    digest: str


class LoggedPrediction(Answer):
    """`text` is None where it is not kept any more; `audited`: drawn by lot for people to judge."""

    prediction_id: str
    label: str
    probability: float
    probabilities: dict[str, float]
    abstained: bool
    model: Model
    text: str | None
    created_at: AwareDatetime
    audited: bool


class Judgement(Answer):
    """One verdict; the last one on a prediction stands. `label` is the right one, None where nobody said which."""

    prediction_id: str
    verdict: Literal["confirmed", "rejected"]
    label: str | None
    comment: str | None
    created_at: AwareDatetime
    reviewer: str | None  # a pseudonym
    predicted_label: str
    text: str | None
    model_version: str
    audited: bool


class Move(Answer):
    """A line of the journal of champions."""

    at: AwareDatetime
    kind: Literal["promotion", "rollback", "found"]
    by: str | None
    reason: str | None
    from_version: str | None
    from_digest: str | None
    to_version: str
    to_digest: str | None


class Journal(Answer):
    items: list[Move]  # the latest first
    champion: Move | None


class Predictions(Answer):
    items: list[LoggedPrediction]
    next_since: int


class Judgements(Answer):
    items: list[Judgement]
    next_since: int


class DriftReceipt(Answer):
    report_id: str


class Problem(BaseModel):
    detail: str = ""
    errors: list[dict[str, str]] = []


Expected = TypeVar("Expected", bound=BaseModel)


class Api:
    """Raises ApiUnreachable and ApiRefused."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.api_url.rstrip("/")
        self._session = requests.Session()
        # The API is on our own network: a proxy to the rest of the world does not know it.
        self._session.trust_env = False
        api_key, owner_key = settings.api_key.get_secret_value(), settings.owner_key.get_secret_value()
        self._session.headers.update(bearer(api_key or owner_key))
        # For what only an owner may.
        self._as_owner = bearer(owner_key or api_key)

    def predictions(self, since: int, limit: int = PAGE) -> Iterator[Predictions]:
        """Pages of the prediction log in its order, from the cursor `since` to its end."""
        while (page := self._get("/v1/predictions", Predictions, since=since, limit=limit)).items:
            yield page
            since = page.next_since

    def judgements(self, since: int) -> Iterator[Judgements]:
        """Pages of the verdicts in their order, from the cursor `since` to the last."""
        while (page := self._get("/v1/feedback", Judgements, since=since, limit=PAGE)).items:
            yield page
            since = page.next_since

    def promote(self, version: str, *, reason: str, by: str) -> Move:
        body = {"version": version, "reason": reason, "by": by}
        return self._ask("POST", "/v1/promotions", Move, body=body, headers=self._as_owner)

    def roll_back(self, *, reason: str, by: str) -> Move:
        return self._ask("POST", "/v1/rollbacks", Move, body={"reason": reason, "by": by}, headers=self._as_owner)

    def journal(self, *, at: str | None = None, limit: int = 100) -> Journal:
        """The moves up to `at`, an RFC 3339 time; by default all."""
        return self._get("/v1/journal", Journal, limit=limit, **({"at": at} if at else {}))

    def send_drift_report(self, report: Mapping[str, object]) -> None:
        """`report` as `POST /v1/drift-reports` wants it."""
        self._ask("POST", "/v1/drift-reports", DriftReceipt, body=report, headers=self._as_owner)

    def _get(self, path: str, expected: type[Expected], **query: int | str) -> Expected:
        return self._ask("GET", path, expected, query=query)

    def _ask(
        self,
        method: str,
        path: str,
        expected: type[Expected],
        *,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, int | str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Expected:
        try:
            response = self._session.request(
                method,
                self._base + path,
                json=body,
                params=query,
                headers=headers,
                timeout=TIMEOUTS_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise ApiUnreachable(
                f"the API does not answer at {self._base} ({type(error).__name__}): start it (`make run`), or set "
                "TRAINER_API_URL"
            ) from None
        if response.status_code in (429, 502, 503, 504):
            raise ApiUnreachable(f"the API at {self._base} cannot answer now: {reason_of(response)}")
        if response.status_code in (401, 403):
            raise ApiRefused(f"{reason_of(response)} Set TRAINER_API_KEY to a key of the API that may do it.")
        if not response.ok:
            raise ApiRefused(reason_of(response))
        try:
            return expected.model_validate_json(response.content)
        except ValidationError:
            raise ApiRefused(
                f"{self._base}{path} does not answer as this trainer expects: is it another version?"
            ) from None


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def reason_of(response: requests.Response) -> str:
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        return f"status {response.status_code}"
    fields = [f"{each.get('field')}: {each.get('reason')}" for each in problem.errors]
    return " ".join([problem.detail or f"status {response.status_code}", *fields])
