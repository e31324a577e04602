"""Each caller's share: so many requests a second, with room for a burst, counted over all workers of this machine.

A request counts once for each KiB that its body begins, so that a batch is no way around.

The generic cell rate algorithm needs one number for each caller: when its allowance will be whole again. The numbers
lie in a file that the workers map into memory. Two callers may meet in one place of it, and two workers may write one
at the same moment: both cost a little fairness, and neither a lock.
"""

import hashlib
import mmap
import os
import secrets
import struct
import time
from contextlib import suppress
from pathlib import Path

from starlette.types import Scope

from inference.access.scopes import Caller
from inference.errors import OverQuota

PLACES = 65536
PLACE = struct.Struct("d")
SALT_BYTES = 16
LIMITED = "/v1/"
KIB = 1024
# A body whose length nobody says counts as the longest that there may be.
UNKNOWN_KIB = 256

Headers = dict[bytes, bytes]


class Allowance:
    def __init__(self, path: Path, per_second: float, burst: int) -> None:
        self._seconds_each = 1 / per_second
        self._burst_seconds = burst / per_second
        self._table, self._salt = open_table(path)

    def take(self, who: bytes, cost: int = 1) -> float:
        """How many seconds to wait; 0 where there was room, which is taken then."""
        place = self._place_of(who)
        now = time.monotonic()
        whole_at: float = PLACE.unpack_from(self._table, place)[0]
        if not now <= whole_at <= now + self._burst_seconds:
            whole_at = now  # whole already, or written before this machine was started anew
        whole_at += min(cost * self._seconds_each, self._burst_seconds)
        if whole_at - now > self._burst_seconds:
            return whole_at - now - self._burst_seconds
        PLACE.pack_into(self._table, place, whole_at)
        return 0

    def _place_of(self, who: bytes) -> int:
        digest = hashlib.blake2b(who, key=self._salt, digest_size=8).digest()
        return SALT_BYTES + int.from_bytes(digest) % PLACES * PLACE.size


class Quota:
    """A caller is whoever was recognised, and else an address: a key that is made up is no way to a share more."""

    def __init__(self, folder: Path, per_second: float, burst: int) -> None:
        self._allowance = Allowance(folder / "quota.table", per_second, burst) if per_second > 0 else None

    @property
    def is_set(self) -> bool:
        return self._allowance is not None

    def charge(self, scope: Scope, caller: Caller | None = None) -> None:
        """Raises OverQuota, which says how long to wait."""
        if self._allowance is None or not scope["path"].startswith(LIMITED):
            return
        address: str = (scope["client"] or ("unknown",))[0]
        who = f"address:{address}" if caller is None else f"caller:{caller.name}"
        seconds = self._allowance.take(who.encode(), cost_of(dict(scope["headers"])))
        if seconds > 0:
            raise OverQuota(seconds)


def cost_of(headers: Headers) -> int:
    length = headers.get(b"content-length", b"0")
    if b"transfer-encoding" in headers or not length.isdigit() or len(length) > 9:
        return UNKNOWN_KIB
    return 1 + int(length) // KIB


def open_table(path: Path) -> tuple[mmap.mmap, bytes]:
    """The table of this machine and its salt, without which nobody can choose a caller's place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_suffix(f".{os.getpid()}")
    whole.write_bytes(secrets.token_bytes(SALT_BYTES) + bytes(PLACES * PLACE.size))
    # Another worker may have been faster; its table is taken then.
    with suppress(FileExistsError):
        os.link(whole, path)
    whole.unlink()
    with path.open("r+b") as file:
        table = mmap.mmap(file.fileno(), SALT_BYTES + PLACES * PLACE.size)
    return table, table[:SALT_BYTES]
