"""Who is told of alerts, on both databases: tried out beforehand, and not kept waiting by one who hangs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from fastapi.testclient import TestClient

from tests.inference.alarming import WaitFor, alarm, found, states, told_at
from tests.inference.receivers import Webhook, webhook

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

StartApp = Callable[..., AbstractContextManager[TestClient]]


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as hook:
        yield hook


def test_a_test_says_who_was_reached_and_why_another_was_not(
    start_app: StartApp, hook: Webhook, unused_url: str
) -> None:
    with start_app(**told_at(hook.address, unused_url.removeprefix("http://"))) as client:
        response = client.post("/v1/alert-tests")
        assert response.status_code == 200
        reached, missed = response.json()["items"]
        assert found(client) == []
    assert (reached["purpose"], reached["state"], reached["attempts"][0]["error"]) == ("test", "delivered", None)
    assert (missed["purpose"], missed["state"]) == ("test", "waiting")
    assert missed["attempts"][0]["error"] == "connection refused"
    [body] = hook.bodies
    assert body["title"] == "Test: alerts reach you here"


def test_a_test_with_nobody_to_tell_is_409(client: TestClient) -> None:
    response = client.post("/v1/alert-tests")
    assert response.status_code == 409
    assert "INFERENCE_ALERT_URLS" in response.json()["detail"]


def test_who_hangs_keeps_nobody_else_waiting(start_app: StartApp, hook: Webhook, wait_for: WaitFor) -> None:
    with webhook() as hanging:
        hanging.status = None
        with start_app(**told_at(hanging.address, hook.address)) as client:
            alert = alarm(client, wait_for)
            wait_for(lambda: hook.bodies != [], seconds=3)
            wait_for(lambda: states(client, alert) == ["delivered", "waiting"], seconds=5)
            hanging.closing.set()


def test_what_the_settings_do_not_name_any_more_is_not_waited_for(
    start_app: StartApp, unused_url: str, wait_for: WaitFor
) -> None:
    with start_app(**told_at(unused_url.removeprefix("http://"))) as client:
        alert = alarm(client, wait_for)
        assert states(client, alert) == ["waiting"]
    with start_app() as client:
        assert states(client, alert) == ["given_up"]
