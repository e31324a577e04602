"""The requests to MLflow: who is champion, and the files of its bundle. Data is fetched, never code."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from urllib3.exceptions import HTTPError

from inference.errors import BundleRefused, RegistryUnavailable

TIMEOUTS_SECONDS = (1.0, 10.0)  # to connect, to read
# An answer may come in drops, each in time: these bound all of it.
ALIAS_LIMIT_BYTES, ALIAS_LIMIT_SECONDS = 64 * 1024, 10.0
DOWNLOAD_LIMIT_BYTES, DOWNLOAD_LIMIT_SECONDS = 600 * 1024 * 1024, 600.0
BLOCK_BYTES = 1024 * 1024
BUNDLE_PATH = "artifacts/bundle"
ABSENT = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}


class RegistryPart(BaseModel):
    model_config = ConfigDict(frozen=True)


class RegistryVersion(RegistryPart):
    """A fresh registry counts from 1 again: the number alone does not name a version."""

    version: str = Field(pattern=r"^[0-9]{1,18}$")
    run_id: str = ""
    source: str = ""
    digest: str | None = None


class Tag(RegistryPart):
    key: str
    value: str = ""


class TaggedVersion(RegistryVersion):
    tags: list[Tag] = []

    def named(self) -> RegistryVersion:
        """With the digest that the trainer wrote beside the version: it covers every byte of the bundle."""
        digest = next((tag.value for tag in self.tags if tag.key == "digest"), None)
        return RegistryVersion(version=self.version, run_id=self.run_id, source=self.source, digest=digest)


class AliasAnswer(RegistryPart):
    model_version: TaggedVersion


class RegistryError(RegistryPart):
    error_code: str


class Registry:
    def __init__(self, url: str, registered_model: str) -> None:
        self._url = url.rstrip("/")
        self._model = registered_model
        self._session = requests.Session()
        # MLflow is on our own network: a proxy that the machine uses for the rest of the world does not know it.
        self._session.trust_env = False
        # What is compressed has a size that its length does not tell.
        self._session.headers["Accept-Encoding"] = "identity"

    def fetch_champion(self) -> RegistryVersion | None:
        path = "/api/2.0/mlflow/registered-models/alias"
        with self._get(path, {"name": self._model, "alias": "champion"}) as response:
            try:
                content = b"".join(read_blocks(response, ALIAS_LIMIT_BYTES, ALIAS_LIMIT_SECONDS))
                if response.status_code in (400, 404):
                    require_absence(RegistryError.model_validate_json(content))
                    return None
                return AliasAnswer.model_validate_json(content).model_version.named()
            except AnswerTooLarge as error:
                raise RegistryUnavailable("the answer does not end") from error
            except ValidationError as error:
                raise RegistryUnavailable(f"unexpected answer with status {response.status_code}") from error

    def fetch_file(self, wanted: RegistryVersion, name: str, folder: Path) -> None:
        path = f"{BUNDLE_PATH}/{name}"
        query = {"name": self._model, "version": wanted.version, "path": path}
        with self._get("/model-versions/get-artifact", query) as response:
            if response.status_code >= 400:
                raise BundleRefused(f"the registry holds no {path}", "missing")
            try:
                write_file(read_blocks(response, DOWNLOAD_LIMIT_BYTES, DOWNLOAD_LIMIT_SECONDS), folder / name)
            except AnswerTooLarge as error:
                raise BundleRefused(f"{name} is larger than {DOWNLOAD_LIMIT_BYTES} bytes", "size") from error

    @contextmanager
    def _get(self, path: str, query: dict[str, str]) -> Iterator[requests.Response]:
        try:
            with self._session.get(self._url + path, params=query, timeout=TIMEOUTS_SECONDS, stream=True) as response:
                if response.status_code >= 500 or response.status_code in (401, 403, 429):
                    raise RegistryUnavailable(f"status {response.status_code}")
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
