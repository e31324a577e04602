"""Every error of this service and its answer as application/problem+json.

InferenceError
├── BundleRefused               the bundle breaks its own promises; the model in memory goes on
├── RegistryUnavailable         MLflow gave no usable answer; asked again later
├── RowsRefused                 the database will never take one of these rows
└── ApiError                    has a status and becomes an answer
    ├── MalformedRequest        400, and the connection ends
    ├── MalformedBody           400
    ├── UnknownPrediction       404
    ├── UnknownAlert            404
    ├── BodyTooSlow             408
    ├── NobodyToTell            409
    ├── TextNotKept             410
    ├── BodyTooLarge            413
    ├── UnsupportedMediaType    415
    ├── InvalidInput            422, with the fields at fault
    ├── OverQuota               429, with Retry-After
    └── Unavailable             503, with Retry-After
        ├── Overloaded
        ├── DeadlinePassed
        ├── Draining
        ├── ModelNotReady
        ├── ModelFailed
        ├── DatabaseUnavailable
        └── DatabaseNotMigrated
"""

import math
import random
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

# More help nobody, and an answer should not grow with what was sent.
MAX_FIELD_ERRORS = 20


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


class DatabaseUnavailable(Unavailable):
    detail = "The database does not answer."


class DatabaseNotMigrated(Unavailable):
    detail = "The database has not been migrated: run `alembic upgrade head`."


def install_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(ApiError)
    async def answer_api_error(_: Request, error: ApiError) -> JSONResponse:
        return answer_error(error)

    @app.exception_handler(RequestValidationError)
    async def answer_validation_error(_: Request, error: RequestValidationError) -> JSONResponse:
        fields = dict.fromkeys(field_error(item["loc"], item["type"], item["msg"]) for item in error.errors())
        return problem_response(InvalidInput.status, InvalidInput.detail, list(fields)[:MAX_FIELD_ERRORS])

    @app.exception_handler(HTTPException)
    async def answer_http_error(request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            # Starlette names the methods of the first route with this path, and there may be more.
            methods = app.openapi()["paths"].get(request.url.path, {})
            headers |= {"Allow": ", ".join(sorted(methods)).upper()} if methods else {}
        return problem_response(error.status_code, f"{phrase_of(error.status_code)}.", headers=headers)

    @app.exception_handler(Exception)
    async def answer_fault(_: Request, __: Exception) -> JSONResponse:
        return problem_response(ApiError.status, ApiError.detail)


def answer_error(error: ApiError) -> JSONResponse:
    return problem_response(error.status, error.detail, error.errors, error.headers())


def field_error(location: Sequence[int | str], kind: str, message: str) -> FieldError:
    if kind == "extra_forbidden":
        # The unknown name is the caller's own text: name the object that holds it instead.
        return FieldError(field=".".join(map(str, location[:-1])), reason="has a field that is not known here")
    return FieldError(field=".".join(map(str, location[1:])) or "body", reason=message)


def phrase_of(status: int) -> str:
    # Python before 3.13 has these two under the names that RFC 9110 gave up.
    renamed = {413: "Content Too Large", 422: "Unprocessable Content"}
    return renamed.get(status) or HTTPStatus(status).phrase


def problem_response(
    status: int,
    detail: str,
    errors: Sequence[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    problem = Problem(title=phrase_of(status), status=status, detail=detail, errors=list(errors) if errors else None)
    body = problem.model_dump(exclude_none=True)
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")
