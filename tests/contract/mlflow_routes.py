"""Prints every route of MLflow with sign-in on, as JSON: method and path. A program, since it imports the server."""

import json
import sys

from fastapi.routing import APIRoute
from mlflow.server import app as flask_app
from mlflow.server.auth import create_app
from starlette.routing import Mount


def native_routes(routes: list[object], prefix: str = "") -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for route in routes:
        if isinstance(route, APIRoute):
            found |= {(method, prefix + route.path) for method in route.methods}
        elif hasattr(route, "original_router"):
            found |= native_routes(route.original_router.routes, prefix + route.include_context.prefix)
        elif not isinstance(route, Mount):
            # One of a kind that nobody here has looked at.
            sys.exit(f"unknown route {route!r}")
    return found


if __name__ == "__main__":
    routes = native_routes(create_app().routes)
    for rule in flask_app.url_map.iter_rules():
        routes |= {(method, rule.rule) for method in rule.methods or ()}
    json.dump(sorted(routes), sys.stdout)
