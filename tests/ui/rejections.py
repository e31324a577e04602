"""People who reject what the model says, over the API, and the alert that comes of it."""

import time
from collections.abc import Callable
from uuid import uuid4

from live_api import LiveApi

from ui.api.alert_answers import Alert
from ui.api.client import Client
from ui.settings import Settings

TWEETS = ("late again, and never a word", "late and never sorry, ask @AirParadis", "never late, they said")
PATIENCE_SECONDS = 15


def client_of(api: LiveApi) -> Client:
    return Client(Settings(api_url=api.url, read_timeout_seconds=10))


def reject(api: LiveApi, *tweets: str) -> None:
    client = client_of(api)
    for tweet in tweets:
        prediction = client.predict(tweet)
        client.send_feedback(prediction.prediction_id, "rejected", label="positive", idempotency_key=uuid4().hex)


def raise_alert(api: LiveApi, *tweets: str) -> Alert:
    """The newest alert, once there is one more than before."""
    client = client_of(api)
    before = len(client.list_alerts(100))
    reject(api, *(tweets or TWEETS))
    wait_until(lambda: len(client.list_alerts(100)) > before, "no alert was raised")
    return client.list_alerts(1)[0]


def wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)
