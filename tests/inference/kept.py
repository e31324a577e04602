"""A service that keeps a copy of its SQLite database, and what stands in the two files."""

import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import requests

from tests.inference.running import Service, running


@dataclass(frozen=True)
class Kept:
    """`folder` is the container's own disk, `share` what outlives it."""

    folder: Path
    share: Path
    bundle: Path
    url: str

    @property
    def database(self) -> Path:
        return self.folder / "inference.db"

    @property
    def copy(self) -> Path:
        return self.share / "inference.db"

    @property
    def second(self) -> Path:
        return self.share / "inference.db.second"

    @contextmanager
    def running(self, **settings: str) -> Iterator[Service]:
        """With nothing beside it: it makes its own tables."""
        self.folder.mkdir(exist_ok=True)
        chosen = {
            "database_url": f"sqlite:///{self.database}",
            "sqlite_copy": str(self.copy),
            "sqlite_copy_seconds": "0.3",
            "migrate_at_start": "true",
            "bundle": str(self.bundle),
        }
        with running(self.folder, self.url, **(chosen | settings)) as service:
            yield service

    def lose_the_disk(self) -> None:
        shutil.rmtree(self.folder)

    def rows(self, file: Path) -> tuple[set[str], set[str]]:
        """The ids of predictions, and of those that were judged."""
        return ids_in(file, "predictions"), ids_in(file, "feedback")


def ids_in(file: Path, table: str) -> set[str]:
    """Nothing where there is no file yet."""
    if not file.exists():
        return set()
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        return {str(UUID(each)) for (each,) in connection.execute(f"SELECT prediction_id FROM {table}")}


def predict(service: Service, text: str = "late", **more: str) -> str:
    answer = requests.post(f"{service.url}/v1/predictions", json={"text": text, **more}, timeout=10)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["prediction_id"])


def judge(service: Service, prediction_id: str, **more: str) -> None:
    body = {"prediction_id": prediction_id, "verdict": "rejected", "label": "positive", **more}
    answer = requests.post(f"{service.url}/v1/feedback", json=body, timeout=10)
    assert answer.status_code == 201, answer.text


def end(service: Service) -> str:
    """What it said, once it has ended in good order."""
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(timeout=20) == 0, service.log.read_text()
    return service.log.read_text()
