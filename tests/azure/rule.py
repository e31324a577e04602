"""A scheduled query rule at work: what Azure Monitor evaluates, and what it makes of it.

From learn.microsoft.com/azure/azure-monitor/alerts/alerts-overview, "Stateful alerts". Simulated: one evaluation after
the other at the rule's frequency, each over the rows of its window that have been ingested by then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.azure.bicep_rules import LogAlertRule
from tests.azure.kusto import Kusto, Row
from tests.azure.rows import read

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Ingested:
    """A row, and since when a query finds it: its time in the row is older."""

    row: Row
    at: datetime


@dataclass(frozen=True)
class Evaluation:
    at: datetime
    since: datetime
    rows: list[Row]


@dataclass(frozen=True)
class Notice:
    """What the action group is told: "Fired", or "Resolved" with the time at which it had fired."""

    condition: str
    fired_at: datetime
    evaluation: Evaluation


def ingested(rows: Sequence[Row], delay: timedelta = timedelta(0)) -> list[Ingested]:
    return [Ingested(row, read(row["timestamp"]) + delay) for row in rows]


def moments(rule: LogAlertRule, first: datetime, until: datetime) -> list[datetime]:
    count = (until - first) // rule.frequency
    return [first + number * rule.frequency for number in range(count + 1)]


def evaluate(
    kusto: Kusto, rule: LogAlertRule, worlds: Sequence[Sequence[Ingested]], at: Sequence[datetime]
) -> list[list[Evaluation]]:
    """Of each world, by itself: what the rule's query has at these moments."""
    windows = [{"customEvents": seen(rule, world, moment)} for world in worlds for moment in at]
    found = iter(kusto.run_all(rule.query, windows))
    return [[Evaluation(moment, moment - rule.window, next(found)) for moment in at] for _ in worlds]


def seen(rule: LogAlertRule, world: Sequence[Ingested], moment: datetime) -> list[Row]:
    since = moment - rule.window
    return [each.row for each in world if each.at <= moment and since < read(each.row["timestamp"]) <= moment]


def is_met(rule: LogAlertRule, evaluation: Evaluation) -> bool:
    return len(evaluation.rows) > rule.threshold


def notices(rule: LogAlertRule, evaluations: Sequence[Evaluation]) -> Iterator[Notice]:
    fired: Evaluation | None = None
    last_met: datetime | None = None
    for evaluation in evaluations:
        if is_met(rule, evaluation):
            last_met = evaluation.at
            if fired is None or not rule.auto_mitigate:
                fired = evaluation
                yield Notice("Fired", fired.at, evaluation)
        elif fired and last_met and rule.auto_mitigate and evaluation.at - last_met >= quiet_time(rule.frequency):
            yield Notice("Resolved", fired.at, evaluation)
            fired = None


def quiet_time(frequency: timedelta) -> timedelta:
    """So long the condition is not met before the alert is resolved."""
    if frequency == MINUTE:
        return 10 * MINUTE
    if frequency <= 15 * MINUTE:
        return 3 * frequency
    return 2 * frequency if frequency <= 660 * MINUTE else frequency
