"""The service on one folder, through its ends and starts, and all that it wrote into its log meanwhile."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.inference.running import Service, running

STOP_SECONDS = 30


class Life:
    def __init__(self, folder: Path, url: str, settings: dict[str, str]) -> None:
        self.url = url
        self._folder = folder
        self._settings = settings
        self._stack = ExitStack()
        self._service: Service | None = None
        self._written: list[str] = []

    @property
    def log(self) -> str:
        return "".join(self._written)

    def start(self) -> None:
        """Returns once it is ready."""
        self._service = self._stack.enter_context(running(self._folder, self.url, **self._settings))

    def end(self) -> None:
        """As an operator does it: SIGTERM, and nothing is lost by it, nor goes wrong."""
        service = self._take()
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(STOP_SECONDS) == 0, service.log.read_text()
        self._written.append(service.log.read_text())

    def restart(self) -> None:
        self.end()
        self.start()

    def kill_worker(self) -> None:
        assert self._service is not None, "it does not run"
        os.kill(self._service.workers()[0], signal.SIGKILL)

    def close(self) -> None:
        self._stack.close()

    def _take(self) -> Service:
        assert self._service is not None, "it does not run"
        service, self._service = self._service, None
        return service


@contextmanager
def living(folder: Path, url: str, **settings: str) -> Iterator[Life]:
    """Running; it is killed where the test has not ended it."""
    life = Life(folder, url, settings)
    try:
        life.start()
        yield life
    finally:
        life.close()
