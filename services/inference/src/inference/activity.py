"""Activity: what came in and what people said, hour by hour, for charts by hour and by day."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from inference.access.guard import needs
from inference.activity_schemas import ActivityAnswer, ActivityHour, Judgement
from inference.activity_store import Hour, Said, beginning_of_hour
from inference.alerting.interval import wilson
from inference.database import in_database
from inference.dependencies import CurrentActivity, CurrentLog, CurrentSettings
from inference.errors import FieldError, InvalidInput
from inference.openapi import problems
from inference.promotions import Moment

router = APIRouter(prefix="/v1/activity", tags=["activity"], dependencies=needs("read"))

USUAL = timedelta(days=7)
LONGEST = timedelta(days=92)
HOUR = timedelta(hours=1)

SinceMoment = Annotated[
    Moment | None, Query(description="Counted from the hour that this is in; without it, from 7 days before `until`.")
]
UntilMoment = Annotated[
    Moment | None,
    Query(
        description="Counted to the end of the hour that this is in; without it, now. At most 92 days after `since`."
    ),
]


@router.get("", responses=problems(422, 429, 503))
async def show_activity(
    activity: CurrentActivity,
    log: CurrentLog,
    settings: CurrentSettings,
    since: SinceMoment = None,
    until: UntilMoment = None,
) -> ActivityAnswer:
    """Of hours in UTC, of which a page makes its own days."""
    first, end = whole_hours(since, until or datetime.now(UTC))
    await log.catch_up()
    found = await in_database(activity.read, first, end, settings.audit_share)
    return ActivityAnswer(
        since=first,
        until=end,
        items=[describe_hour(beginning, hour) for beginning, hour in found.hours.items()],
        audit=describe_said(found.audit),
        **describe_said(found.said).model_dump(),
    )


def whole_hours(since: datetime | None, until: datetime) -> tuple[datetime, datetime]:
    """The beginning of the first, and the end of the last."""
    try:
        since = since or until - USUAL
        end = beginning_of_hour(until)
        end += HOUR if end < until else timedelta()
    except OverflowError:
        raise refusal("until", "must be a moment with a week before it and an hour after it") from None
    if since >= until:
        raise refusal("since", "must be before until, which is now where it is not given")
    if until - since > LONGEST:
        raise refusal("since", f"must be at most {LONGEST.days} days before until")
    return beginning_of_hour(since), end


def refusal(field: str, reason: str) -> InvalidInput:
    return InvalidInput(errors=[FieldError(field=field, reason=reason)])


def describe_hour(beginning: datetime, hour: Hour) -> ActivityHour:
    return ActivityHour(
        hour=beginning,
        predictions=hour.labels.total(),
        labels=hour.labels,
        abstained=hour.abstained,
        judged=hour.said.judged,
        rejected=hour.said.rejected,
    )


def describe_said(said: Said) -> Judgement:
    low, high = wilson(said.rejected, said.judged)
    return Judgement(
        judged=said.judged,
        rejected=said.rejected,
        rejected_share=said.rejected / said.judged if said.judged else None,
        rejected_share_low=low,
        rejected_share_high=high,
    )
