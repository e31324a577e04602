"""Logging, configured once per process from data, and one line for each request."""

import json
import logging
import time
from importlib.resources import files
from logging.config import dictConfig

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

LoggingConfig = dict[str, object]


def load_logging_config() -> LoggingConfig:
    config: LoggingConfig = json.loads(files("inference").joinpath("logging.json").read_text(encoding="utf-8"))
    return config


def configure_logging() -> None:
    dictConfig(load_logging_config())


EVENT = "request_served method=%s route=%s status=%d ms=%.1f"


class RequestLog:
    """Names the route, not the path: a path is the caller's own text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting_status)
        finally:
            route = getattr(scope.get("route"), "path", "unknown")
            # Probes come every few seconds and would drown the rest.
            level = logging.DEBUG if route.startswith("/health/") and status == 200 else logging.INFO
            took = (time.perf_counter() - started) * 1000
            logger.log(level, EVENT, scope["method"], route, status, took)
