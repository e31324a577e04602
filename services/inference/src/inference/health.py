"""Liveness: the process answers. Readiness: a verified, warmed model is in memory, and it is not about to end."""

from contextlib import suppress

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from inference.access.guard import needs
from inference.database import in_database
from inference.dependencies import CurrentGate, CurrentMetrics, CurrentModel, CurrentSettings, CurrentStore
from inference.errors import DatabaseUnavailable, DeadlinePassed, Draining
from inference.openapi import problems
from inference.schemas import HealthAnswer

router = APIRouter(prefix="/health", tags=["health"])
metrics_router = APIRouter(tags=["health"], dependencies=needs("read"))


@router.get("/live")
async def live(settings: CurrentSettings) -> HealthAnswer:
    return HealthAnswer(status="live", release=settings.release)


@router.get("/ready", responses=problems(503))
async def ready(_: CurrentModel, store: CurrentStore, gate: CurrentGate, settings: CurrentSettings) -> HealthAnswer:
    if gate.is_draining:
        raise Draining
    # Asked until it has succeeded once: afterwards readiness must not hang on a database that falls silent, and one
    # that is away for a moment must not take every replica out of service at once.
    if not store.has_schema:
        with suppress(DatabaseUnavailable, DeadlinePassed):
            await in_database(store.check_schema)
    return HealthAnswer(status="ready", release=settings.release)


@metrics_router.get("/metrics", response_class=PlainTextResponse)
async def show_metrics(metrics: CurrentMetrics) -> PlainTextResponse:
    return PlainTextResponse(metrics.render(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
