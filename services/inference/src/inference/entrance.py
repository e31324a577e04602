"""What every request passes on the long way: a request id, who asks, the quota, the metrics, and a line in the log."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from inference.access.access import Access
from inference.error_answers import answer_error
from inference.errors import ApiError, OverQuota
from inference.metrics import Metrics
from inference.quota import Quota
from inference.request_log import RequestLog, is_request_id

REQUEST_ID = b"x-request-id"
# What the metrics call a request that no route knows.
UNKNOWN = "unknown"


class Entrance:
    def __init__(self, access: Access, quota: Quota, metrics: Metrics, log: RequestLog) -> None:
        self._access = access
        self._quota = quota
        self._metrics = metrics
        self._log = log

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request_id = find_request_id(scope) or str(uuid7()).encode()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (REQUEST_ID, request_id)]
            await send(message)

        try:
            caller = await self._access.identify(scope)
            # Before anybody is refused: what has no valid key is counted by its address.
            self._quota.charge(scope, caller)
            self._access.admit(scope, caller)
            await app(scope, receive, answer)
        except ApiError as error:
            if isinstance(error, OverQuota):
                self._metrics.over_quota.inc()
            await answer_error(error)(scope, receive, answer)
        finally:
            route = getattr(scope.get("route"), "path", UNKNOWN)
            self._log.note(scope["method"], route, request_id, status, time.perf_counter() - started)


def find_request_id(scope: Scope) -> bytes | None:
    given = next((value for name, value in scope["headers"] if name == REQUEST_ID), None)
    return given if given is not None and is_request_id(given) else None
