"""People hear of drift: the words of the message, once at each receiver, whatever several workers are posted."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from inference.alerting.apprise_notifier import AppriseNotifier
from inference.alerting.mail import MailNotifier, SmtpSettings
from inference.alerting.notifiers import Notifier
from tests.inference.drifting import LINK, REASONS, REFERENCE, Trainer, body
from tests.inference.judging import Judging, judging
from tests.inference.receivers import MailServer, Webhook, mail_server, webhook
from tests.inference.running import running
from tests.inference.telling import PAGE, deliverer

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

HEADING = "Live tweets are no longer like those the model was trained on"
WORKERS = 3

WaitFor = Callable[..., None]


@pytest.fixture
def people(database_url: str) -> Iterator[Judging]:
    with judging(database_url) as people:
        yield people


@pytest.fixture
def trainer(people: Judging) -> Trainer:
    return Trainer(people)


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as hook:
        yield hook


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as mail:
        yield mail


@pytest.fixture
def notifiers(people: Judging, hook: Webhook, mail: MailServer) -> list[Notifier]:
    settings = SmtpSettings(
        host="127.0.0.1", port=mail.port, sender="alerts@air.example", recipients=("ops@air.example",), security="none"
    )
    found: list[Notifier] = [AppriseNotifier(f"json://{hook.address}/"), MailNotifier(settings)]
    people.destinations = [notifier.destination for notifier in found]
    return found


def bring(people: Judging, notifiers: list[Notifier]) -> None:
    for notifier in notifiers:
        while deliverer(people, notifier).deliver():
            pass


def test_the_message_says_what_moved_beside_what_was_compared_and_where_the_report_is(
    people: Judging, trainer: Trainer, hook: Webhook, mail: MailServer, notifiers: list[Notifier]
) -> None:
    trainer.report("drifted")
    trainer.look()
    bring(people, notifiers)
    [told], [mailed] = hook.bodies, mail.mails
    said = str(told["message"])
    assert mailed.get_content().splitlines() == said.splitlines()
    assert (mailed["Subject"], told["title"], told["severity"]) == (HEADING, HEADING, "warning")
    [alert] = trainer.alerts()
    assert said.splitlines() == [
        f"{HEADING}, since 2026-01-01 12:00:00 UTC.",
        "",
        *(f"- {reason}" for reason in REASONS),
        f"Compared with: {REFERENCE}",
        "Predictions: 1,000 in 2 windows",
        f"Report: {LINK}",
        "",
        "Model version: 3",
        "No verdict counts yet.",
        "",
        f"Look at it, and say that you do: {PAGE}",
        "",
        f"Alert {alert.alert_id}",
    ]


def test_each_is_told_once_that_it_began_and_once_that_it_is_over(
    people: Judging, trainer: Trainer, hook: Webhook, mail: MailServer, notifiers: list[Notifier]
) -> None:
    for day in range(5):
        trainer.report("drifted", day=day)
        trainer.look()
        bring(people, notifiers)
    trainer.report("stable", version="4", day=5)
    trainer.look()
    bring(people, notifiers)
    titles = [HEADING, f"Over: {HEADING.lower()}"]
    assert [told["title"] for told in hook.bodies] == titles
    assert [mailed["Subject"] for mailed in mail.mails] == titles
    assert f"{HEADING}: this is over, version 3 is not served any more." in str(hook.bodies[1]["message"])


def test_an_alert_of_rejections_is_worded_as_before(
    people: Judging, trainer: Trainer, hook: Webhook, notifiers: list[Notifier]
) -> None:
    trainer.report("drifted")
    people.reject(0, 1, 2, version="3")
    trainer.look()
    bring(people, notifiers)
    burst, drift = sorted(hook.bodies, key=lambda told: str(told["title"]) == HEADING)
    first, second = str(burst["message"]).splitlines()[:3:2]
    assert first.startswith("Several answers of the model were rejected within minutes, since ")
    assert second == "Model version: 3"
    assert "Rejected: 3 of the last 3 verdicts" in str(drift["message"])


def test_three_workers_that_are_posted_the_same_report_make_one_alert_and_one_message(
    make_bundle: Callable[..., Path],
    database_url: str,
    tmp_path: Path,
    unused_url: str,
    hook: Webhook,
    wait_for: WaitFor,
) -> None:
    settings = {"database_url": database_url, "bundle": str(make_bundle()), "workers": str(WORKERS)}
    with running(tmp_path, unused_url, alert_urls=f"json://{hook.address}/", **settings) as service:
        wait_for(lambda: len(service.workers()) == WORKERS, seconds=30)

        def post(_: int) -> str:
            # Each on a connection of its own: whichever worker takes it.
            answer = requests.post(f"{service.url}/v1/drift-reports", json=body(), timeout=10)
            assert answer.status_code == 201, answer.text
            return str(answer.json()["report_id"])

        with ThreadPoolExecutor(12) as pool:
            assert len(set(pool.map(post, range(24)))) == 1
        wait_for(lambda: hook.bodies != [])
        assert len(requests.get(f"{service.url}/v1/drift-reports", timeout=10).json()["items"]) == 1
        [alert] = requests.get(f"{service.url}/v1/alerts", timeout=10).json()["items"]
        assert (alert["rule"], alert["times_seen"]) == ("drift", 1)
        shown = f"{service.url}/v1/alerts/{alert['alert_id']}"
        wait_for(
            lambda: [each["state"] for each in requests.get(shown, timeout=10).json()["deliveries"]] == ["delivered"]
        )
    [told] = hook.bodies
    assert told["title"] == HEADING
    assert json.dumps(told).count(REASONS[0]) == 1
