"""A warning in the words of a message, as an event, and as the query for Azure reads it."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inference.alerting.apprise_notifier import AppriseNotifier
from inference.alerting.deliver import Deliverer
from inference.cpu_budget import HOUR, BudgetWarning, Reason
from inference.cpu_watch import Telling
from inference.database import build_engine
from inference.metrics import Metrics
from inference.privacy import Privacy
from inference.telemetry.events import describe_low_budget
from inference.telemetry.items import Event, Item, Outcome
from inference.telemetry.outbox import TelemetryOutbox
from inference.telemetry.sender import Sender
from inference.telemetry.telemetry import Telemetry
from tests.inference.judging import NOON, Judging, judging
from tests.inference.listening import listening
from tests.inference.receivers import Webhook, webhook

QUERY = Path(__file__).parents[2] / "infra" / "azure" / "alerts" / "cpu_budget.kql"
DAY = BudgetWarning(
    reason="day", at=NOON, spent_seconds=2892.5, budget_seconds=3600, exhausted_at=NOON + timedelta(hours=5.5)
)
LASTS = DAY.model_copy(update={"exhausted_at": None})
GONE = DAY.model_copy(update={"spent_seconds": 3610.0, "exhausted_at": NOON})
BURST = BudgetWarning(reason="five_minutes", at=NOON, spent_seconds=150, budget_seconds=180)


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as hook:
        yield hook


@pytest.fixture
def notifier(hook: Webhook) -> AppriseNotifier:
    return AppriseNotifier(f"json://{hook.address}/")


def deliverer(people: Judging, notifier: AppriseNotifier, *known: BudgetWarning) -> Deliverer:
    def find(reason: Reason) -> BudgetWarning | None:
        return next((each for each in known if each.reason == reason), None)

    return Deliverer(
        notifier, people.deliveries, people.alerts, Privacy("k"), people.metrics, "", lambda: people.now, find
    )


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
@pytest.mark.parametrize(
    ("warning", "words"),
    [
        pytest.param(DAY, "Spent: 48.2 of 60.0 minutes (80%). At this pace the rest lasts until", id="a day"),
        pytest.param(LASTS, "Spent: 48.2 of 60.0 minutes (80%).\n", id="a day that lasts"),
        pytest.param(GONE, "Spent: 60.2 of 60.0 minutes (100%). Nothing is left.", id="a day that is over"),
        pytest.param(BURST, "Spent: 2.5 of 3.0 minutes (83%).\n", id="five minutes"),
    ],
)
def test_whoever_is_told_of_alerts_gets_a_message(
    warning: BudgetWarning, words: str, database_url: str, hook: Webhook, notifier: AppriseNotifier
) -> None:
    with judging(database_url) as people:
        Telling(people.deliveries, [notifier.destination], None).enter_message(warning, people.now)
        bearer = deliverer(people, notifier, warning)
        assert (bearer.deliver(), bearer.deliver()) == (True, False)
    [body] = hook.bodies
    assert words in str(body["message"])
    heading = {"day": "The processor time of the day is running out"}.get(
        warning.reason, "The processor time of five minutes is running out"
    )
    assert heading in str(body["title"]) and "2026-01-01 12:00:00 UTC" in str(body["message"])


def test_a_message_whose_figures_are_not_known_any_more_says_the_rest(
    database_url: str, hook: Webhook, notifier: AppriseNotifier
) -> None:
    with judging(database_url) as people:
        Telling(people.deliveries, [notifier.destination], None).enter_message(DAY, people.now)
        assert deliverer(people, notifier).deliver()
    [body] = hook.bodies
    assert "Spent" not in str(body["message"]) and "until the next day" in str(body["message"])


@pytest.mark.parametrize(("warning", "useful"), [(DAY, 12 * HOUR), (BURST, HOUR)], ids=["a day", "five minutes"])
def test_a_message_that_comes_too_late_to_help_is_given_up(
    warning: BudgetWarning, useful: timedelta, database_url: str, hook: Webhook, notifier: AppriseNotifier
) -> None:
    hook.status = 500
    with judging(database_url) as people:
        Telling(people.deliveries, [notifier.destination], None).enter_message(warning, people.now)
        bearer = deliverer(people, notifier, warning)
        people.now += useful
        assert bearer.deliver()
        people.now += timedelta(minutes=5)
        assert bearer.deliver()
        people.now += HOUR
        hook.status = 200
        assert bearer.deliver() is False
    assert hook.bodies == []


def test_where_nobody_is_told_there_is_a_line_of_the_log(caplog: pytest.LogCaptureFixture, database_url: str) -> None:
    with judging(database_url) as people, listening(caplog):
        telling = Telling(people.deliveries, [], None)
        telling.say(DAY)
        telling.enter_message(DAY, people.now)
    [record] = caplog.records
    end = "exhausted_at=2026-01-01T17:30:00+00:00 reason=day"
    assert record.message == f"cpu_budget_low spent=2892.5 budget=3600 share=0.80 {end}"


@pytest.mark.parametrize(
    ("warning", "gone"), [(DAY, "2026-01-01T17:30:00+00:00"), (LASTS, ""), (BURST, "")], ids=["day", "lasts", "burst"]
)
def test_the_event_has_nothing_but_texts(warning: BudgetWarning, gone: str) -> None:
    event = describe_low_budget(warning)
    assert (event.name, event.at, event.stands_for) == ("cpu_budget_low", NOON, 1)
    assert event.properties["exhausted_at"] == gone
    assert all(isinstance(value, str) for value in event.properties.values())
    assert float(event.properties["share"]) == pytest.approx(warning.share, abs=0.001)


def test_azure_reads_what_is_sent_and_from_the_share_that_is_warned_of() -> None:
    query = QUERY.read_text(encoding="utf-8")
    assert re.findall(r'"(\w+)"', query) == [describe_low_budget(DAY).name]
    assert set(re.findall(r"customDimensions\.(\w+)", query)) == set(describe_low_budget(DAY).properties)
    [least] = re.findall(r"let least = ([\d.]+);", query)
    assert float(least) == 0.5
    parsed = datetime.fromisoformat(describe_low_budget(DAY).properties["exhausted_at"])
    assert parsed.astimezone(UTC) == DAY.exhausted_at


class Endpoint:
    def __init__(self) -> None:
        self.outcome = Outcome.ACCEPTED
        self.got: list[Item] = []

    def send(self, items: Sequence[Item]) -> list[Outcome]:
        self.got += items if self.outcome is Outcome.ACCEPTED else []
        return [self.outcome] * len(items)

    def close(self) -> None: ...


def test_the_event_leaves_with_the_next_look_and_again_where_the_endpoint_was_busy(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, privacy = Endpoint(), Privacy("k")
    # None of the predictions is sent, and all of these.
    telemetry = Telemetry(privacy, 0.0, include_text=False)
    engine = build_engine(database_url)
    sender = Sender(endpoint, TelemetryOutbox(engine), telemetry, privacy, Metrics(), include_text=False)
    telemetry.note_event(describe_low_budget(DAY))
    endpoint.outcome = Outcome.LATER
    sender.send()
    assert endpoint.got == []
    endpoint.outcome = Outcome.ACCEPTED
    monkeypatch.setattr(sender, "_not_before", 0.0)
    sender.send()
    sender.send()
    [event] = endpoint.got
    assert isinstance(event, Event) and event.name == "cpu_budget_low"
    engine.dispose()
