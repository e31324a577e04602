"""One caller on one connection, who notes what became of each request."""

import json
import time
from http.client import HTTPConnection, HTTPException
from typing import Any

from bench.wire import read_address
from tests.stack.ledger import BROKEN, Answer

# Longer than the edge may take over its worst case.
PATIENCE_SECONDS = 30.0


class Caller:
    def __init__(self, url: str) -> None:
        address = read_address(url)
        self._connection = HTTPConnection(address.host, address.port, timeout=PATIENCE_SECONDS)

    def post(self, path: str, body: object, due_at: float | None = None, **headers: str) -> tuple[Answer, Any]:
        """What is to be noted, and the answer's content."""
        sent_at = time.monotonic()
        status, says_when, content = self._send(path, json.dumps(body).encode(), headers)
        took = time.monotonic() - (sent_at if due_at is None else due_at)
        return Answer(sent_at, took, status, says_when), content

    def close(self) -> None:
        self._connection.close()

    def _send(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bool, Any]:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self._connection.request("POST", path, body, {"content-type": "application/json"} | said)
            response = self._connection.getresponse()
            content = json.loads(response.read())
        except (OSError, HTTPException, ValueError):
            # The next request opens another.
            self._connection.close()
            return BROKEN, False, None
        return response.status, response.getheader("retry-after") is not None, content
