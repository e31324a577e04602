"""The alert queries, run as they are written: what the burst and the rate mean, beside the service's own rules."""

import random
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from inference.alerting.burst import BurstRule, SlidingWindow, find_burst
from inference.alerting.interval import wilson
from inference.alerting.verdicts import Judged
from tests.azure.bicep_rules import read_rule
from tests.azure.kusto import AZURE, Kusto, Row
from tests.azure.rows import event, read, rejected, served

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
BURST, RATE = (
    (AZURE / "alerts" / f"{name}.kql").read_text(encoding="utf-8") for name in ("rejected_burst", "rejection_rate")
)
STREAMS = 2000


def with_numbers(query: str, **numbers: object) -> str:
    """As Bicep changes them."""
    for name, number in numbers.items():
        query, found = re.subn(rf"\blet {name} = [\d.]+m?;", f"let {name} = {number};", query)
        assert found == 1
    return query


def rejections(*moments: tuple[float, str]) -> list[Row]:
    """Minutes after noon, in the order in which Azure might have them: any."""
    rows = [rejected(NOON + timedelta(minutes=minutes), prediction) for minutes, prediction in moments]
    return random.Random(7).sample(rows, len(rows))


def ends_of_bursts(kusto: Kusto, *moments: tuple[float, str]) -> list[float]:
    found = kusto.run(BURST, rejections(*moments))
    return [(read(row["timestamp"]) - NOON) / timedelta(minutes=1) for row in found]


def test_three_in_five_minutes_fire(kusto: Kusto) -> None:
    found = kusto.run(BURST, rejections((0, "a"), (2, "b"), (5, "c")))
    assert found == [{"timestamp": "2026-11-25T12:05:00.0000000Z", "prediction_id": "c", "model_version": "7"}]
    # Though the rule's window begins with some that are no part of it.
    assert ends_of_bursts(kusto, (0, "a"), (4, "b"), (8, "c"), (8.5, "d")) == [8.5]


def test_three_in_more_than_five_minutes_do_not_fire(kusto: Kusto) -> None:
    assert ends_of_bursts(kusto, (0, "a"), (3, "b"), (5.000001, "c")) == []
    # Nor many in the rule's window of ten, where no five minutes have three.
    assert ends_of_bursts(kusto, (0, "a"), (3, "b"), (6, "c"), (9, "d")) == []


def test_one_prediction_counts_once_however_often_it_comes(kusto: Kusto) -> None:
    assert ends_of_bursts(kusto, (1, "b"), (1, "b"), (0, "a"), (2, "a"), (2.5, "a")) == []
    # It counts when it was first rejected: the others came too late.
    assert ends_of_bursts(kusto, (0, "a"), (4, "a"), (5.5, "b"), (6, "c")) == []


def test_other_events_are_no_rejections(kusto: Kusto) -> None:
    others = [served(NOON, "c"), rejected(NOON, "d") | {"name": "Prediction_rejected"}]
    assert kusto.run(BURST, [*rejections((0, "a"), (1, "b")), *others]) == []


def stream(source: random.Random) -> list[tuple[timedelta, str]]:
    """Rejections on a grid of half minutes, so that many are exactly as far apart as the window is long."""
    count = source.randint(1, 14)
    spread = source.choice((8, 20, 60))
    named = [f"p-{number}" for number in range(source.randint(1, count))]
    moments = [(timedelta(seconds=30 * source.randint(0, spread)), source.choice(named)) for _ in range(count)]
    # Some arrive twice.
    return source.sample([*moments, *moments[: source.randint(0, 2)]], count)


def judged(events: list[tuple[timedelta, str]]) -> list[Judged]:
    """As the database has them: each prediction once, since it was first rejected."""
    first: dict[str, timedelta] = {}
    for after, name in events:
        first[name] = min(after, first.get(name, after))
    ordered = sorted(first.items(), key=lambda item: (item[1], item[0]))
    return [
        Judged(sequence, UUID(int=int(name[2:])), "7", True, None, NOON + after)
        for sequence, (name, after) in enumerate(ordered, start=1)
    ]


def ends_in_the_service(verdicts: list[Judged], rule: BurstRule) -> list[datetime]:
    window, ends = SlidingWindow(rule, after=0), []
    for verdict in verdicts:
        window.slide_to(verdict)
        if window.holds:
            ends.append(verdict.at)
    return ends


