"""The API's description. `python -m inference.openapi` writes the committed file anew, `--check` only compares."""

import json
import sys
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI

from inference.errors import Problem

PROBLEM_JSON = "application/problem+json"

Responses = dict[int | str, dict[str, object]]
Description = dict[str, object]


# Our own words: Python's phrases for these differ from version to version.
REASONS = {
    400: "The body is not strict JSON.",
    401: "The owner's key is missing, or another.",
    404: "There is no such prediction, alert, or version.",
    408: "The body did not come in time.",
    409: "It cannot be done as things are; `detail` says why.",
    410: "The text is not kept any more.",
    413: "The body is over its limit.",
    415: "The body is not plain application/json.",
    422: "A field does not fit; `errors` names it.",
    429: "Your quota is used up; `Retry-After` says when there is more.",
    503: "Too much work, no model, or no database at the moment; `Retry-After` says when to ask again.",
}


def problems(*statuses: int) -> Responses:
    return {status: {"model": Problem, "description": REASONS[status]} for status in statuses}


class DescribedApi(FastAPI):
    def openapi(self) -> Description:
        """FastAPI would declare our problems as plain application/json, and a key as always needed."""
        if self.openapi_schema is None:
            schema = super().openapi()
            operations = [operation for path in schema["paths"].values() for operation in path.values()]
            for guarded in (operation for operation in operations if "security" in operation):
                # Where no owner's key is set, everybody may.
                guarded["security"].insert(0, {})
            for status, response in (pair for operation in operations for pair in operation["responses"].items()):
                if int(status) >= HTTPStatus.BAD_REQUEST:
                    response["content"] = {PROBLEM_JSON: response["content"].pop("application/json")}
        return super().openapi()


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
