"""Promotions, rollbacks, and the journal of both: which model was in production, since when, and by whom."""

import re
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

from inference.access.guard import needs
from inference.body import JsonRoute
from inference.database import in_database
from inference.dependencies import CurrentJournal, CurrentPromoter, CurrentRegistry, Limit
from inference.errors import MoveUnderWay
from inference.loop_schemas import JournalAnswer, JournalEntry, PromotionRequest, RollbackRequest
from inference.openapi import problems
from inference.promotion import Move, champions_in_turn

router = APIRouter(prefix="/v1/promotions", tags=["models"], route_class=JsonRoute)
rollbacks_router = APIRouter(prefix="/v1/rollbacks", tags=["models"], route_class=JsonRoute)
journal_router = APIRouter(prefix="/v1/journal", tags=["models"])

OWNER = needs("admin")
LATE = "This takes longer than an answer may, and goes on: `GET /v1/journal` says whether the champion has moved."


# Without it a bare number would be taken for seconds since 1970.
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def require_rfc_3339(given: str) -> str:
    if not RFC_3339.fullmatch(given):
        raise PydanticCustomError("moment", "must be a date, a time and a zone, as RFC 3339 writes them")
    return given


def in_utc(given: datetime) -> datetime:
    try:
        return given.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("moment", "must be a moment of the years 1 to 9999 in UTC") from None


Moment = Annotated[AwareDatetime, BeforeValidator(require_rfc_3339), AfterValidator(in_utc)]


@router.post("", status_code=201, dependencies=OWNER, responses=problems(400, 404, 408, 409, 413, 415, 422, 429, 503))
async def promote(body: PromotionRequest, promoter: CurrentPromoter, registry: CurrentRegistry) -> JournalEntry:
    """Make a version the champion, if the gate let it pass beside the present one, and its bundle verifies."""
    work = partial(promoter.promote, body.version, body.by.strip(), body.reason.strip())
    return describe_move(await registry.run(work, late=MoveUnderWay(LATE)))


@rollbacks_router.post(
    "", status_code=201, dependencies=OWNER, responses=problems(400, 408, 409, 413, 415, 422, 429, 503)
)
async def roll_back(body: RollbackRequest, promoter: CurrentPromoter, registry: CurrentRegistry) -> JournalEntry:
    """Back to the champion before; never to a version that was refused, or that was left by a rollback."""
    work = partial(promoter.roll_back, body.by.strip(), body.reason.strip())
    return describe_move(await registry.run(work, late=MoveUnderWay(LATE)))


@journal_router.get("", dependencies=needs("read"), responses=problems(422, 429, 503))
async def show_journal(
    journal: CurrentJournal,
    at: Annotated[Moment | None, Query(description="What had happened by then; without it, everything.")] = None,
    limit: Limit = 100,
) -> JournalAnswer:
    # Whole, since where a way back leads hangs on all of it. A move is a matter of days.
    moves = await in_database(journal.read_all, at)
    latest = [describe_move(move) for move in moves[-limit:][::-1]]
    stack = champions_in_turn(moves)
    return JournalAnswer(
        items=latest,
        champion=latest[0] if latest else None,
        rollback_to=stack[-2].version if len(stack) > 1 else None,
    )


def describe_move(move: Move) -> JournalEntry:
    return JournalEntry(
        at=move.at,
        kind=move.kind,
        by=move.by,
        reason=move.reason,
        from_version=move.before.version if move.before else None,
        from_digest=move.before.digest if move.before else None,
        to_version=move.after.version,
        to_digest=move.after.digest,
    )
