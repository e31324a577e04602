"""Every error of this service; those with a status become answers (error_answers.py).

InferenceError
├── BundleRefused               the bundle breaks its own promises; the model in memory goes on
├── RegistryUnavailable         MLflow gave no usable answer; asked again later
├── RowsRefused                 the database will never take one of these rows
└── ApiError                    has a status and becomes an answer
    ├── MalformedRequest        400, and the connection ends
    ├── MalformedBody           400
    ├── NotSignedIn             401
    ├── Forbidden               403, with the scope that is missing
    ├── UnknownPrediction       404
    ├── UnknownAlert            404
    ├── UnknownVersion          404
    ├── BodyTooSlow             408
    ├── NobodyToTell            409
    ├── MoveRefused             409, with the reasons
    ├── TextNotKept             410
    ├── BodyTooLarge            413
    ├── UnsupportedMediaType    415
    ├── InvalidInput            422, with the fields at fault
    ├── OverQuota               429, with Retry-After
    │   └── TooManyFailures
    └── Unavailable             503, with Retry-After
        ├── Overloaded
        ├── DeadlinePassed
        ├── Draining
        ├── ModelNotReady
        ├── ModelFailed
        ├── RegistryAway
        ├── ProviderAway
        ├── NotStored
        ├── MoveUnderWay
        ├── DatabaseUnavailable
        └── DatabaseNotMigrated
"""

import math
import random
from collections.abc import Sequence
from http import HTTPStatus
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

RefusalReason = Literal[
    "missing", "size", "hash", "description", "labels", "tokenizer", "graph", "not_finite", "golden"
]


class InferenceError(Exception):
    pass


class BundleRefused(InferenceError):
    """The message is for people, the reason to count by."""

    def __init__(self, message: str, reason: RefusalReason) -> None:
        super().__init__(message)
        self.reason = reason


class RegistryUnavailable(InferenceError):
    pass


class RowsRefused(InferenceError):
    pass


class FieldError(BaseModel):
    model_config = ConfigDict(frozen=True)

    field: str = Field(examples=["texts.3"])
    reason: str = Field(examples=["must not be blank"])


class Problem(BaseModel):
    """RFC 9457. Never holds a value that the caller sent."""

    type: str = "about:blank"
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str
    errors: list[FieldError] | None = None


class ApiError(InferenceError):
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "The request could not be answered."

    def __init__(self, detail: str | None = None, *, errors: Sequence[FieldError] | None = None) -> None:
        super().__init__(detail or self.detail)
        self.detail = detail or self.detail
        self.errors = errors

    def headers(self) -> dict[str, str]:
        return {}


class MalformedRequest(ApiError):
    status = HTTPStatus.BAD_REQUEST
    detail = "This is not HTTP/1.1."


class MalformedBody(ApiError):
    status = HTTPStatus.BAD_REQUEST
    detail = "The body is not valid JSON."


class UnknownPrediction(ApiError):
    status = HTTPStatus.NOT_FOUND
    detail = "There is no prediction with this prediction_id."


class UnknownAlert(ApiError):
    status = HTTPStatus.NOT_FOUND
    detail = "There is no alert with this alert_id."


class UnknownVersion(ApiError):
    status = HTTPStatus.NOT_FOUND
    detail = "The registry has no such version, or alias."


class NotSignedIn(ApiError):
    """Nothing was sent, or it is unknown, revoked or expired: which of these is nobody's business."""

    status = HTTPStatus.UNAUTHORIZED
    detail = "This needs a valid key or token, as `Authorization: Bearer …`, or a key as `X-API-Key`."

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class Forbidden(ApiError):
    status = HTTPStatus.FORBIDDEN

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(f"This needs the scope {' or '.join(scopes)}, which your key or token does not have.")


class MoveRefused(ApiError):
    """The champion stays; `detail` says why."""

    status = HTTPStatus.CONFLICT


class NobodyToTell(ApiError):
    status = HTTPStatus.CONFLICT
    detail = "Nobody is told of alerts: set INFERENCE_ALERT_URLS, or INFERENCE_SMTP_HOST with its addresses."


class TextNotKept(ApiError):
    status = HTTPStatus.GONE
    detail = "The text of this prediction is not kept any more."


class BodyTooSlow(ApiError):
    status = HTTPStatus.REQUEST_TIMEOUT
    detail = "The body did not come in time."

    def headers(self) -> dict[str, str]:
        # What may still come of the body would be read as the next request.
        return {"Connection": "close"}


class BodyTooLarge(ApiError):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMediaType(ApiError):
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class InvalidInput(ApiError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    detail = "The request does not fit its description."


class OverQuota(ApiError):
    status = HTTPStatus.TOO_MANY_REQUESTS
    detail = "Your quota is used up for the moment."

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(max(1, math.ceil(self._seconds)))}


class TooManyFailures(OverQuota):
    detail = "Too many requests without a valid key or token have come from your address; a valid one is answered."


class Unavailable(ApiError):
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def headers(self) -> dict[str, str]:
        # Spread, so that refused callers do not all come back in the same second.
        return {"Retry-After": str(random.randint(1, 3))}


class Overloaded(Unavailable):
    detail = "More is asked than can be answered in time."


class DeadlinePassed(Unavailable):
    detail = "The answer was not ready in time."


class Draining(Unavailable):
    detail = "This process is about to end."


class ModelNotReady(Unavailable):
    detail = "No verified model is in memory yet."


class ModelFailed(Unavailable):
    detail = "The model gave no probability for this text."


class RegistryAway(Unavailable):
    detail = "The registry gives no usable answer."


class ProviderAway(Unavailable):
    detail = "The token cannot be checked now: its provider gives no usable answer."


class NotStored(Unavailable):
    detail = "The bundle cannot be stored on this machine."


class MoveUnderWay(Unavailable):
    detail = "The champion is being changed at this moment."


class DatabaseUnavailable(Unavailable):
    detail = "The database does not answer."


class DatabaseNotMigrated(Unavailable):
    detail = "The database has not been migrated: run `alembic upgrade head`."
