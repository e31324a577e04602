"""A few requests to the real thing: does it tell two clear tweets apart, keep strangers out, answer in time?

Nothing is judged: no verdict is sent, so nobody's figures move. The tweets are logged as any others are.
"""

import time
from typing import Any

import requests

from .errors import DeployError
from .waiting import Pace, say

TWEETS = (
    ("Thank you for a wonderful flight, the crew was so kind and helpful", "positive"),
    ("My flight was cancelled and my bag is lost, this is the worst airline ever", "negative"),
)
# One that no key has: what is made by `inference new-key` is longer.
WRONG_KEY = "ts_of-nobody"
ATTEMPTS = 3


def smoke(url: str, key: str, pace: Pace) -> None:
    say(f"  smoke test: {url}")
    refuses_strangers(url, pace)
    model = read(ask("GET", f"{url}/v1/model", key, pace), "GET /v1/model")
    say(f"  smoke test: the model is {model.get('name')} {model.get('version')}")
    for text, label in TWEETS:
        knows(url, key, text, label, pace)
    say("  smoke test: passed")


def refuses_strangers(url: str, pace: Pace) -> None:
    answer, _ = ask("POST", f"{url}/v1/predictions", WRONG_KEY, pace, TWEETS[0][0])
    if answer.status_code != 401:
        raise DeployError(
            f"smoke test: a wrong key is answered with {answer.status_code} instead of 401: is INFERENCE_API_KEYS set?"
        )


def knows(url: str, key: str, text: str, label: str, pace: Pace) -> None:
    answered = ask("POST", f"{url}/v1/predictions", key, pace, text)
    found = read(answered, "POST /v1/predictions").get("label")
    if found != label:
        raise DeployError(f"smoke test: a clearly {label} tweet is called {found}")
    if answered[1] > pace.answer_seconds:
        raise DeployError(f"smoke test: a prediction took {answered[1]:.1f} s, more than {pace.answer_seconds:g} s")
    say(f"  smoke test: {label}, in {1000 * answered[1]:.0f} ms")


def ask(method: str, url: str, key: str, pace: Pace, text: str | None = None) -> tuple[requests.Response, float]:
    """The answer and its seconds. What a proxy says while it changes over is asked again, a few times."""
    for attempt in range(1, ATTEMPTS + 1):
        begun_at = time.monotonic()
        try:
            answer = requests.request(
                method,
                url,
                json=None if text is None else {"text": text},
                headers={"Authorization": f"Bearer {key}"},
                timeout=pace.answer_seconds,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            why = f"no answer within {pace.answer_seconds:g} s ({type(error).__name__})"
        else:
            if answer.status_code < 500 and answer.status_code != 429:
                return answer, time.monotonic() - begun_at
            why = f"answers {answer.status_code}"
        if attempt < ATTEMPTS:
            say(f"  smoke test: {why}, asked again")
            time.sleep(pace.poll_seconds)
    raise DeployError(f"smoke test: {method} {url} {why}, {ATTEMPTS} times")


def read(answered: tuple[requests.Response, float], what: str) -> dict[str, Any]:
    answer, _ = answered
    if answer.status_code in (401, 403):
        raise DeployError(
            f"smoke test: {what} refuses the key ({answer.status_code}): it needs one with the scope predict"
        )
    try:
        body = answer.json()
    except ValueError:
        body = None
    if answer.status_code != 200 or not isinstance(body, dict):
        raise DeployError(f"smoke test: {what} answers {answer.status_code}, and no JSON object with 200")
    return body
