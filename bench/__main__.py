"""What serving costs, beside what else one could do: every peer in turn, in rounds, one table.

    make bench
    python -m bench --only champion --rounds 1

It takes some minutes. Ratios between the rows of one run mean more than the figures themselves.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.core import DRIVER_CORE, allow_connections, pin
from bench.documents import require_documents, write_documents
from bench.measuring import CLIENTS
from bench.peers import catalogue
from bench.peers.peer import Peer
from bench.report import long_report, short_report
from bench.rounds import Results, run_rounds
from bench.texts import CHAMPION, ROOT

# Bundles that are compared with the champion where this machine has them.
CONTENDERS = ("tfidf_logreg", "bert")
CONTENDERS_DIR = ROOT / "var" / "bundles"
OFFLINE = "offline"
WORKER_CLASSES = (catalogue.OWN_WORKER, catalogue.UVICORN_WORKER, catalogue.ASGI_WORKER)


def main() -> int:
    given = read_options()
    pin(DRIVER_CORE)
    allow_connections()
    if given.worker_classes:
        peers = [catalogue.api("champion", CHAMPION, worker_class=each) for each in WORKER_CLASSES]
        found = run_rounds(peers, None, clients=CLIENTS[1:], rounds=given.rounds, seconds=given.seconds, say=say)
        sys.stdout.write(f"{long_report(found)}\n")
        return 0
    if given.write:
        require_documents(given.write)
    peers = [peer for peer in all_peers(given.bundle) if given.only in (None, peer.name)]
    bare = CHAMPION if given.only in (None, OFFLINE) else None
    if not peers and bare is None:
        sys.stderr.write(f"error: no peer {given.only!r} here\n")
        return 2
    found = run_rounds(peers, bare, clients=CLIENTS, rounds=given.rounds, seconds=given.seconds, say=say)
    report(found, given.write)
    return 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What serving costs, side by side.")
    parser.add_argument("--rounds", type=int, default=3, help="each peer is started and measured so often")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each window is")
    parser.add_argument("--only", metavar="NAME", help="one peer alone: constant, champion, mlflow, keras, offline, …")
    parser.add_argument("--bundle", type=Path, action="append", default=[], help="one more bundle behind this API")
    parser.add_argument("--write", type=Path, metavar="README.md", help="write the tables into the documents")
    parser.add_argument("--worker-classes", action="store_true", help="this API under gunicorn's kinds of workers")
    given = parser.parse_args()
    if given.write and (given.only or given.worker_classes):
        parser.error("only a whole run is written down: leave out --only and --worker-classes")
    return given


def all_peers(more_bundles: Sequence[Path]) -> list[Peer]:
    """Those that this machine can run; what is missing is said."""
    peers = [
        catalogue.constant(),
        catalogue.api("champion", CHAMPION, is_overloaded=True),
        catalogue.api("champion, copies", CHAMPION, asks_again=True),
    ]
    for bundle in (*(CONTENDERS_DIR / name for name in CONTENDERS), *more_bundles):
        if (bundle / "model.json").is_file():
            peers.append(catalogue.api(bundle.name, bundle.resolve()))
        else:
            say(f"left out: there is no bundle in {bundle}")
    peers.append(catalogue.mlflow_serve(CHAMPION))
    if catalogue.has_keras():
        peers.append(catalogue.keras_predict(CHAMPION))
    else:
        say("left out: Keras needs TensorFlow, the extra `networks`: scripts/setup.sh dev installs it")
    return peers


def report(found: Results, readme: Path | None) -> None:
    long = long_report(found)
    sys.stdout.write(f"{long}\n")
    if readme:
        write_documents(readme, short_report(found), long)


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
