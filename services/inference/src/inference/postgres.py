"""The engine for Postgres, every wait of which has an end."""

import select
import time

from psycopg2 import OperationalError, extensions
from sqlalchemy import URL, Engine, create_engine

WAIT_SECONDS = 2
# Longer than the server's own timeout, which is the one that should come: this one costs the connection.
SILENCE_SECONDS = WAIT_SECONDS + 1


def build_postgres(url: URL) -> Engine:
    extensions.set_wait_callback(wait_for_server)
    options = f"-c statement_timeout={WAIT_SECONDS * 1000} -c timezone=UTC"
    return create_engine(
        url,
        connect_args={"options": options},
        pool_pre_ping=True,
        pool_timeout=WAIT_SECONDS,
        # An error message would otherwise carry the texts that were being written.
        hide_parameters=True,
    )


def wait_for_server(connection: extensions.connection) -> None:
    """Psycopg's wait for an answer, with an end: a server that is frozen keeps its connections and says nothing."""
    deadline = time.monotonic() + SILENCE_SECONDS
    while (state := connection.poll()) != extensions.POLL_OK:
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        if not waiting.poll(1000 * max(0.0, deadline - time.monotonic())):
            # Psycopg closes a connection whose wait fails; to do it here would wait for the lock that the wait holds.
            raise OperationalError(f"the server says nothing for {SILENCE_SECONDS} s")
