"""Alerts as those who use the service see them, on both databases: found, told, looked at, acknowledged."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import cast
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.inference.alarming import Fields, WaitFor, alarm, details, found, reject, states, told_at
from tests.inference.judging import Judging, judging
from tests.inference.receivers import MailServer, Webhook, mail_server, webhook

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

StartApp = Callable[..., AbstractContextManager[TestClient]]

TWEET = "@bob your bag is late: https://example.org/bob"
MASKED = "@user your bag is late: http://url"
MARKUP = "<script>alert(1)</script> **Ann** [x](javascript:y) =1+1"


@pytest.fixture
def database(database_url: str) -> Iterator[Judging]:
    """To look into the service's own database."""
    with judging(database_url) as database:
        yield database


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as hook:
        yield hook


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as mail:
        yield mail


def told_by_mail(mail: MailServer) -> Fields:
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": mail.port,
        "smtp_security": "none",
        "alert_mail_from": "alerts@air.example",
        "alert_mail_to": "ops@air.example",
    }


def test_three_rejections_are_one_alert_which_reaches_everybody_within_seconds(
    start_app: StartApp, hook: Webhook, mail: MailServer, wait_for: WaitFor
) -> None:
    with start_app(**told_at(hook.address), **told_by_mail(mail)) as client:
        alert = alarm(client, wait_for, TWEET)
        expected = {"kind": "alert", "rule": "burst", "state": "open", "model_version": "pretrained", "times_seen": 1}
        assert expected.items() <= alert.items()
        assert (alert["judged"], alert["rejected"], alert["rejected_share"]) == (3, 3, 1.0)
        assert alert["rejected_share_low"] == pytest.approx(0.4385, abs=1e-4)
        assert alert["rejected_share_high"] == 1.0
        assert alert["acknowledged_at"] is None and alert["closed_at"] is None
        wait_for(lambda: states(client, alert) == ["delivered", "delivered"], seconds=5)
        shown = details(client, alert)
    assert alert.items() <= shown.items()
    examples = cast(list[Fields], shown["examples"])
    assert [(each["text"], each["predicted_label"], each["corrected_label"]) for each in examples] == [
        (MASKED, "negative", "positive")
    ] * 3
    assert [(each["event"], each["by"]) for each in cast(list[Fields], shown["history"])] == [("opened", None)]
    destinations = [str(each["destination"]) for each in cast(list[Fields], shown["deliveries"])]
    assert sorted(each.split("#")[0] for each in destinations) == [f"json://{hook.address} ", "mail ops@air.example "]
    assert len(hook.bodies) == len(mail.mails) == 1
    assert MASKED in str(hook.bodies[0]["message"])


def test_two_are_none_and_one_more_after_a_restart_makes_three(
    start_app: StartApp, database: Judging, wait_for: WaitFor
) -> None:
    with start_app() as client:
        reject(client)
        reject(client)
        wait_for(database.is_all_looked_at)
        assert found(client) == []
    with start_app() as client:
        reject(client)
        wait_for(lambda: len(found(client)) == 1)


def test_without_anybody_to_tell_the_alert_is_listed_all_the_same(start_app: StartApp, wait_for: WaitFor) -> None:
    with start_app() as client:
        assert details(client, alarm(client, wait_for))["deliveries"] == []


def test_who_rejects_by_the_dozen_is_a_note_and_three_others_are_an_alert(
    start_app: StartApp, hook: Webhook, database: Judging, wait_for: WaitFor
) -> None:
    with start_app(alert_flood=5, **told_at(hook.address)) as client:
        for _ in range(20):
            reject(client, reviewer="bob")
        wait_for(database.is_all_looked_at)
        assert found(client) == []
        [note] = found(client, kind="note")
        assert (note["kind"], note["rule"], note["state"]) == ("note", "flood", "open")
        shown = details(client, note)
        assert (shown["deliveries"], shown["examples"]) == ([], [])
        assert "bob" not in str(shown)
        alert = alarm(client, wait_for)
        assert (alert["judged"], alert["rejected"]) == (3, 3)
        wait_for(lambda: states(client, alert) == ["delivered"])
        assert len(found(client, kind="note")) == 1
    assert len(hook.bodies) == 1


def test_alerts_are_listed_by_kind_and_state_the_open_ones_first(
    start_app: StartApp, database: Judging, wait_for: WaitFor
) -> None:
    # Of hours ago, and over.
    database.reject(0, 1, 2)
    watch = database.watch()
    watch.look()
    database.go_to(60)
    watch.look()
    with start_app() as client:
        alarm_now = [reject(client) for _ in range(3)]
        assert len(alarm_now) == 3
        wait_for(lambda: len(found(client)) == 2)
        assert [each["state"] for each in found(client)] == ["open", "closed"]
        assert [each["state"] for each in found(client, state="closed")] == ["closed"]
        assert [each["state"] for each in found(client, state="open")] == ["open"]
        assert [each["state"] for each in found(client, limit="1")] == ["open"]
        assert found(client, kind="note") == []
        [closed] = found(client, state="closed")
        assert closed["closed_because"] == "quiet for 30 minutes"
        for wrong in ({"kind": "x"}, {"state": "x"}, {"limit": "0"}, {"limit": "1001"}):
            assert client.get("/v1/alerts", params=wrong).status_code == 422


# --- who looks after it


def acknowledge(client: TestClient, alert: Fields, **body: object) -> Fields:
    response = client.post(f"/v1/alerts/{alert['alert_id']}/acknowledge", json=body)
    assert response.status_code == 200, response.text
    return cast(Fields, response.json())


def test_whoever_acknowledges_first_stands_with_it_and_everybody_is_in_its_history(
    start_app: StartApp, wait_for: WaitFor
) -> None:
    with start_app() as client:
        alert = alarm(client, wait_for)
        first = acknowledge(client, alert, by=f" {MARKUP} ", note="on it")
        assert first["acknowledged_by"] == MARKUP
        assert datetime.fromisoformat(str(first["acknowledged_at"])) > datetime.fromisoformat(str(alert["opened_at"]))
        assert first["state"] == "open"
        for _ in range(2):
            assert acknowledge(client, alert, by=MARKUP, note="on it") == first
            assert acknowledge(client, alert, by="Eve") == first
        history = cast(list[Fields], details(client, alert)["history"])
        said = [(each["event"], each["by"], each["note"]) for each in history]
        assert said == [("opened", None, None), ("acknowledged", MARKUP, "on it"), ("acknowledged", "Eve", None)]
        assert history[1]["at"] == first["acknowledged_at"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "by"),
        ({"by": ""}, "by"),
        ({"by": " \t"}, "by"),
        ({"by": "x" * 129}, "by"),
        ({"by": "a\0b"}, "by"),
        ({"by": "Ann", "note": "x" * 1001}, "note"),
        ({"by": "Ann", "stars": 5}, "body"),
    ],
)
def test_a_name_is_not_blank_and_nothing_else_is_taken(client: TestClient, body: Fields, field: str) -> None:
    response = client.post(f"/v1/alerts/{uuid4()}/acknowledge", json=body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("unknown", ["0197f0b2-7b5e-7c3a-9d1f-2a6c3e5b7d90", "no-such-id"])
def test_an_unknown_alert_is_404(client: TestClient, unknown: str) -> None:
    answers = [
        client.get(f"/v1/alerts/{unknown}"),
        client.post(f"/v1/alerts/{unknown}/acknowledge", json={"by": "Ann"}),
    ]
    for answer in answers:
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
