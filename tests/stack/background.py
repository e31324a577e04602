"""People who predict at a rate that never changes and judge one answer in twenty, while a test breaks something.

As the page does it: a verdict that has no answer, or is refused with 503, is sent again under the same key.
"""

import threading
import time
from collections.abc import Callable
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any
from uuid import uuid4

from tests.stack.caller import Caller
from tests.stack.ledger import BROKEN, Answer, Ledger, Verdict
from tests.stack.stack import wait_until

PREDICTORS, JUDGES = 8, 4
RATE = 160.0
JUDGED_EACH = 20
# An acknowledged verdict in so many is sent once more: nothing may come of it.
REPEATED_EACH = 3
AGAIN_SECONDS = 0.5
# So many good answers in a row, and all is well.
GOOD = 20


class Background:
    def __init__(self, url: str, name: str) -> None:
        self.ledger = Ledger(name)
        # Seconds that the last wait until all was well took.
        self.recovered = 0.0
        self._url = url
        self._numbers = count()
        self._to_judge: SimpleQueue[Verdict] = SimpleQueue()
        self._is_over = threading.Event()
        self._has_failed: list[BaseException] = []
        self._predictors = [self._thread(self._predict, number / RATE) for number in range(PREDICTORS)]
        self._judges = [self._thread(self._judge) for _ in range(JUDGES)]

    def start(self) -> None:
        for thread in (*self._predictors, *self._judges):
            thread.start()

    def stop(self) -> None:
        """Nobody predicts any more, and verdicts that wait have one more chance each."""
        self._is_over.set()
        for thread in (*self._predictors, *self._judges):
            thread.join(120)
        for error in self._has_failed:
            raise error

    def wait_for(self, predictions: int, seconds: float = 60) -> None:
        """Until so many more have an answer, whichever."""
        wanted = len(self.ledger.predictions) + predictions
        self._wait_until(lambda: len(self.ledger.predictions) >= wanted, seconds)

    def wait_until_refused(self, seconds: float = 60) -> None:
        """Until somebody has noticed: a verdict sent from now on is refused."""
        since = time.monotonic()
        self._wait_until(lambda: any(each.sent_at >= since and each.status != 201 for each in self._latest()), seconds)

    def wait_until_well(self, seconds: float = 90) -> float:
        """Until predictions and a verdict sent from now on are answered as they should be. How long that took."""
        since = time.monotonic()

        def is_well() -> bool:
            latest = self.ledger.predictions[-GOOD:]
            is_good = len(latest) == GOOD and all(each.sent_at >= since and each.status == 200 for each in latest)
            return is_good and any(each.sent_at >= since and each.status == 201 for each in self._latest())

        self.recovered = self._wait_until(is_well, seconds)
        return self.recovered

    def _latest(self) -> list[Answer]:
        return self.ledger.verdicts[-10 * JUDGES :]

    def _wait_until(self, is_so: Callable[[], bool], seconds: float) -> float:
        return wait_until(lambda: bool(self._has_failed) or is_so(), seconds)

    def _thread(self, work: Callable[..., None], *arguments: float) -> threading.Thread:
        def run() -> None:
            caller = Caller(self._url)
            try:
                work(caller, *arguments)
            except BaseException as error:
                self._has_failed.append(error)
            finally:
                caller.close()

        return threading.Thread(target=run, name=work.__name__)

    def _predict(self, caller: Caller, offset: float) -> None:
        due_at = time.monotonic() + offset
        while not self._is_over.wait(max(0.0, due_at - time.monotonic())):
            number = next(self._numbers)
            text = f"{self.ledger.name}: late again {number}"
            answer, content = caller.post("/v1/predictions", {"text": text}, due_at)
            if answer.status == 200:
                self.ledger.predicted.append(content["prediction_id"])
                self.ledger.versions.add(content["model"]["version"])
            self.ledger.predictions.append(answer)
            if answer.status == 200 and number % JUDGED_EACH == 0:
                self._to_judge.put(make_verdict(number // JUDGED_EACH, content))
            due_at += PREDICTORS / RATE

    def _judge(self, caller: Caller) -> None:
        while True:
            try:
                verdict = self._to_judge.get(timeout=0.1)
            except Empty:
                if self._is_over.is_set():
                    return
                continue
            is_late = self._is_over.is_set()
            if self._send(caller, verdict) or is_late:
                continue
            self._is_over.wait(AGAIN_SECONDS)
            self._to_judge.put(verdict)

    def _send(self, caller: Caller, verdict: Verdict) -> bool:
        """Whether there is no more to be done."""
        body = {name: getattr(verdict, name) for name in ("prediction_id", "verdict", "label", "comment")}
        answer, _ = caller.post("/v1/feedback", body, idempotency_key=verdict.key)
        ledger, known = self.ledger, verdict.prediction_id
        if answer.status == 201:
            ledger.acknowledged[known] = verdict
            ledger.unacknowledged.pop(known, None)
        elif known not in ledger.acknowledged:
            (ledger.unknown if answer.status == 404 else ledger.unacknowledged)[known] = verdict
        ledger.verdicts.append(answer)
        if answer.status == 201 and len(ledger.acknowledged) % REPEATED_EACH == 0:
            again, _ = caller.post("/v1/feedback", body, idempotency_key=verdict.key)
            ledger.verdicts.append(again)
        return answer.status not in (BROKEN, 503)


def make_verdict(number: int, prediction: dict[str, Any]) -> Verdict:
    """In turn: a confirmation, a rejection, a rejection that says what is right."""
    predicted = prediction["label"]
    [other] = prediction["probabilities"].keys() - {predicted}
    kinds = (("confirmed", predicted), ("rejected", None), ("rejected", other))
    verdict, label = kinds[number % len(kinds)]
    return Verdict(prediction["prediction_id"], verdict, label, f"verdict {number}", str(uuid4()))
