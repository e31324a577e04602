"""The test message: who got it, who did not and why, and what to set when nobody would."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from live_api import LiveApi, free_port
from person import press, shown
from pydantic import SecretStr
from rejections import client_of, raise_alert, wait_until
from streamlit.testing.v1 import AppTest

from tests.inference.receivers import Webhook, black_hole, webhook
from ui.api.alert_answers import Delivery
from ui.monitor.deliveries import state_words, trouble
from ui.words.english.wording import ENGLISH

WORDS = ENGLISH.alerts
OpenPage = Callable[[str], AppTest]


@pytest.fixture
def receiver() -> Iterator[Webhook]:
    with webhook() as receiver:
        yield receiver


@contextmanager
def telling(folder: Path, *addresses: str) -> Iterator[LiveApi]:
    """An API that tells these webhooks of alerts."""
    live = LiveApi(folder / "told", alert_urls=SecretStr(" ".join(f"json://{address}" for address in addresses)))
    live.start()
    yield live
    live.close()


def outcome(state: str) -> str:
    return state.split(": ")[-1].split(",")[0].strip("]")


def test_each_destination_is_shown_with_what_became_of_it(
    tmp_path: Path, open_alerts: OpenPage, receiver: Webhook
) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    with telling(tmp_path, receiver.address, nobody) as api:
        page = open_alerts(api.url)
        press(page, "send-test")
        assert [body["title"] for body in receiver.bodies] == ["Test: alerts reach you here"]
    states = [found.value for found in page.markdown if WORDS.purposes["test"] in found.value]
    assert [outcome(state) for state in states] == ["arrived", "not arrived yet"]
    texts = [text.value for text in page.text]
    assert [text.split(" #")[0] for text in texts[:2]] == [f"json://{receiver.address}", f"json://{nobody}"]
    assert texts[2].startswith("Attempt 1, ") and texts[2].endswith(" UTC: connection refused")
    assert WORDS.trial_waits in shown(page)


def test_impatient_clicks_are_one_message(tmp_path: Path, open_alerts: OpenPage, receiver: Webhook) -> None:
    with telling(tmp_path, receiver.address) as api:
        page = open_alerts(api.url)
        for _ in range(3):
            press(page, "send-test")
    assert len(receiver.bodies) == 1
    assert WORDS.trial_waits not in shown(page)


def test_a_receiver_that_says_nothing_is_waited_for_longer_than_other_answers(
    tmp_path: Path, open_alerts: OpenPage
) -> None:
    with black_hole() as port, telling(tmp_path, f"127.0.0.1:{port}") as api:
        page = open_alerts(api.url)
        press(page, "send-test")
    assert not page.error
    assert any("not arrived yet" in found.value for found in page.markdown)


def test_a_message_that_nobody_has_answered_yet_is_said_to_be_that() -> None:
    sent = Delivery(purpose="test", destination="chat", state="waiting", delivered_at=None, attempts=[])
    assert trouble(sent) == WORDS.no_attempt


def test_a_message_that_is_given_up_says_so() -> None:
    lost = Delivery(purpose="opened", destination="chat", state="given_up", delivered_at=None, attempts=[])
    assert state_words(lost) == "Message that it began: did not arrive, and is not tried again"


def test_when_nobody_is_told_it_says_what_to_set(api: LiveApi, open_alerts: OpenPage) -> None:
    page = open_alerts(api.url)
    press(page, "send-test")
    assert page.error[0].value == WORDS.refused_trial
    assert any("set INFERENCE_ALERT_URLS" in text.value for text in page.text)


def test_with_the_api_away_it_says_so_and_works_later(tmp_path: Path, open_alerts: OpenPage, receiver: Webhook) -> None:
    with telling(tmp_path, receiver.address) as api:
        page = open_alerts(api.url)
        api.stop()
        press(page, "send-test")
        assert page.error[1].value == f"The API at `{api.url}` does not answer. {WORDS.kept_trial}"
        api.start()
        press(page, "send-test")
    assert not page.error
    assert len(receiver.bodies) == 1


def test_an_alert_shows_who_was_told_and_why_another_was_not(
    tmp_path: Path, open_alerts: OpenPage, receiver: Webhook
) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    with telling(tmp_path, receiver.address, nobody) as api:
        alert = raise_alert(api)
        client = client_of(api)
        wait_until(
            lambda: all(each.attempts for each in client.read_alert(alert.alert_id).deliveries),
            "a message was not sent",
        )
        page = open_alerts(api.url)
    states = [found.value for found in page.markdown if WORDS.purposes["opened"] in found.value]
    assert [outcome(state) for state in states] == ["arrived", "not arrived yet"]
    assert any(text.value.endswith(" UTC: connection refused") for text in page.text)
