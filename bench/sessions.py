"""The pages under many people at once: how long they wait, what memory their sessions take, and whether it comes back.

    python -m bench.sessions                       # the tables; three rounds of a minute
    python -m bench.sessions --write               # into docs/benchmarks.md
    python -m bench.sessions --app copy/ui/app.py  # other pages than those of this tree

The people are no browsers, which would need more of the machine than what is measured: each speaks Streamlit's own
protocol. What a browser does by itself (the files of its page, drawing) is not in the figures.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.core import DRIVER_CORE, allow_connections, pin
from bench.documents import LONG
from bench.page_servers import APP, serving
from bench.peers.peer import PeerFailed
from bench.sessions_measuring import Measured, measure_first, measure_round
from bench.sessions_report import misses_target, report

NAME = "sessions"


def main(arguments: Sequence[str] | None = None) -> int:
    """1 where a target is missed, or nothing could be measured."""
    given = read_options(arguments)
    if given.write:
        # The trainer's code takes longer to load than all of the bench.
        from trainer.figures import require_marks, write_between_marks

        require_marks(given.write, NAME)
    load = os.getloadavg()[0]
    try:
        found = measure(given)
    except PeerFailed as failure:
        sys.stderr.write(f"error: {failure}\n")
        return 1
    text = report(found, load)
    sys.stdout.write(f"{text}\n")
    if given.write:
        write_between_marks(given.write, text, NAME)
    return int(misses_target(found))


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.sessions", description="The pages under many people.")
    parser.add_argument("--people", type=int, default=50, help="so many sessions are open at once")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long all of them stay")
    parser.add_argument("--rounds", type=int, default=3, help="they come and go so often, to the same process")
    parser.add_argument("--app", type=Path, default=APP, help="the pages' app.py")
    parser.add_argument("--streamlit", default="", help="more options for Streamlit, as one text")
    parser.add_argument("--write", type=Path, nargs="?", const=LONG, help="write the tables into this document")
    return parser.parse_args(arguments)


def measure(given: argparse.Namespace) -> Measured:
    """PeerFailed where a server does not start."""
    allow_connections()
    with serving(given.app.resolve(), options=tuple(given.streamlit.split())) as server:
        # Not before: what a process starts keeps to the same core as it.
        pin(DRIVER_CORE)
        say("the first people")
        before = measure_first(server)
        rounds = []
        for number in range(1, given.rounds + 1):
            say(f"round {number} of {given.rounds}")
            rounds.append(measure_round(server, given.people, given.seconds, number))
    return Measured(given.people, before, rounds)


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
