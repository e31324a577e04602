"""Messages about alerts reach real receivers, on both databases: what they say, and that they come late, not never."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from inference.alerting.apprise_notifier import AppriseNotifier
from inference.alerting.mail import MailNotifier, SmtpSettings
from inference.alerting.notifiers import Notifier
from tests.inference.judging import NOON, Judging, judging
from tests.inference.receivers import MailServer, Webhook, mail_server, webhook
from tests.inference.telling import PAGE, alarm, deliverer, to

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

TWEET = "@bob <b>late</b> again, write to bob@example.org or 06 12 34 56 78, see https://example.org/bob"
SECOND = timedelta(seconds=1)


@pytest.fixture
def people(database_url: str) -> Iterator[Judging]:
    with judging(database_url) as people:
        yield people


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as hook:
        yield hook


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as mail:
        yield mail


@pytest.fixture
def to_hook(hook: Webhook) -> AppriseNotifier:
    return AppriseNotifier(f"json://{hook.address}/")


@pytest.fixture
def to_mail(mail: MailServer) -> MailNotifier:
    settings = SmtpSettings(
        host="127.0.0.1", port=mail.port, sender="alerts@air.example", recipients=("ops@air.example",), security="none"
    )
    return MailNotifier(settings)


# --- what they say


def test_a_message_says_what_was_seen_of_which_model_since_when_and_shows_masked_examples(
    people: Judging, hook: Webhook, mail: MailServer, to_hook: Notifier, to_mail: Notifier
) -> None:
    alert = alarm(people, to_hook, to_mail, text=TWEET)
    for notifier in (to_hook, to_mail):
        assert deliverer(people, notifier).deliver() is True
        assert deliverer(people, notifier).deliver() is False
    [body] = hook.bodies
    [mailed] = mail.mails
    said = str(body["message"])
    assert mailed.get_content().splitlines() == said.splitlines()
    assert mailed["Subject"] == body["title"] == "Several answers of the model were rejected within minutes"
    assert "within minutes, since 2026-01-01 12:00:00 UTC." in said
    assert "Model version: 7\nRejected: 3 of the last 3 verdicts, 100% (95 %: 44% to 100%)\n" in said
    example = (
        "- @user <b>late</b> again, write to [email] or [phone], see http://url [negative 0.90, people say positive]"
    )
    assert said.count(example) == 3
    assert PAGE in said
    assert str(alert.alert_id) in said
    for personal in ("@bob", "bob@", "06 12", "example.org"):
        assert personal not in said
    ids = {each.destination: str(each.delivery_id) for each in people.messages(alert)}
    assert body["message_id"] == ids[to_hook.destination]
    assert ids[to_mail.destination] in str(mailed["Message-ID"])


def test_that_it_is_over_is_said_too(people: Judging, hook: Webhook, to_hook: Notifier) -> None:
    alarm(people, to_hook)
    deliverer(people, to_hook).deliver()
    people.go_to(31)
    people.watch().look()
    deliverer(people, to_hook).deliver()
    opened, closed = hook.bodies
    assert closed["title"] == "Over: several answers of the model were rejected within minutes"
    assert "this is over, quiet for 30 minutes." in str(closed["message"])
    assert closed["message_id"] != opened["message_id"]


def test_who_was_not_reached_before_it_was_over_reads_so(people: Judging, hook: Webhook, to_hook: Notifier) -> None:
    alarm(people, to_hook)
    people.go_to(31)
    people.watch().look()
    deliverer(people, to_hook).deliver()
    assert "It is over since 2026-01-01 12:31:00 UTC: quiet for 30 minutes." in str(hook.bodies[0]["message"])


# --- a receiver that fails


def test_who_fails_gets_it_later_and_nobody_else_waits_for_that(
    people: Judging, hook: Webhook, mail: MailServer, to_hook: Notifier, to_mail: Notifier
) -> None:
    hook.status = 500
    alert = alarm(people, to_hook, to_mail)
    deliverer(people, to_hook).deliver()
    deliverer(people, to_mail).deliver()
    assert len(mail.mails) == 1
    assert to(to_mail, people, alert).delivered_at == NOON
    pauses = []
    for _ in range(11):
        waiting = to(to_hook, people, alert)
        assert waiting.next_attempt_at is not None
        pauses.append((waiting.next_attempt_at - people.now).total_seconds())
        people.now = waiting.next_attempt_at - SECOND
        assert deliverer(people, to_hook).deliver() is False
        people.now = waiting.next_attempt_at
        assert deliverer(people, to_hook).deliver() is True
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    hook.status = 200
    people.now += 300 * SECOND
    assert deliverer(people, to_hook).deliver() is True
    done = to(to_hook, people, alert)
    assert done.delivered_at == people.now
    assert done.next_attempt_at is None
    assert [attempt.error is None for attempt in done.attempts] == [False] * 12 + [True]
    assert all("error=500" in (attempt.error or "") for attempt in done.attempts[:12])
    assert [body["message_id"] for body in hook.bodies] == [str(done.delivery_id)]
    outcomes = people.metrics.render()
    assert b'alert_deliveries_total{outcome="postponed"} 12.0' in outcomes
    assert b'alert_deliveries_total{outcome="delivered"} 2.0' in outcomes


def test_why_it_did_not_arrive_is_kept_in_plain_words(people: Judging, unused_url: str, to_mail: Notifier) -> None:
    nobody = AppriseNotifier(unused_url.replace("http", "json"))
    alert = alarm(people, nobody)
    deliverer(people, nobody).deliver()
    assert [attempt.error for attempt in to(nobody, people, alert).attempts] == ["connection refused"]


def test_after_three_days_it_is_given_up(people: Judging, hook: Webhook, to_hook: Notifier) -> None:
    hook.status = 503
    alert = alarm(people, to_hook)
    for hours in (0, 71.9, 72.1, 90, 200):
        people.go_to(hours * 60)
        deliverer(people, to_hook).deliver()
    delivery = to(to_hook, people, alert)
    assert delivery.next_attempt_at is None
    assert delivery.delivered_at is None
    assert len(delivery.attempts) == 3
    assert b'alert_deliveries_total{outcome="given_up"} 1.0' in people.metrics.render()


def test_a_test_is_given_up_after_a_minute(people: Judging, hook: Webhook, to_hook: Notifier) -> None:
    hook.status = 503
    [delivery_id] = people.deliveries.enter_tests([to_hook.destination], people.now)
    for minute in (0, 0.9, 1.1, 2):
        people.go_to(minute)
        deliverer(people, to_hook).deliver()
    [delivery] = people.deliveries.read_deliveries([delivery_id])
    assert (delivery.purpose, delivery.next_attempt_at, len(delivery.attempts)) == ("test", None, 3)