@pytest.mark.parametrize(("n", "minutes"), [(3, 5), (2, 1), (5, 10)])
def test_the_burst_is_the_services_own(kusto: Kusto, n: int, minutes: int) -> None:
    source = random.Random(20261126)
    streams = [stream(source) for _ in range(STREAMS)]
    runs = [{"customEvents": [rejected(NOON + after, name) for after, name in events]} for events in streams]
    answers = kusto.run_all(with_numbers(BURST, n=n, m=f"{minutes}m"), runs)
    rule = BurstRule(rejections=n, window=timedelta(minutes=minutes), user_cap=n)
    fired = 0
    for events, rows in zip(streams, answers, strict=True):
        verdicts = judged(events)
        ends = [read(row["timestamp"]) for row in rows]
        assert ends == ends_in_the_service(verdicts, rule)
        assert ends[-1:] == [each.at for each in find_burst(verdicts, rule, after=0)[-1:]]
        fired += bool(ends)
    assert STREAMS * 0.1 < fired < STREAMS * 0.9


def version_rows(version: str, rejected_: int, served_: int) -> list[Row]:
    rows = [rejected(NOON, f"{version}-{number}", version) for number in range(rejected_)]
    return [*rows, served(NOON, f"{version}-served", version, item_count=served_)]


def test_the_rate_has_the_lower_end_of_the_services_interval(kusto: Kusto) -> None:
    source = random.Random(20261127)
    pairs = [(source.randint(0, 60), 60 + source.randint(-40, 600)) for _ in range(300)]
    rows = [row for place, pair in enumerate(pairs) for row in version_rows(f"v{place}", *pair)]
    found = {row["model_version"]: row for row in kusto.run(with_numbers(RATE, accepted="-1.0", enough=1), rows)}
    assert len(found) == len(pairs)
    for place, (rejections_, predictions) in enumerate(pairs):
        row = found[f"v{place}"]
        assert (row["rejected"], row["served"]) == (rejections_, predictions)
        # More may be rejected than were served in the same window.
        low, _ = wilson(min(rejections_, predictions), predictions)
        assert row["lower_bound"] == pytest.approx(low, abs=1e-12)


@pytest.mark.parametrize(
    ("rejections_", "predictions", "fires"),
    [(13, 30, True), (12, 30, False), (20, 20, True), (19, 19, False), (600, 2000, True), (530, 2000, False)],
)
def test_the_rate_fires_where_it_is_surely_too_high(
    kusto: Kusto, rejections_: int, predictions: int, fires: bool
) -> None:
    assert (wilson(rejections_, predictions)[0] > 0.25 and predictions >= 20) == fires
    assert bool(kusto.run(RATE, version_rows("7", rejections_, predictions))) == fires


def test_the_rate_is_that_of_each_version(kusto: Kusto) -> None:
    rows = [*version_rows("7", 2, 40), *version_rows("8", 30, 40)]
    [row] = kusto.run(RATE, rows)
    assert (row["model_version"], row["rejected"], row["served"], row["share"]) == ("8", 30, 40, 0.75)


def test_the_rate_counts_predictions_and_not_rows(kusto: Kusto) -> None:
    """Each event twice is each event once, and one served row stands for as many as it says."""
    rows = version_rows("7", 16, 40)
    [once] = kusto.run(RATE, rows)
    assert kusto.run(RATE, [*rows, *rows]) == [once]
    assert kusto.run(RATE, version_rows("7", 8, 40) * 2) == []


def cpu_warning(at: datetime, share: str, exhausted_at: str) -> Row:
    spent = {"spent_seconds": "1800", "budget_seconds": "3600", "share": share, "reason": "day"}
    return event("cpu_budget_low", at, spent | {"exhausted_at": exhausted_at})


def test_a_warning_of_the_processor_time_is_a_row(kusto: Kusto) -> None:
    rows = [cpu_warning(NOON, "0.5", "2026-11-25T18:00:00+00:00"), cpu_warning(NOON, "0.4999", "")]
    [row] = kusto.run(read_rule("cpu-budget").query, rows)
    assert (row["share"], row["reason"], row["exhausted_at"]) == (0.5, "day", "2026-11-25T18:00:00.0000000Z")
    [row] = kusto.run(read_rule("cpu-budget").query, [cpu_warning(NOON, "0.8", "")])
    assert (row["share"], row["exhausted_at"]) == (0.8, None)
