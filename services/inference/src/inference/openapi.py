"""The API's description. `python -m inference.openapi` writes the committed file anew, `--check` only compares."""

import json
import sys
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from inference.access.access import Access
from inference.access.guard import Guard
from inference.access.scopes import Scope
from inference.errors import Problem

PROBLEM_JSON = "application/problem+json"

Responses = dict[int | str, dict[str, object]]
Description = dict[str, object]
# What FastAPI makes is JSON, of no type of its own.
Operation = dict[str, Any]


# Our own words: Python's phrases for these differ from version to version.
REASONS = {
    400: "The body is not strict JSON.",
    401: "Nothing valid was sent, where a key or a token is needed.",
    403: "The key or token lacks the scope that `detail` names.",
    404: "There is no such prediction, alert, or version.",
    408: "The body did not come in time.",
    409: "It cannot be done as things are; `detail` says why.",
    410: "The text is not kept any more.",
    413: "The body is over its limit.",
    415: "The body is not plain application/json.",
    422: "A field does not fit; `errors` names it.",
    429: "Your quota is used up, or too many wrong keys came; `Retry-After` says when there is more.",
    503: "Too much work, no model, or no database at the moment; `Retry-After` says when to ask again.",
}


SCHEMES: Description = {
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "A key of the service. Each key lists its scopes; each route names those that open it.",
    },
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of the service, or a token of its OpenID provider, whose claim lists the scopes.",
    },
}
# Whoever is refused needs no other words than these, on whatever route.
REFUSALS = (401, 403, 429)


def problems(*statuses: int) -> Responses:
    return {status: {"model": Problem, "description": REASONS[status]} for status in statuses}


class DescribedApi(FastAPI):
    def openapi(self) -> Description:
        """FastAPI would declare our problems as plain application/json, and knows nothing of scopes."""
        if self.openapi_schema is None:
            schema = super().openapi()
            operations = [operation for path in schema["paths"].values() for operation in path.values()]
            for status, response in (pair for operation in operations for pair in operation["responses"].items()):
                if int(status) >= HTTPStatus.BAD_REQUEST:
                    response["content"] = {PROBLEM_JSON: response["content"].pop("application/json")}
            access: Access | None = self.state.access
            for path, method, scopes in guarded_operations(self):
                is_open = access is None or access.is_open_for(scopes)
                declare_access(schema["paths"][path][method], scopes, is_open=is_open)
            schema["components"]["securitySchemes"] = SCHEMES
        return super().openapi()


def guarded_operations(app: FastAPI) -> Iterator[tuple[str, str, Sequence[Scope]]]:
    """By path and method, what a route says that it needs."""
    for route in iter_route_contexts(app.routes):
        for guard in (each.dependency for each in getattr(route.original_route, "dependencies", ())):
            if isinstance(guard, Guard):
                yield from ((str(route.path_format), method.lower(), guard.scopes) for method in route.methods or ())


def declare_access(operation: Operation, scopes: Sequence[Scope], *, is_open: bool) -> None:
    """OpenAPI 3.1 lets a key name scopes too. Where none is needed, the first choice is to send nothing."""
    choices: list[dict[str, list[str]]] = [{scheme: [scope]} for scope in scopes for scheme in SCHEMES]
    operation["security"] = [*([{}] if is_open else []), *choices]
    words = f"Needs the scope {' or '.join(f'`{scope}`' for scope in scopes)}."
    operation["description"] = "\n\n".join([*filter(None, [operation.get("description")]), words])
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses = operation["responses"]
    responses |= {str(status): {"description": REASONS[status], "content": content} for status in REFUSALS}
    operation["responses"] = dict(sorted(responses.items()))


def render(description: Description) -> str:
    return json.dumps(description, indent=2, ensure_ascii=False) + "\n"


def main(path: Path = Path("services/inference/openapi.json")) -> None:
    from inference.app import create_app

    fresh = render(create_app().openapi())
    if "--check" not in sys.argv[1:]:
        path.write_text(fresh, encoding="utf-8")
    elif path.read_text(encoding="utf-8") != fresh:
        raise SystemExit(f"{path} is stale: run `make openapi`")


if __name__ == "__main__":
    main()
