"""The gunicorn worker: uvicorn with our protocol, and an end that leaves no request unanswered."""

import asyncio
import sys
import time
from socket import socket
from typing import TYPE_CHECKING

from gunicorn.arbiter import Arbiter
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker

if TYPE_CHECKING:
    from inference.gate import Gate

TICK_SECONDS = 0.05
ACCEPTED_PER_TURN = 16


class DrainingServer(Server):
    """At its end it goes on answering for a while, not ready any more, and asks each caller to go elsewhere."""

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        gate: Gate = self.lifespan.state["gate"]
        gate.is_draining = True
        ends = time.monotonic() + self.lifespan.state["drain_seconds"]
        while self.server_state.connections and time.monotonic() < ends and not self.force_exit:
            await asyncio.sleep(TICK_SECONDS)
        await super().shutdown(sockets)


def copies_of(listener: socket) -> list[socket]:
    return [listener, *(listener.dup() for _ in range(ACCEPTED_PER_TURN - 1))]


class Worker(UvicornWorker):  # type: ignore[misc]
    # By its name: gunicorn's own process reads this file too, and loads the rest where that helps (gunicorn.conf.py).
    # No WebSocket is served; without a library for them an upgrade is an ordinary request.
    CONFIG_KWARGS = {
        "loop": "uvloop",
        "http": "inference.protocol:DoorProtocol",
        "ws": "none",
        "server_header": False,
    }

    async def _serve(self) -> None:
        self.config.app = self.wsgi
        server = DrainingServer(config=self.config)
        self._install_sigquit_handler()
        # The loop accepts one connection per listener and turn, and in an overload its turns are few: callers would
        # wait for a second to be let in, where nothing can refuse them.
        await server.serve(sockets=[copy for each in self.sockets for copy in copies_of(each)])
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
