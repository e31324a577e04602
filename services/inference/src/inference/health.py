"""Liveness: the process answers. Readiness: a verified, warmed model is in memory and its tables exist."""

from contextlib import suppress

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from inference.dependencies import CurrentModel, CurrentStore
from inference.errors import DatabaseUnavailable
from inference.openapi import problems
from inference.schemas import HealthAnswer

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
async def live() -> HealthAnswer:
    return HealthAnswer(status="live")


@router.get("/ready", responses=problems(503))
async def ready(_: CurrentModel, store: CurrentStore) -> HealthAnswer:
    # Asked until it has succeeded once: afterwards readiness must not hang on a database that falls silent, and one
    # that is away for a moment must not take every replica out of service at once.
    if not store.has_schema:
        with suppress(DatabaseUnavailable):
            await run_in_threadpool(store.check_schema)
    return HealthAnswer(status="ready")
