"""The short way: a plain prediction is read, scored and written where its bytes arrive, with no framework around it.

To route a request, and to make objects for it and its answer, takes twice as long as the model takes to score it. Only
what is plainly right is answered here: one whole request, with headers that are known to be harmless and a body that
fits the contract's own schema. Anything else is left unread for the long way, where the same answer is given, or the
error with its words.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable

from pydantic import ValidationError
from uuid_utils import uuid7

from inference.access.access import Access
from inference.answering import Answering
from inference.body import JsonRoute
from inference.error_answers import answer_error
from inference.errors import ApiError
from inference.gate import Gate
from inference.predictions import is_longer
from inference.request_log import RequestLog, is_request_id
from inference.schemas import PredictionRequest
from inference.scoring import Outcome

logger = logging.getLogger(__name__)

PATH = "/v1/predictions"
START = f"POST {PATH} HTTP/1.1\r\n".encode()
HEAD = re.compile(re.escape(START) + rb"(?:[A-Za-z0-9-]+:[\x20-\x7e]*\r\n)+\r\n")
HEADER = re.compile(rb"([A-Za-z0-9-]+): *([\x20-\x7e]*?) *\r\n")
BODY = re.compile(rb'\s*\{\s*"text"\s*:\s*"[^"\\]*(?:\\.[^"\\]*)*"\s*\}\s*')
END_OF_HEAD = b"\r\n\r\n"
# None of these changes what the body is or what becomes of the connection, but for two values that are looked at.
KNOWN = {
    *(b"host", b"user-agent", b"accept", b"accept-encoding", b"accept-language", b"content-type", b"content-length"),
    *(b"connection", b"x-request-id", b"x-real-ip", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"),
    *(b"forwarded", b"via", b"origin", b"referer", b"cookie", b"authorization", b"x-api-key", b"cache-control"),
    *(b"traceparent", b"tracestate", b"idempotency-key", b"priority"),
}

Write = Callable[[int, bytes], None]


class Door:
    def __init__(
        self, answering: Answering, gate: Gate, log: RequestLog, access: Access, text_max_characters: int
    ) -> None:
        self._answering = answering
        self._gate = gate
        self._log = log
        self._access = access
        self._longest = text_max_characters
        self._validate = PredictionRequest.__pydantic_validator__.validate_json

    def take(self, data: bytes, write: Write) -> bool:
        """Whether it is answered here: then `write` is called once, in a later turn of the event loop.

        It is given the status, and all that follows the headers that the server adds itself.
        """
        started = time.perf_counter()
        head = data.find(END_OF_HEAD) + len(END_OF_HEAD)
        headers = plain_headers(data[:head])
        if headers is None or not has_whole_body(headers, len(data) - head) or not self._access.lets_predict(headers):
            return False
        body = data[head:]
        # pydantic would not mind what is no JSON in a value that comes again.
        if BODY.fullmatch(body) is None:
            return False
        try:
            text = self._validate(body).text
        except ValidationError:
            return False
        if is_longer(text, self._longest):
            return False
        given = headers.get(b"x-request-id")
        request_id = given if given is not None and is_request_id(given) else str(uuid7()).encode()
        self._gate.at_the_door += 1

        def finish(outcome: Outcome) -> None:
            self._gate.at_the_door -= 1
            status, rest = self._answer(text, outcome)
            self._log.note("POST", PATH, request_id, status, time.perf_counter() - started)
            write(status, b"x-request-id: " + request_id + b"\r\n" + rest)

        try:
            self._answering.ask(text, finish)
        except ApiError as error:
            asyncio.get_running_loop().call_soon(finish, error)
        return True

    def _answer(self, text: str, outcome: Outcome) -> tuple[int, bytes]:
        """The status, and the answer from its next header on."""
        try:
            if isinstance(outcome, Exception):
                raise outcome
            body = self._answering.answer(text, outcome)
        except ApiError as error:
            return error.status, render(error)
        except Exception:
            logger.exception("request_failed")
            return ApiError.status, render(ApiError())
        length = str(len(body)).encode()
        return 200, b"content-type: application/json\r\ncontent-length: " + length + END_OF_HEAD + body


def plain_headers(head: bytes) -> dict[bytes, bytes] | None:
    """By their names in lower case; None where there is anything that the long way should judge."""
    if HEAD.fullmatch(head) is None:
        return None
    found = HEADER.findall(head, len(START))
    headers = {name.lower(): value for name, value in found}
    is_plain = (
        len(headers) == len(found)
        and headers.keys() <= KNOWN
        and headers.get(b"content-type") == b"application/json"
        and headers.get(b"connection", b"keep-alive").lower() == b"keep-alive"
    )
    return headers if is_plain else None


def has_whole_body(headers: dict[bytes, bytes], length: int) -> bool:
    return headers.get(b"content-length") == str(length).encode() and length <= JsonRoute.body_limit


def render(error: ApiError) -> bytes:
    response = answer_error(error)
    headers = (name + b": " + value + b"\r\n" for name, value in response.raw_headers)
    return b"".join(headers) + b"\r\n" + bytes(response.body)
