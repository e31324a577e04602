"""Where the processor time spent today is kept: a file that outlives this container, and one turn for all workers.

Without a file of its own it is kept in the folder that the workers of one gunicorn share, and ends with it.
"""

import fcntl
import logging
import os
from pathlib import Path

from inference.cpu_budget import Spent

logger = logging.getLogger(__name__)

NAME = "cpu.json"
LOCK = "cpu.lock"


class SpentFile:
    """Trouble with it is said once: counting goes on without it, from the beginning of this container."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._has_complained = False

    def read(self) -> Spent | None:
        if self._path is None:
            return None
        try:
            return Spent.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self._complain("cpu_state_unreadable", error)
            return None

    def write(self, spent: Spent) -> None:
        """Whole, or not at all. One at a time."""
        if self._path is None:
            return
        new = self._path.with_name(f"{self._path.name}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(spent.model_dump_json(), encoding="utf-8")
            new.replace(self._path)
        except OSError as error:
            self._complain("cpu_state_unwritable", error)

    def _complain(self, what: str, error: Exception) -> None:
        if not self._has_complained:
            logger.warning("%s path=%s error=%s", what, self._path, type(error).__name__)
        self._has_complained = True


class Turn:
    """Of one worker, from the moment it takes it until it ends: the system gives it to the next one then.

    Not beside the file, which may lie on a network's disk where locks are not to be had.
    """

    def __init__(self, folder: Path | None) -> None:
        """Without a folder there are no other workers."""
        self._folder = folder
        self._descriptor: int | None = None

    def is_ours(self) -> bool:
        if self._folder is None or self._descriptor is not None:
            return True
        descriptor = os.open(self._folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def end(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
