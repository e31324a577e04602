"""Routes that take a body: JSON only, read no further than its limit, parsed strictly and once."""

import asyncio
import json
import math
from collections.abc import Callable, Coroutine
from typing import ClassVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from inference.errors import BodyTooLarge, BodyTooSlow, MalformedBody, UnsupportedMediaType
from inference.gate import Gate

MAX_DEPTH = 32
# No request has a tenth as many, and each that is not known costs time to refuse.
MAX_FIELDS = 100
KIB = 1024
# As the proxy has it, for those who are reached without one.
BODY_SECONDS = 10


class ParsedRequest(Request):
    parsed: object = None

    async def json(self) -> object:
        return self.parsed


class JsonRoute(APIRoute):
    body_limit: ClassVar[int] = 16 * KIB

    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def handle_json(request: Request) -> Response:
            require_json(request)
            gate: Gate = request.app.state.resources.gate
            with gate.reading():
                body = await read_in_time(request, self.body_limit)
            return await handle(replay(request, body))

        return handle_json


class BatchRoute(JsonRoute):
    body_limit: ClassVar[int] = 256 * KIB


def replay(request: Request, body: bytes) -> ParsedRequest:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    parsed = ParsedRequest(request.scope, receive)
    parsed.parsed = parse_json(body)
    return parsed


def require_json(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("Only application/json is read here.")
    encodings = request.headers.getlist("content-encoding")
    if any(encoding.strip().lower() != "identity" for encoding in encodings):
        raise UnsupportedMediaType("Encoded bodies are not read here.")


async def read_in_time(request: Request, limit: int) -> bytes:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await read_body(request, limit)
    except TimeoutError:
        raise BodyTooSlow from None


async def read_body(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "")
    # The declared length only makes the refusal early; what counts is counted below.
    if declared.isdecimal() and len(declared) < 20 and int(declared) > limit:
        raise too_large(limit)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise too_large(limit)
    except ClientDisconnect as error:
        raise MalformedBody("The body ended early.") from error
    return bytes(body)


def too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body may hold at most {limit} bytes.")


def parse_json(body: bytes) -> object:
    try:
        # Decoded here: json.loads would also guess UTF-16 and UTF-32.
        value: object = json.loads(body.decode("utf-8"), parse_constant=refuse_constant, parse_float=parse_finite)
        # Half a surrogate pair can be written as an escape, but never be encoded again.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise MalformedBody from error
    if isinstance(value, dict) and len(value) > MAX_FIELDS:
        raise MalformedBody(f"The JSON has more than {MAX_FIELDS} fields.")
    if is_too_deep(value):
        raise MalformedBody(f"The JSON is nested more than {MAX_DEPTH} deep.")
    return value


def refuse_constant(_: str) -> float:
    raise ValueError("NaN and Infinity are not JSON")


def parse_finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("the number is too large")
    return value


def is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in children_of(node) if isinstance(child, dict | list)]
    return bool(level)


def children_of(node: object) -> list[object]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []
