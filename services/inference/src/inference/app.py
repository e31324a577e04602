"""The service, put together: `gunicorn -c services/inference/gunicorn.conf.py 'inference.app:create_app()'`."""

from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from inference import (
    activity,
    alerts,
    comparisons,
    drift_reports,
    feedback,
    health,
    model,
    models,
    predictions,
    promotions,
    review,
    shadows,
)
from inference.docs import serve_docs
from inference.error_answers import install_error_handlers
from inference.lifespan import lifespan
from inference.openapi import DescribedApi
from inference.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or Settings()
    # The page and the document are for those who build with the API; in production nothing describes it.
    is_described = settings.environment != "production"
    app = Api(
        title="Tweet sentiment",
        version=version("inference"),
        lifespan=lifespan,
        openapi_url="/openapi.json" if is_described else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=name_operation,
    )
    app.state.settings = settings
    # Known once the service runs.
    app.state.access = None
    install_error_handlers(app)
    for router in (
        predictions.batch_router,
        predictions.router,
        comparisons.router,
        feedback.router,
        alerts.router,
        alerts.tests_router,
        activity.router,
        promotions.router,
        promotions.rollbacks_router,
        promotions.journal_router,
        models.router,
        drift_reports.router,
        shadows.router,
        review.router,
        model.router,
        health.router,
        health.metrics_router,
    ):
        app.include_router(router)
    if is_described:
        serve_docs(app)
    return app


class Api(DescribedApi):
    """FastAPI behind our own entrance, which answers most predictions itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.state.entrance(super().__call__, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def name_operation(route: APIRoute) -> str:
    return route.name
