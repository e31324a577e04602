"""Each guard of the front door is taken away in turn, and its case gets through: the corpus would have noticed."""

import json
import re
from collections.abc import Callable, Iterator, Sequence

import pytest
from corpus import BATCH, CANARY, KIB
from corpus_values import nested
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from in_process import (
    JSON,
    WithoutNulGuard,
    WithoutUnknownFieldGuard,
    at_the_door,
    describe_body_as,
    post,
    started,
)
from pydantic import BaseModel
from talking import assert_problem, assert_says_nothing_of_what_was_sent

from inference.body import JsonRoute
from inference.errors import FieldError

GOOD = b'{"text":"late"}'
NUL = b'{"text":"late \\u0000"}'
LONE_SURROGATE = b'{"text":"late \\ud800"}'
NAN = b'{"text":NaN}'
INFINITE = b'{"text":1e999}'
DEEP = b'{"text":' + nested(33) + b"}"
MANY_FIELDS = b"{" + b",".join(b'"%d":0' % number for number in range(101)) + b"}"
UNKNOWN_FIELD = b'{"text":"late","%s":1}' % CANARY
WRONG_TYPE = b'{"text":["%s"]}' % CANARY
TOO_LONG = b'{"text":"' + b"x" * 1001 + b'"}'
TOO_LARGE = GOOD.ljust(16 * KIB + 1)

SCHEMA_GUARDS = pytest.mark.parametrize(
    ("body", "model"), [(NUL, WithoutNulGuard), (UNKNOWN_FIELD, WithoutUnknownFieldGuard)], ids=["nul", "unknown field"]
)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with started(app) as client:
        yield client


@pytest.mark.parametrize(
    "body",
    [LONE_SURROGATE, NAN, INFINITE, GOOD.decode().encode("utf-16"), DEEP, MANY_FIELDS],
    ids=["lone surrogate", "nan", "infinite", "utf-16", "depth", "many fields"],
)
def test_without_the_strict_json_guard_its_case_gets_through(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    assert post(client, body).status == 400
    monkeypatch.setattr("inference.body.parse_json", json.loads)
    assert post(client, body).status != 400


@pytest.mark.parametrize(
    ("guard", "value", "body"),
    [
        ("refuse_constant", float, NAN),
        ("parse_finite", float, INFINITE),
        ("MAX_DEPTH", 10_000, DEEP),
        ("MAX_FIELDS", 10_000, MANY_FIELDS),
    ],
)
def test_without_one_guard_of_the_json_its_case_gets_through(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, guard: str, value: object, body: bytes
) -> None:
    assert post(client, body).status == 400
    monkeypatch.setattr(f"inference.body.{guard}", value)
    assert post(client, body).status == 422


def test_without_the_content_type_guard_its_case_gets_through(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To FastAPI this is JSON too.
    assert post(client, GOOD, "application/problem+json").status == 415
    monkeypatch.setattr("inference.body.require_json", lambda _: None)
    assert post(client, GOOD, "application/problem+json").status == 200


def test_without_the_body_limit_guard_its_case_gets_through(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert post(client, TOO_LARGE).status == 413
    monkeypatch.setattr(JsonRoute, "body_limit", 10**9)
    assert post(client, TOO_LARGE).status == 200


def test_without_the_text_length_guard_its_case_gets_through(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert post(client, TOO_LONG).status == 422
    monkeypatch.setattr("inference.predictions.is_longer", lambda *_: False)
    assert post(client, TOO_LONG).status == 200


@SCHEMA_GUARDS
def test_without_the_schema_guard_its_case_gets_through(
    app: FastAPI, another_app: FastAPI, body: bytes, model: type[BaseModel]
) -> None:
    with started(app) as client:
        assert post(client, body).status == 422
    describe_body_as(model, another_app)
    with started(another_app) as client:
        assert post(client, body).status == 200


@pytest.mark.parametrize(
    ("guard", "value", "body", "content_type"),
    [
        ("is_longer", lambda *_: False, TOO_LONG, JSON),
        ("has_whole_body", lambda *_: True, TOO_LARGE, JSON),
        ("plain_headers", lambda _: {b"content-length": b"%d" % len(GOOD)}, GOOD, "text/plain"),
    ],
    ids=["text length", "body limit", "content type"],
)
def test_without_the_guard_at_the_door_its_case_gets_through(
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    guard: str,
    value: Callable[..., object],
    body: bytes,
    content_type: str,
) -> None:
    assert at_the_door(client, GOOD) == 200
    assert at_the_door(client, body, content_type) is None
    monkeypatch.setattr(f"inference.door.{guard}", value)
    assert at_the_door(client, body, content_type) == 200


@SCHEMA_GUARDS
def test_without_the_schema_guard_at_the_door_its_case_gets_through(
    app: FastAPI, another_app: FastAPI, monkeypatch: pytest.MonkeyPatch, body: bytes, model: type[BaseModel]
) -> None:
    with started(app) as client:
        assert at_the_door(client, body) is None
    monkeypatch.setattr("inference.door.PredictionRequest", model)
    monkeypatch.setattr("inference.door.BODY", re.compile(b".*"))
    with started(another_app) as client:
        assert at_the_door(client, body) == 200


def test_without_the_echo_guard_its_case_gets_through(app: FastAPI, another_app: FastAPI) -> None:
    with started(app) as client:
        assert_problem(post(client, WRONG_TYPE))

    @another_app.exception_handler(RequestValidationError)
    async def echo(_: Request, error: RequestValidationError) -> JSONResponse:
        problem = {"type": "about:blank", "title": "No", "status": 422, "detail": str(error.errors())}
        return JSONResponse(problem, 422, media_type="application/problem+json")

    with started(another_app) as client, pytest.raises(AssertionError, match=CANARY.decode()):
        assert_problem(post(client, WRONG_TYPE))


def test_without_the_field_name_guard_its_case_gets_through(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def name_the_unknown(location: Sequence[int | str], _: str, message: str) -> FieldError:
        return FieldError(field=".".join(map(str, location[1:])), reason=message)

    assert_problem(post(client, UNKNOWN_FIELD))
    monkeypatch.setattr("inference.error_answers.field_error", name_the_unknown)
    with pytest.raises(AssertionError, match=CANARY.decode()):
        assert_problem(post(client, UNKNOWN_FIELD))


def test_without_the_answer_length_guard_its_case_gets_through(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = BATCH.hold(b",".join([b"1"] * 256))
    assert_says_nothing_of_what_was_sent(post(client, wrong, path=BATCH.path))
    monkeypatch.setattr("inference.error_answers.MAX_FIELD_ERRORS", 10_000)
    with pytest.raises(AssertionError):
        assert_says_nothing_of_what_was_sent(post(client, wrong, path=BATCH.path))
