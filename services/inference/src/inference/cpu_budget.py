"""What is spent of a plan's processor time, and when to warn before it stops the site. Pure functions.

A day is one of UTC. The plan's own day begins at an hour that nobody has promised: midnight UTC is taken for it.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Reason = Literal["day", "five_minutes"]

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
FIVE_MINUTES = timedelta(minutes=5)
# Of the free plan, beside its budget of a day (docs/deployment.md).
FIVE_MINUTES_SECONDS = 180.0
NEARLY_GONE = 0.8
# Before that much is spent, one busy hour says little of the day.
HALF_GONE = 0.5


class Saved(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="ignore")


class BudgetWarning(Saved):
    reason: Reason
    at: AwareDatetime
    spent_seconds: float
    budget_seconds: float
    # None where the budget lasts at this pace, or where it cannot be told.
    exhausted_at: AwareDatetime | None = None

    @property
    def share(self) -> float:
        return self.spent_seconds / self.budget_seconds


class Point(NamedTuple):
    at: AwareDatetime
    total_seconds: float


class Spent(Saved):
    """What is kept from one look to the next, and over restarts."""

    at: AwareDatetime
    today_seconds: float = Field(ge=0)
    # Since anything is known, over all lives of the container.
    total_seconds: float = Field(ge=0)
    # Of the counter, in this life.
    life: str
    counter: float = Field(ge=0)
    # The total in the last hour, about once a minute, and before it once.
    points: tuple[Point, ...] = Field(min_length=1)
    warnings: dict[Reason, BudgetWarning] = Field(default_factory=dict)

    def has_warned(self, reason: Reason) -> bool:
        last = self.warnings.get(reason)
        if last is None:
            return False
        if reason == "day":
            return day_of(last.at) == day_of(self.at)
        return timedelta(0) <= self.at - last.at < HOUR

    def within(self, window: timedelta) -> float:
        """What was spent in the last hour, or less. What was before the first point is not known, nor counted."""
        begins = self.at - window
        place = bisect_right(self.points, begins, key=at_of)
        if place == 0:
            return self.total_seconds - self.points[0].total_seconds
        if place == len(self.points):
            return 0.0
        before, after = self.points[place - 1], self.points[place]
        share = (begins - before.at) / (after.at - before.at)
        then = before.total_seconds + share * (after.total_seconds - before.total_seconds)
        return self.total_seconds - then


def add_up(before: Spent | None, now: datetime, life: str, counter: float, age_seconds: float) -> Spent:
    """With what was taken since; all of the counter where it began anew, or where nothing is known of before.

    What was taken over midnight is the new day's: a look is never far from the one before.
    """
    began = now - timedelta(seconds=age_seconds)
    if before is None:
        points = with_point((Point(began, 0.0),), Point(now, counter))
        return Spent(at=now, today_seconds=counter, total_seconds=counter, life=life, counter=counter, points=points)
    goes_on = life == before.life and counter >= before.counter
    new = counter - before.counter if goes_on else counter
    points = before.points if goes_on else with_point(before.points, Point(began, before.total_seconds))
    total = before.total_seconds + new
    return Spent(
        at=now,
        today_seconds=new + (before.today_seconds if day_of(before.at) == day_of(now) else 0.0),
        total_seconds=total,
        life=life,
        counter=counter,
        points=with_point(points, Point(now, total)),
        warnings=before.warnings,
    )


def with_point(points: Sequence[Point], latest: Point) -> tuple[Point, ...]:
    """After a clock that was set back, without those that are still to come."""
    known = [point for point in points if point.at < latest.at]
    old = bisect_right(known, latest.at - HOUR, key=at_of) - 1
    known = known[max(old, 0) :]
    if len(known) > 1 and latest.at - known[-2].at < MINUTE:
        # In between there is no need for one.
        known.pop()
    return (*known, latest)


def at_of(point: Point) -> datetime:
    return point.at


def day_of(at: datetime) -> date:
    return at.astimezone(UTC).date()


def judge(spent: Spent, budget_seconds: float) -> list[BudgetWarning]:
    """The warnings that are due. Without a budget there are none."""
    if not budget_seconds:
        return []
    found = [
        judge_day(spent.today_seconds, spent.within(HOUR), budget_seconds, spent.at),
        judge_five_minutes(spent.within(FIVE_MINUTES), spent.at),
    ]
    return [each for each in found if each is not None and not spent.has_warned(each.reason)]


def judge_day(spent: float, last_hour: float, budget: float, now: datetime) -> BudgetWarning | None:
    exhausted_at = expect_end(spent, last_hour, budget, now)
    needed = HALF_GONE if exhausted_at is not None else NEARLY_GONE
    if spent < needed * budget:
        return None
    return BudgetWarning(reason="day", at=now, spent_seconds=spent, budget_seconds=budget, exhausted_at=exhausted_at)


def expect_end(spent: float, last_hour: float, budget: float, now: datetime) -> datetime | None:
    """When the budget is gone at the pace of the last hour. None where it lasts until midnight."""
    left = budget - spent
    if left <= 0:
        return now
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    # In this order, since at next to no pace the moment would be none that a calendar has.
    if last_hour * ((midnight - now) / HOUR) <= left:
        return None
    return now + HOUR * (left / last_hour)


def judge_five_minutes(lately: float, now: datetime) -> BudgetWarning | None:
    if lately < NEARLY_GONE * FIVE_MINUTES_SECONDS:
        return None
    is_gone = lately >= FIVE_MINUTES_SECONDS
    return BudgetWarning(
        reason="five_minutes",
        at=now,
        spent_seconds=lately,
        budget_seconds=FIVE_MINUTES_SECONDS,
        exhausted_at=now if is_gone else None,
    )
