"""The requests to MLflow: who is champion, and the files of its bundle. Data is fetched, never code."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inference.errors import BundleRefused, RegistryUnavailable

TIMEOUTS_SECONDS = (1.0, 10.0)  # to connect, to read
DOWNLOAD_LIMIT_BYTES = 600 * 1024 * 1024
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

    def fetch_champion(self) -> RegistryVersion | None:
        path = "/api/2.0/mlflow/registered-models/alias"
        with self._get(path, {"name": self._model, "alias": "champion"}) as response:
            try:
                if response.status_code in (400, 404):
                    require_absence(RegistryError.model_validate_json(response.content))
                    return None
                return AliasAnswer.model_validate_json(response.content).model_version.named()
            except ValidationError as error:
                raise RegistryUnavailable(f"unexpected answer with status {response.status_code}") from error

    def fetch_file(self, wanted: RegistryVersion, name: str, folder: Path) -> None:
        path = f"{BUNDLE_PATH}/{name}"
        query = {"name": self._model, "version": wanted.version, "path": path}
        with self._get("/model-versions/get-artifact", query) as response:
            if response.status_code >= 400:
                raise BundleRefused(f"the registry holds no {path}")
            write_capped(response, folder / name)

    @contextmanager
    def _get(self, path: str, query: dict[str, str]) -> Iterator[requests.Response]:
        try:
            with self._session.get(self._url + path, params=query, timeout=TIMEOUTS_SECONDS, stream=True) as response:
                if response.status_code >= 500 or response.status_code in (401, 403, 429):
                    raise RegistryUnavailable(f"status {response.status_code}")
                yield response
        except requests.RequestException as error:
            # Only the kind of error: its text may hold the URL with a password.
            raise RegistryUnavailable(type(error).__name__) from error


def require_absence(error: RegistryError) -> None:
    if error.error_code not in ABSENT:
        raise RegistryUnavailable(f"error code {error.error_code[:50]!r}")


def write_capped(response: requests.Response, path: Path) -> None:
    size = 0
    with path.open("wb") as file:
        for block in response.iter_content(BLOCK_BYTES):
            size += len(block)
            if size > DOWNLOAD_LIMIT_BYTES:
                raise BundleRefused(f"{path.name} is larger than {DOWNLOAD_LIMIT_BYTES} bytes")
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
