"""Verified bundles on a local volume, one folder per digest, shared by the workers of a machine."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inference.bundle import load_bundle
from inference.classifier import Classifier, load_classifier
from inference.errors import BundleRefused
from inference.registry import RegistryVersion

LAST_GOOD = "last-good.json"
DIGEST = r"^[0-9a-f]{64}$"
WORKSPACE_PREFIX = "fetching-"
WORKSPACE_MAX_AGE_SECONDS = 3600


class LastGood(BaseModel):
    model_config = ConfigDict(frozen=True)

    digest: str = Field(pattern=DIGEST)
    previous_digest: str | None = Field(default=None, pattern=DIGEST)
    origin: RegistryVersion


class BundleCache:
    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self, digest: str) -> Path:
        return self._root / digest

    def holds(self, digest: str) -> bool:
        return self.folder(digest).is_dir()

    def load(self, digest: str) -> Classifier:
        return load_classifier(self.folder(digest), digest)

    def load_last_good(self) -> LastGood | None:
        try:
            return LastGood.model_validate_json((self._root / LAST_GOOD).read_bytes())
        except (OSError, ValidationError):
            return None

    @contextmanager
    def workspace(self) -> Iterator[Path]:
        """A folder of our own on the volume of the cache, so that a rename can publish it whole."""
        self._root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=WORKSPACE_PREFIX, dir=self._root))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def install(self, folder: Path, digest: str) -> None:
        target = self.folder(digest)
        if target.exists():
            # Another worker was faster, or what lies there was damaged.
            with suppress(BundleRefused):
                load_bundle(target, digest)
                return
            target.rename(folder / "damaged")
        try:
            (folder / digest).rename(target)
        except OSError:
            if not target.exists():
                raise
        fsync_folder(self._root)

    def remember(self, digest: str, origin: RegistryVersion) -> None:
        known = self.load_last_good()
        if known is not None and (known.digest, known.origin) == (digest, origin):
            return
        previous = previous_of(known, digest)
        last_good = LastGood(digest=digest, previous_digest=previous, origin=origin)
        with self.workspace() as folder:
            prepared = folder / LAST_GOOD
            with prepared.open("w", encoding="utf-8") as file:
                file.write(last_good.model_dump_json())
                file.flush()
                os.fsync(file.fileno())
            prepared.replace(self._root / LAST_GOOD)
        fsync_folder(self._root)
        self._remove_all_but({digest, previous})

    def _remove_all_but(self, kept: set[str | None]) -> None:
        oldest = time.time() - WORKSPACE_MAX_AGE_SECONDS
        for folder in self._root.iterdir():
            # Another worker may be sweeping too.
            with suppress(FileNotFoundError):
                left_over = folder.name.startswith(WORKSPACE_PREFIX) and folder.stat().st_mtime < oldest
                if left_over or (re.match(DIGEST, folder.name) and folder.name not in kept):
                    shutil.rmtree(folder, ignore_errors=True)


def previous_of(known: LastGood | None, digest: str) -> str | None:
    if known is None:
        return None
    return known.previous_digest if known.digest == digest else known.digest


def fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
