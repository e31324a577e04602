"""Opens connections for their owner, in the background and again where a server refuses."""

import asyncio

from bench.connection import Connection, Owner
from bench.wire import Address

# A server that refuses a connection is asked again after this long.
RETRY_SECONDS = 0.05
# Long enough for a loop to tell every connection that it is gone.
TURN_SECONDS = 0.001


class Dialer:
    def __init__(self, address: Address, owner: Owner) -> None:
        self._address = address
        self._owner = owner
        self._dialing: set[asyncio.Task[None]] = set()
        self._open: set[Connection] = set()
        self._is_closed = False
        self.most_open = 0

    @property
    def dialing(self) -> int:
        return len(self._dialing)

    @property
    def connections(self) -> int:
        """Those that are open and those that will be."""
        return len(self._open) + len(self._dialing)

    async def open_first(self, connections: int) -> None:
        """All of them, or the OSError that says why not: a server that is away at the start is a mistake."""
        for _ in range(connections):
            await self._connect()

    def dial(self) -> None:
        """Open one more, however long it takes."""
        if not self._is_closed:
            task = asyncio.get_running_loop().create_task(self._connect_at_last())
            self._dialing.add(task)
            task.add_done_callback(self._dialing.discard)

    def forget(self, connection: Connection) -> None:
        """The connection is lost."""
        self._open.discard(connection)

    async def close(self) -> None:
        self._is_closed = True
        for task in self._dialing:
            task.cancel()
        for connection in self._open:
            connection.abort()
        while self._dialing or self._open:
            await asyncio.sleep(TURN_SECONDS)

    async def _connect_at_last(self) -> None:
        while True:
            try:
                return await self._connect()
            except OSError:
                await asyncio.sleep(RETRY_SECONDS)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        address = self._address
        _, connection = await loop.create_connection(lambda: Connection(self._owner), address.host, address.port)
        # It may be lost by now.
        if connection.is_open:
            self._open.add(connection)
            self.most_open = max(self.most_open, len(self._open))
