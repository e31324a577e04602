"""What Application Insights costs callers, also while it takes connections and never answers: nothing, it should be.

    python -m bench.blackhole                # the table
    python -m bench.blackhole --write        # into docs/benchmarks.md

The service without telemetry, with an endpoint that answers, and with one that does not, in turn and several times.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.blackhole_measuring import Measured, Situation, measure
from bench.blackhole_report import report
from bench.core import DRIVER_CORE, allow_connections, pin
from bench.documents import LONG
from bench.peers.peer import PeerFailed

NAME = "blackhole"

Say = Callable[[str], None]


def main(arguments: Sequence[str] | None = None) -> int:
    given = read_options(arguments)
    if given.write:
        # The trainer's code takes longer to load than all of the bench.
        from trainer.figures import require_marks, write_between_marks

        require_marks(given.write, NAME)
    pin(DRIVER_CORE)
    allow_connections()
    try:
        rounds = run_rounds(given.rounds, given.seconds, say)
    except PeerFailed as failure:
        sys.stderr.write(f"error: {failure}\n")
        return 1
    text = report(rounds)
    sys.stdout.write(f"{text}\n")
    if given.write:
        write_between_marks(given.write, text, NAME)
    return 0


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.blackhole", description="What a dead endpoint costs callers."
    )
    parser.add_argument("--rounds", type=int, default=7, help="each of the three is started and measured so often")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each window is")
    parser.add_argument("--write", type=Path, nargs="?", const=LONG, help="write the table into this document")
    return parser.parse_args(arguments)


def run_rounds(rounds: int, seconds: float, say: Say) -> list[dict[Situation, Measured]]:
    """PeerFailed where one of them cannot be measured."""
    found = []
    for number in range(rounds):
        measured = {}
        # Every other round backwards: who was first is last, and what is compared is measured one after the other.
        for situation in list(Situation)[:: -1 if number % 2 else 1]:
            say(f"round {number + 1} of {rounds}: {situation.value}")
            measured[situation] = measure(situation, seconds)
        found.append(measured)
    return found


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
