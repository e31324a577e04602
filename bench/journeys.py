"""People's journeys through the API, with locust: tests/load/locustfile.py says what they do, and what is too slow.

python -m bench.journeys                                  # starts the API by itself
python -m bench.journeys --url http://127.0.0.1:8000      # the one that runs there
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.core import DRIVER_CORE, allow_connections, pin
from bench.peers import catalogue
from bench.peers.peer import PeerFailed
from bench.running import running
from bench.texts import CHAMPION, ROOT

LOCUSTFILE = ROOT / "tests" / "load" / "locustfile.py"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.journeys", description="People's journeys, with locust.")
    parser.add_argument("--url", help="a running API; without it one is started, with the champion")
    parser.add_argument("--users", type=int, default=60)
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    allow_connections()
    try:
        with api_at(given.url) as url:
            pin(DRIVER_CORE)
            return run_locust(url, given.users, given.seconds)
    except PeerFailed as failure:
        sys.stderr.write(f"error: {failure}\n")
        return 1


@contextmanager
def api_at(url: str | None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    with running(catalogue.api("champion", CHAMPION)) as server:
        yield server.address.url


def run_locust(url: str, users: int, seconds: int) -> int:
    """Its exit code: 1 where a threshold was missed."""
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--host", url, "--headless", "--only-summary"]
    command += ["--users", str(users), "--spawn-rate", str(users), "--run-time", f"{seconds}s"]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
