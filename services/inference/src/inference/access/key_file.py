"""The file of keys, read again when it has changed: a new key opens, and a revoked one closes, within a second."""

import logging
import os
import time
from pathlib import Path

from inference.access.keys import Keys, KeysRefused, read_keys

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
LARGEST = 1024 * 1024

State = tuple[int, int, int] | None


class KeyFile:
    def __init__(self, path: Path) -> None:
        """Raises KeysRefused: what cannot be read now was never right."""
        self._path = path
        self._state = self._look()
        self._keys = self._read()
        self._look_at = time.monotonic() + LOOK_SECONDS

    def keys(self) -> Keys:
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            self._read_again()
        return self._keys

    def _read_again(self) -> None:
        """A file that is broken, or away, is said once; the keys before it go on."""
        state = self._look()
        if state == self._state:
            return
        # From before it is read: what is written meanwhile is a change of its own.
        self._state = state
        try:
            self._keys = self._read()
        except KeysRefused as error:
            logger.error('keys_refused reason="%s"', error)
        else:
            logger.info("keys_read count=%d", len(self._keys))

    def _look(self) -> State:
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> Keys:
        try:
            with self._path.open("rb") as file:
                content = file.read(LARGEST + 1)
        except OSError as error:
            raise KeysRefused(f"it cannot be read: {error.strerror}") from None
        if len(content) > LARGEST:
            raise KeysRefused(f"it is larger than {LARGEST} bytes")
        return read_keys(content)
