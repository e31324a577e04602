"""The service, put together: `gunicorn -c services/inference/gunicorn.conf.py 'inference.app:create_app()'`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import APIRoute

from inference import feedback, health, model, predictions
from inference.cache import BundleCache
from inference.champion import Champion, serve_local
from inference.database import build_engine
from inference.dependencies import Resources
from inference.docs import serve_docs
from inference.errors import install_error_handlers
from inference.follower import ChampionFollower
from inference.logs import RequestLog, configure_logging
from inference.openapi import DescribedApi
from inference.registry import Registry
from inference.settings import Settings
from inference.store import Store


def create_app(settings: Settings | None = None) -> FastAPI:
    app = DescribedApi(
        title="Tweet sentiment",
        version=version("inference"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=name_operation,
    )
    app.state.settings = settings or Settings()
    app.add_middleware(RequestLog)
    install_error_handlers(app)
    for router in (predictions.batch_router, predictions.router, feedback.router, model.router, health.router):
        app.include_router(router)
    serve_docs(app)
    return app


def name_operation(route: APIRoute) -> str:
    return route.name


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    configure_logging()
    settings: Settings = app.state.settings
    store = Store(build_engine(settings.database_url.get_secret_value()))
    champion = Champion()
    cache = BundleCache(settings.model_dir)
    serve_local(champion, cache, settings.bundle)
    follower = build_follower(settings, champion, cache)
    app.state.resources = Resources(settings, store, champion)
    try:
        yield
    finally:
        if follower is not None:
            follower.stop()
        store.close()


def build_follower(settings: Settings, champion: Champion, cache: BundleCache) -> ChampionFollower | None:
    if settings.mlflow_url is None:
        return None
    registry = Registry(settings.mlflow_url, settings.registered_model)
    follower = ChampionFollower(champion, registry, cache, settings.poll_seconds)
    follower.start()
    return follower
