"""The requests to MLflow: which versions there are, who is champion, the files of a bundle. Data, never code."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import requests
from pydantic import BaseModel, ValidationError
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import HTTPError

from inference.errors import BundleRefused, RegistryUnavailable
from inference.registry_answers import (
    Alias,
    Done,
    ModelAnswer,
    RegistryError,
    RegistryVersion,
    TaggedVersion,
    VersionAnswer,
    VersionDetails,
    VersionPage,
)

__all__ = ["CHALLENGER", "CHAMPION", "Registry", "RegistryVersion", "VersionDetails"]

CHAMPION, CHALLENGER = "champion", "challenger"
API = "/api/2.0/mlflow"

TIMEOUTS_SECONDS = (1.0, 10.0)  # to connect, to read
# An answer may come in drops, each in time: these bound all of it. A version carries its card and the gate's verdict.
ANSWER_LIMIT_BYTES, ANSWER_LIMIT_SECONDS = 1024 * 1024, 10.0
LIST_LIMIT_BYTES = 16 * 1024 * 1024
DOWNLOAD_LIMIT_BYTES, DOWNLOAD_LIMIT_SECONDS = 600 * 1024 * 1024, 600.0
BLOCK_BYTES = 1024 * 1024
PAGE_VERSIONS = 100
# MLflow counts in this; in Postgres it fails where it is asked for more.
LARGEST_VERSION = 2**31 - 1
BUNDLE_PATH = "artifacts/bundle"
ABSENT = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}
# What an operator has to look at, since none of it passes by itself.
REFUSALS = {
    401: "status 401: the account or its password is not MLflow's",
    403: "status 403: the account may not do that, or MLflow does not answer to this host name",
}

Query = dict[str, str]
# An account's name and its password.
Credentials = tuple[str, str]
Expected = TypeVar("Expected", bound=BaseModel)


class Registry:
    """For one thread at a time: the connection is kept."""

    def __init__(self, url: str, registered_model: str, credentials: Credentials | None = None) -> None:
        self._url = url.rstrip("/")
        self._model = registered_model
        self._session = requests.Session()
        # MLflow is on our own network: a proxy that the machine uses for the rest of the world does not know it.
        self._session.trust_env = False
        # What is compressed has a size that its length does not tell.
        self._session.headers["Accept-Encoding"] = "identity"
        if credentials is not None:
            # As bytes, because as text only some letters are taken.
            self._session.auth = HTTPBasicAuth(*(each.encode() for each in credentials))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def fetch_champion(self) -> RegistryVersion | None:
        return self.fetch_alias(CHAMPION)

    def fetch_alias(self, alias: str) -> RegistryVersion | None:
        found = self._fetch_tagged("registered-models/alias", {"alias": alias})
        return None if found is None else found.named()

    def fetch_alias_details(self, alias: str) -> VersionDetails | None:
        found = self._fetch_tagged("registered-models/alias", {"alias": alias})
        return None if found is None else found.details()

    def fetch_details(self, version: str) -> VersionDetails | None:
        if int(version) > LARGEST_VERSION:
            return None
        found = self._fetch_tagged("model-versions/get", {"version": version})
        return None if found is None else found.details()

    def fetch_aliases(self) -> list[Alias]:
        query = {"name": self._model}
        found = self._ask("GET", "registered-models/get", ModelAnswer, query=query, limit_bytes=LIST_LIMIT_BYTES)
        return [] if found is None else found.registered_model.aliases

    def list_versions(self, limit: int) -> list[VersionDetails]:
        """The latest first."""
        quote = '"' if "'" in self._model else "'"
        query = {"filter": f"name={quote}{self._model}{quote}", "order_by": "version_number DESC"}
        found: list[VersionDetails] = []
        while len(found) < limit:
            query["max_results"] = str(min(PAGE_VERSIONS, limit - len(found)))
            page = self._ask("GET", "model-versions/search", VersionPage, query=query, limit_bytes=LIST_LIMIT_BYTES)
            if page is None:
                break
            found += [each.details() for each in page.model_versions]
            if not page.next_page_token or not page.model_versions:
                break
            query["page_token"] = page.next_page_token
        return found[:limit]

    def move_alias(self, alias: str, version: str) -> None:
        """Where it raises, the alias may have moved all the same."""
        body = {"name": self._model, "alias": alias, "version": version}
        if self._ask("POST", "registered-models/alias", Done, body=body) is None:
            raise RegistryUnavailable("the registry does not know the version")

    def fetch_file(self, wanted: RegistryVersion, name: str, folder: Path) -> None:
        path = f"{BUNDLE_PATH}/{name}"
        query = {"name": self._model, "version": wanted.version, "path": path}
        with self._request("GET", "/model-versions/get-artifact", query=query) as response:
            if response.status_code >= 400:
                raise BundleRefused(f"the registry holds no {path}", "missing")
            try:
                write_file(read_blocks(response, DOWNLOAD_LIMIT_BYTES, DOWNLOAD_LIMIT_SECONDS), folder / name)
            except AnswerTooLarge as error:
                raise BundleRefused(f"{name} is larger than {DOWNLOAD_LIMIT_BYTES} bytes", "size") from error

    def _fetch_tagged(self, path: str, query: Query) -> TaggedVersion | None:
        found = self._ask("GET", path, VersionAnswer, query={"name": self._model} | query)
        return None if found is None else found.model_version

    def _ask(
        self,
        method: str,
        path: str,
        expected: type[Expected],
        *,
        query: Query | None = None,
        body: Query | None = None,
        limit_bytes: int | None = None,
    ) -> Expected | None:
        """None where there is no such thing."""
        with self._request(method, f"{API}/{path}", query=query, body=body) as response:
            try:
                blocks = read_blocks(response, limit_bytes or ANSWER_LIMIT_BYTES, ANSWER_LIMIT_SECONDS)
                content = b"".join(blocks)
                if response.status_code in (400, 404):
                    require_absence(RegistryError.model_validate_json(content))
                    return None
                return expected.model_validate_json(content)
            except AnswerTooLarge as error:
                raise RegistryUnavailable("the answer does not end") from error
            except ValidationError as error:
                raise RegistryUnavailable(f"unexpected answer with status {response.status_code}") from error

    @contextmanager
    def _request(
        self, method: str, path: str, *, query: Query | None = None, body: Query | None = None
    ) -> Iterator[requests.Response]:
        try:
            with self._session.request(
                method, self._url + path, params=query, json=body, timeout=TIMEOUTS_SECONDS, stream=True
            ) as response:
                if response.status_code >= 500 or response.status_code in (401, 403, 429):
                    raise RegistryUnavailable(REFUSALS.get(response.status_code, f"status {response.status_code}"))
                yield response
        except (requests.RequestException, HTTPError) as error:
            # Only the kind of error: its text may hold the URL with a password.
            raise RegistryUnavailable(type(error).__name__) from error


def require_absence(error: RegistryError) -> None:
    if error.error_code not in ABSENT:
        raise RegistryUnavailable(f"error code {error.error_code[:50]!r}")


class AnswerTooLarge(Exception):
    """An answer went past its limit; the caller knows what that means for it."""


def read_blocks(response: requests.Response, limit_bytes: int, limit_seconds: float) -> Iterator[bytes]:
    """The body as it arrives. requests would wait until a block is full, however slowly it fills."""
    deadline, size = time.monotonic() + limit_seconds, 0
    while block := response.raw.read1(BLOCK_BYTES, decode_content=False):
        size += len(block)
        if size > limit_bytes:
            raise AnswerTooLarge
        if time.monotonic() > deadline:
            raise RegistryUnavailable(f"the answer takes longer than {limit_seconds:.0f} s")
        yield block


def write_file(blocks: Iterator[bytes], path: Path) -> None:
    with path.open("wb") as file:
        file.writelines(blocks)
        file.flush()
        os.fsync(file.fileno())
