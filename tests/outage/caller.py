"""One caller of the service, on one connection, who asks again until there is an answer."""

import json
import random
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.inference.running import Answer, Wire, build_request

# In every text and comment, so that it is noticed wherever one of them turns up.
CANARY = "c4n4ry"


class GivenUp(Exception):
    """The test is over."""


class Caller:
    def __init__(self, url: str, is_over: threading.Event) -> None:
        self._url = url
        self._is_over = is_over
        self._wire: Wire | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def predict(self, numbers: list[int]) -> list[str]:
        """The ids of the predictions."""
        body = {"texts": [f"late again {CANARY} {number}" for number in numbers]}
        answer = self._ask(build_request("/v1/predictions/batch", json.dumps(body).encode()))
        assert answer.status == 200, answer
        return [each["prediction_id"] for each in json.loads(answer.body)["predictions"]]

    def reject(self, prediction_id: str, key: str) -> bool:
        """Whether it is kept; not where the prediction itself is not known."""
        body = json.dumps({"prediction_id": prediction_id, "verdict": "rejected", "comment": f"no {CANARY}"}).encode()
        answer = self._ask(build_request("/v1/feedback", body, "POST", f"idempotency-key: {key}"))
        assert answer.status in (201, 404), answer
        return answer.status == 201

    def _ask(self, request: bytes) -> Answer:
        """Raises GivenUp."""
        while True:
            with suppress(OSError):
                answer = self._send(request)
                if answer.status != 503:
                    return answer
            # Sooner than the answer asks for: in a test everybody is in a hurry.
            if self._is_over.wait(random.uniform(0.05, 0.2)):
                raise GivenUp

    def _send(self, request: bytes) -> Answer:
        try:
            self._wire = self._wire or Wire(self._url)
            answer = self._wire.ask(request)
        except OSError:
            self._hang_up()
            raise
        if answer.headers.get("connection", "").lower() == "close":
            self._hang_up()
        return answer

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._wire.__exit__(None, None, None)
            self._wire = None
