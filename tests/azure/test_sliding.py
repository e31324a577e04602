"""Why the burst rule slides: the same bursts for the form that everybody writes first, and for the file's own.

Three rejections begin anywhere in five minutes, and are as far apart as chance has it: up to five minutes for a burst,
more than that, up to eleven, for what is none. `pytest -rP` shows the table.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.azure.bicep_rules import LogAlertRule, read_rule
from tests.azure.kusto import Kusto
from tests.azure.rows import rejected
from tests.azure.rule import Ingested, evaluate, ingested, is_met, moments

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NONE = timedelta(0)
WORLDS = 2000
COUNTED = 'customEvents | where name == "prediction_rejected"'


def worlds(source: random.Random, shortest: float, longest: float) -> list[list[datetime]]:
    """When three are rejected: the first and the last as far apart as this, in minutes, and one between them."""
    made = []
    for _ in range(WORLDS):
        start = NOON + source.uniform(0, 5) * MINUTE
        span = source.uniform(shortest, longest) * MINUTE
        made.append([start, start + source.random() * span, start + span])
    return made


def share_that_fires(
    kusto: Kusto, rule: LogAlertRule, bursts: Sequence[Sequence[datetime]], delay: timedelta = NONE
) -> float:
    there: list[list[Ingested]] = [
        ingested([rejected(at, f"p-{number}") for number, at in enumerate(times)], delay) for times in bursts
    ]
    evaluated = evaluate(kusto, rule, there, moments(rule, NOON, NOON + 30 * MINUTE))
    return sum(any(is_met(rule, each) for each in found) for found in evaluated) / len(bursts)


def counting(minutes: int, every: int) -> LogAlertRule:
    """Three rows and more in a window."""
    rule = read_rule("rejected-burst")
    return replace(rule, query=COUNTED, window=minutes * MINUTE, frequency=every * MINUTE, threshold=2)


def test_windows_that_tumble_miss_half_of_the_bursts_and_the_sliding_one_none(kusto: Kusto) -> None:
    source = random.Random(20261128)
    bursts, others = worlds(source, 0, 5), worlds(source, 5.001, 11)
    forms = {
        "count >= 3, window 5 min, every 5 min": counting(5, 5),
        "count >= 3, window 10 min, every 5 min": counting(10, 5),
        "rejected_burst.kql, window and frequency as in Bicep": read_rule("rejected-burst"),
    }
    found = {
        form: (share_that_fires(kusto, rule, bursts), share_that_fires(kusto, rule, others))
        for form, rule in forms.items()
    }
    print(f"\n{WORLDS} bursts of three in five minutes, {WORLDS} of three in more")  # noqa: T201
    for form, (caught, false) in found.items():
        print(f"{form:55} {caught:7.1%} caught {false:7.1%} false")  # noqa: T201
    tumbling, wide, sliding = found.values()
    assert 0.47 < tumbling[0] < 0.54 and tumbling[1] == 0
    assert wide[0] == 1 and 0.39 < wide[1] < 0.45
    assert sliding == (1, 0)


def test_what_is_ingested_late_is_seen_as_long_as_the_window_has_room_for_it(kusto: Kusto) -> None:
    rule = read_rule("rejected-burst")
    bursts = worlds(random.Random(20261129), 0, 5)
    wider = replace(rule, window=15 * MINUTE)
    seconds = (10, 30, 120)
    found = [
        [share_that_fires(kusto, each, bursts, timedelta(seconds=delay)) for delay in seconds] for each in (rule, wider)
    ]
    for window, shares in zip((rule.window, wider.window), found, strict=True):
        for delay, share in zip(seconds, shares, strict=True):
            print(f"window {window}, rows {delay:3} s late: {share:7.2%} caught")  # noqa: T201
    usual, roomy = found
    # Lost are those that end late in a window and began at its very beginning.
    assert usual[0] > 0.99 and usual[1] > 0.98 and usual == sorted(usual, reverse=True)
    assert roomy == [1, 1, 1]
