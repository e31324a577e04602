"""What people do with the API, as locust users: they ask, they confirm or reject, they send a file.

    make load                                                  # starts the API by itself, one minute
    .venv/bin/locust -f tests/load/locustfile.py --host http://127.0.0.1:8000        # with its page, at :8089

Locust's users wait for their answers, so they cannot show what a stall does to people who come anyway: for that there
is `python -m bench.open_loop`. The run fails, with a reason for each, where an answer was wrong or too late.
"""

import logging
import os
import random
from uuid import uuid4

from locust import FastHttpUser, between, constant, events, task
from locust.env import Environment

logger = logging.getLogger(__name__)

# Milliseconds within which 99 of 100 answers came. On a machine whose cores locust shares with the API.
MOST_MS = {
    "predict": float(os.environ.get("LOAD_PREDICT_P99_MS", "250")),
    "feedback": float(os.environ.get("LOAD_FEEDBACK_P99_MS", "500")),
    "batch": float(os.environ.get("LOAD_BATCH_P99_MS", "1000")),
}
BATCH_TEXTS = 64
WORDS = (
    *("flight", "delayed", "again", "luggage", "lost", "crew", "kind", "thanks", "great", "landing", "coffee", "cold"),
    *("seat", "broken", "refund", "please", "help", "never", "late", "gate", "changed", "smooth", "boarding", "lovely"),
    *("staff", "nobody", "answers", "phone", "cancelled", "without", "a", "word", "merci", "bravo", "en", "retard"),
)


def write_tweet() -> str:
    """Of our own making, and seldom the same twice."""
    return "@airline " + " ".join(random.choices(WORDS, k=random.randint(4, 20)))


class Reader(FastHttpUser):
    """Watches the brand: one tweet after the other."""

    weight = 10
    wait_time = constant(0.05)

    @task
    def predict(self) -> None:
        ask(self, write_tweet())


class Reviewer(FastHttpUser):
    """Reads an answer, and says whether it is right; now and then sends the same verdict once more."""

    weight = 4
    wait_time = between(0.1, 0.4)

    @task(3)
    def confirm(self) -> None:
        self.judge("confirmed")

    @task(1)
    def reject(self) -> None:
        self.judge("rejected")

    def judge(self, verdict: str) -> None:
        prediction_id = ask(self, write_tweet())
        if prediction_id is None:
            return
        key = str(uuid4())
        for _ in range(random.choice((1, 1, 1, 2))):
            self.client.post(
                "/v1/feedback",
                json={"prediction_id": prediction_id, "verdict": verdict},
                headers={"Idempotency-Key": key},
                name="feedback",
            )


class Analyst(FastHttpUser):
    """Sends a file, some tweets at a time."""

    weight = 1
    wait_time = between(1, 2)

    @task
    def score(self) -> None:
        texts = [write_tweet() for _ in range(BATCH_TEXTS)]
        with self.client.post(
            "/v1/predictions/batch", json={"texts": texts}, name="batch", catch_response=True
        ) as response:
            if response.status_code == 200 and len(response.json()["predictions"]) != BATCH_TEXTS:
                response.failure("the answer has not as many predictions as there were texts")


def ask(user: FastHttpUser, text: str) -> str | None:
    with user.client.post("/v1/predictions", json={"text": text}, name="predict", catch_response=True) as response:
        if response.status_code != 200:
            return None
        answer = response.json()
        if answer["probabilities"].get(answer["label"]) != answer["probability"]:
            response.failure("the probability is not that of the label")
        prediction_id: str = answer["prediction_id"]
        return prediction_id


@events.quitting.add_listener
def judge_run(environment: Environment, **_: object) -> None:
    """The exit code, and in the log why."""
    reasons = [] if environment.stats.total.num_requests else ["nothing was asked"]
    if environment.stats.total.num_failures:
        reasons.append(f"{environment.stats.total.num_failures} of {environment.stats.total.num_requests} failed")
    for name, most in MOST_MS.items():
        took = environment.stats.get(name, "POST").get_response_time_percentile(0.99) or 0
        if took > most:
            reasons.append(f"{name}: 99 % within {took:.0f} ms, not {most:.0f}")
    for reason in reasons:
        logger.error("load test failed: %s", reason)
    environment.process_exit_code = 1 if reasons else 0
