"""One request a call and no connection kept: a restarted API is found again at once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import requests
from pydantic import BaseModel, SecretStr, ValidationError

from ui.api.errors import ApiClosed, ApiError, ApiMisunderstood, ApiRefused, ApiUnavailable, NotAllowed
from ui.people.person import Role
from ui.settings import Settings

LATER = {429, 502, 503, 504}
CLOSED = {401, 403}

Answer = TypeVar("Answer", bound=BaseModel)
Body = Mapping[str, str | Sequence[str]]


class FieldProblem(BaseModel):
    field: str
    reason: str


class Problem(BaseModel):
    detail: str = ""
    errors: list[FieldProblem] = []


class Transport:
    def __init__(self, settings: Settings, ends_at: datetime | None = None) -> None:
        # From then on nothing is asked any more.
        self.ends_at = ends_at
        self._base = settings.api_url.rstrip("/")
        self._headers = {"Accept": "application/json"} | bearer(settings.api_key)
        self._timeout = (settings.connect_timeout_seconds, settings.read_timeout_seconds)

    def ask(
        self,
        method: str,
        path: str,
        expected: type[Answer],
        *,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        at_least_seconds: float = 0.0,
    ) -> Answer:
        """Raises ApiError."""
        if self.ends_at is not None and datetime.now(UTC) >= self.ends_at:
            raise NotAllowed(Role.VIEWER)
        connect_seconds, read_seconds = self._timeout
        try:
            with requests.Session() as session:
                # The API is on our own network: the proxy to the rest of the world does not know it.
                session.trust_env = False
                response = session.request(
                    method,
                    self._base + path,
                    json=body,
                    headers={**self._headers, **(headers or {})},
                    timeout=(connect_seconds, max(read_seconds, at_least_seconds)),
                    allow_redirects=False,
                )
        except requests.RequestException as error:
            raise ApiUnavailable() from error
        return _read(response, expected)


def bearer(key: SecretStr) -> dict[str, str]:
    """Nothing where there is no key."""
    secret = key.get_secret_value()
    return {"Authorization": f"Bearer {secret}"} if secret else {}


def _read(response: requests.Response, expected: type[Answer]) -> Answer:
    if not response.ok:
        raise _error(response)
    try:
        return expected.model_validate_json(response.content)
    except ValidationError as error:
        raise ApiMisunderstood(response.status_code) from error


def _error(response: requests.Response) -> ApiError:
    status, problem = response.status_code, _problem(response)
    if status in LATER:
        return ApiUnavailable(status, _retry_after(response), problem.detail)
    if not 400 <= status < 500:
        return ApiMisunderstood(status)
    refusal = ApiClosed if status in CLOSED else ApiRefused
    return refusal(status, problem.detail, tuple(f"{item.field}: {item.reason}" for item in problem.errors))


def _problem(response: requests.Response) -> Problem:
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        return Problem()


def _retry_after(response: requests.Response) -> int | None:
    value = response.headers.get("Retry-After", "")
    return int(value) if value.isascii() and value.isdigit() else None
