"""The review queue: the few tweets a day that are most worth a person's minute."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from inference.access.guard import needs
from inference.champion import ServedModel
from inference.database import in_database
from inference.dependencies import CurrentChampion, CurrentLog, CurrentReviews, CurrentSettings
from inference.loop_schemas import ReviewItem, ReviewQueue
from inference.openapi import problems
from inference.predictions import describe_item
from inference.review_queue import choose
from inference.review_store import ReviewStore

router = APIRouter(prefix="/v1/review-queue", tags=["feedback"], dependencies=needs("feedback"))


@router.get("", responses=problems(422, 429, 503))
async def show_review_queue(
    reviews: CurrentReviews,
    log: CurrentLog,
    champion: CurrentChampion,
    settings: CurrentSettings,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> ReviewQueue:
    """Of the last 24 hours, or the latest; a bit of each reason, in turn. Their texts as they are kept."""
    await log.catch_up()
    return await in_database(build_queue, reviews, champion.served, settings.audit_share, limit)


def build_queue(reviews: ReviewStore, served: ServedModel | None, audit_share: float, limit: int) -> ReviewQueue:
    now = datetime.now(UTC)
    picks = choose(reviews.read_candidates(), served, audit_share, now, limit)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return ReviewQueue(
        items=[ReviewItem(**describe_item(each.prediction, audit_share).model_dump(), why=each.why) for each in picks],
        judged_today=reviews.count_judged(midnight),
    )
