"""The log of predictions: rows go to the spool as they are answered, and from there to the database in groups.

A caller pays a share of one write to a file, not a round trip to the database, and none waits for a database that is
away. Rows may reach the database twice, which changes nothing: a prediction has one id.
"""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from inference.database import in_time
from inference.errors import RowsRefused, Unavailable
from inference.metrics import Metrics
from inference.spool import Spool, SpoolFull
from inference.store import Store
from inference.threads import step_back

logger = logging.getLogger(__name__)

EVERY_SECONDS = 0.2
# Where a plan counts processor time: each group is a transaction. Who judges a prediction brings it in first, as ever.
THRIFTY_EVERY_SECONDS = 2.0
# Where nothing is answered: what a worker left behind is waited for by nobody.
QUIET_SECONDS = 1.0
# While the database is away: often enough for what a machine's end may cost, seldom enough for the disk.
RETRY_SECONDS = 1.0
# Rows of one worker that found no room on the disk: so many wait in its memory, a few megabytes, and go in by so many.
MOST_HELD, HELD_GROUP = 10_000, 250


class PredictionLog:
    def __init__(self, spool: Spool, store: Store, metrics: Metrics, every_seconds: float = EVERY_SECONDS) -> None:
        self._every_seconds = every_seconds
        self._spool = spool
        self._store = store
        self._metrics = metrics
        self._rows: list[bytes] = []
        self._has_rows = asyncio.Event()
        self._held: list[bytes] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="prediction-log", initializer=step_back)
        # One group of files goes in after the other; whoever asks meanwhile shares the next.
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        self._regular: asyncio.Task[None] | None = None
        self._has_failed = False

    async def start(self) -> None:
        """Rows that a worker left behind are in the database before the first request, if that answers."""
        with suppress(Unavailable):
            await self.catch_up()
        self._regular = asyncio.create_task(self._catch_up_for_ever())

    async def stop(self) -> None:
        if self._regular is not None:
            self._regular.cancel()
        self._write()
        self._spool.seal()
        with suppress(Unavailable):
            await self.catch_up()
        self._metrics.unlogged.inc(len(self._held))
        self._thread.shutdown(wait=False)

    def add(self, rows: list[bytes]) -> None:
        """They are on the disk after this turn of the event loop, with those of the other requests of the turn."""
        if not self._rows:
            asyncio.get_running_loop().call_soon(self._write)
        self._rows += rows
        self._has_rows.set()

    def _write(self) -> None:
        rows, self._rows = self._rows, []
        try:
            if rows:
                self._spool.add(rows)
        except SpoolFull:
            self._hold(rows)

    def _hold(self, rows: list[bytes]) -> None:
        """Until the database has them; whoever kills this worker before loses them."""
        room = MOST_HELD - len(self._held)
        self._held += rows[:room]
        self._metrics.unlogged.inc(len(rows[room:]))

    async def catch_up(self) -> None:
        """What any worker of this machine has answered is in the database afterwards. Raises Unavailable."""
        if self._next is None:
            self._next = asyncio.create_task(self._catch_up_in_turn())
        await in_time(asyncio.shield(self._next))

    async def _catch_up_in_turn(self) -> None:
        async with self._turn:
            self._next = None
            self._write()
            # While the database is away one file grows, instead of another each second to be synced each second.
            if not self._has_failed:
                self._spool.seal()
            held, self._held = self._held, []
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._bring_in, held)
            except Exception:
                self._hold(held)
                raise

    async def _catch_up_for_ever(self) -> None:
        while True:
            if not self._has_failed:
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, QUIET_SECONDS - self._every_seconds)):
                        await self._has_rows.wait()
            await asyncio.sleep(RETRY_SECONDS if self._has_failed else self._every_seconds)
            self._has_rows.clear()
            try:
                await self.catch_up()
            except Unavailable:
                pass  # said where it was noticed, and tried again
            except Exception:
                # Whatever it is, the rows stay where they are and the next round tries again.
                self._has_failed = True
                logger.exception("prediction_log_failed")

    def _bring_in(self, held: Sequence[bytes]) -> None:
        try:
            for start in range(0, len(held), HELD_GROUP):
                self._metrics.logged.inc(self._insert(held[start : start + HELD_GROUP]))
            for file in self._spool.files():
                for group in file.groups:
                    self._metrics.logged.inc(self._insert(group))
                if file.is_ours:
                    file.path.unlink(missing_ok=True)
            self._has_failed = False
        except Unavailable:
            self._has_failed = True
            self._spool.sync()
            raise
        finally:
            self._metrics.spooled.set(self._spool.measure())

    def _insert(self, rows: Sequence[bytes]) -> int:
        """The number of new rows. One that the database refuses is given up: it would hold back all others for ever."""
        try:
            return self._store.write_predictions(rows)
        except RowsRefused:
            if len(rows) > 1:
                return sum(self._insert([row]) for row in rows)
            logger.error("prediction_log_row_refused")
            self._metrics.unlogged.inc()
            return 0
