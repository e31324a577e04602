"""Sends a case to the running service, in the ways that a request may come in, and judges what comes back."""

import json
import time
from collections.abc import Sequence

from corpus import CANARY, JSON, ONE, PREDICTION_ID, Case
from front_door import FrontDoor
from raw_http import PAUSE_SECONDS, Answer, build_head, send

MAX_ANSWER = 2048
# 100 ms on a machine of one's own.
NEXT_ANSWER_SECONDS = 0.5
TRIES = 3
GOOD_BODY = b'{"text":"my flight was cancelled"}'
PROBLEM = b"application/problem+json"
# New in every answer.
OWN_TO_EACH = {"prediction_id", "created_at"}


class Talk:
    def __init__(self, front_door: FrontDoor) -> None:
        self._address = (front_door.host, front_door.port)
        self._log = front_door.log
        self._log_read = 0
        self.prediction_id = str(self.predict().json["prediction_id"]).encode()

    def send(self, segments: Sequence[bytes], answers: int = 1, pause: float = PAUSE_SECONDS) -> list[Answer]:
        return send(self._address, segments, answers, pause)

    def send_case(self, case: Case, way: str) -> Answer:
        [answer] = self.send(self.ways(case)[way])
        return answer

    def ways(self, case: Case) -> dict[str, list[bytes]]:
        """In one piece, as pieces that are whole, and so that the body has to be waited for."""
        body = case.body.replace(PREDICTION_ID, self.prediction_id)
        head = build_head(case.route.path, case.headers, len(body))
        half = len(body) // 2
        return {
            "at once": [head + body],
            "head, then body": [head, body],
            "half of the body later": [head + body[:half], body[half:]],
        }

    def predict(self) -> Answer:
        [answer] = self.send([build_head(ONE.path, JSON, len(GOOD_BODY)) + GOOD_BODY])
        return answer

    def new_log_lines(self) -> bytes:
        with self._log.open("rb") as log:
            log.seek(self._log_read)
            lines = log.read()
        self._log_read += len(lines)
        return lines

    def assert_still_answering(self) -> None:
        """The next good request is answered, and at once; and nothing of the one before is in the log."""
        assert any(self._seconds_of_an_answer() < NEXT_ANSWER_SECONDS for _ in range(TRIES))
        lines = self.new_log_lines()
        assert CANARY not in lines, lines
        assert b"Traceback" not in lines, lines

    def _seconds_of_an_answer(self) -> float:
        started = time.perf_counter()
        answer = self.predict()
        assert answer.status == 200, answer
        return time.perf_counter() - started


def assert_says_nothing_of_what_was_sent(answer: Answer) -> None:
    said = answer.head + answer.body
    assert len(answer.body) < MAX_ANSWER, said
    assert CANARY not in said.lower(), said


def assert_problem(answer: Answer) -> None:
    assert answer.header(b"content-type") == PROBLEM, answer
    problem = answer.json
    assert problem["status"] == answer.status, problem
    assert problem.keys() <= {"type", "title", "status", "detail", "errors"}, problem
    assert_says_nothing_of_what_was_sent(answer)


def meaning_of(answer: Answer) -> object:
    """The answer without what is new in each."""
    return without_own(json.loads(answer.body)) if answer.body else None


def without_own(value: object) -> object:
    if isinstance(value, dict):
        return {name: without_own(inner) for name, inner in value.items() if name not in OWN_TO_EACH}
    return [without_own(inner) for inner in value] if isinstance(value, list) else value
