"""Errors as answers: application/problem+json (RFC 9457), which never holds a value that the caller sent."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from inference.errors import ApiError, FieldError, InvalidInput, Problem

# More help nobody, and an answer should not grow with what was sent.
MAX_FIELD_ERRORS = 20


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
