"""The real API as a site: gunicorn, the committed champion, keys; each image is the same code under another release."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

from inference.access.keys import write_line
from tests.deploy.fake_azure import FakeAzure
from tests.deploy.releases import KEY, Behaviours
from tests.inference.running import running

CHAMPION = Path(__file__).parents[2] / "models" / "champion"


class RealSite:
    """One container after the other at the same address, as on a plan that has one instance."""

    def __init__(self, folder: Path, behaviours: Behaviours) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.host = f"127.0.0.1:{free.getsockname()[1]}"
        self._folder = folder
        self._behaviours = behaviours
        self._container = ExitStack()
        self._starts = 0

    def start(self, image: str) -> None:
        self._container.close()
        self._starts += 1
        folder = self._folder / str(self._starts)
        folder.mkdir()
        keys = folder / "keys"
        keys.write_text(write_line("deployment", "predict", KEY, None) + "\n", encoding="utf-8")
        behaviour = self._behaviours.of(image)
        settings = {"release": behaviour.release, "bundle": str(CHAMPION), "migrate_at_start": "true"}
        settings["database_url"] = f"sqlite:///{self._folder}/db"
        if behaviour.refuses_strangers:
            settings["api_keys_file"] = str(keys)
        self._container.enter_context(running(folder, f"http://{self.host}", **settings))

    def stop(self) -> None:
        self._container.close()


@contextmanager
def real_site(azure: FakeAzure, folder: Path) -> Iterator[Callable[[], str]]:
    """In place of `air-api`; what it gives is what its address says that it is."""
    site = RealSite(folder, azure.behaviours)
    fake = azure.sites["air-api"]
    threads: list[threading.Thread] = []

    def begin() -> None:
        threads.append(threading.Thread(target=site.start, args=(fake.image,)))
        threads[-1].start()

    site.start(fake.image)
    fake.host = site.host
    azure.after.append(("PATCH sites/air-api/config/web", begin))
    try:
        yield lambda: str(requests.get(f"http://{site.host}/health/ready", timeout=5).json()["release"])
    finally:
        for thread in threads:
            thread.join()
        site.stop()
