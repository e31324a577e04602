"""What the API and the pages take of the processor and the memory, against what the free plan of App Service gives.

    python -m bench.free_plan                                # the API as a process; the table, in five minutes
    python -m bench.free_plan --image air-paradis/inference  # in a container, whose memory is what a plan counts
    python -m bench.free_plan --image … --write              # into docs/deployment.md

It ends with an error where the plan would not last a day with nobody there, or has too little memory.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.free_plan_measuring import Api, Pages, measure_api, measure_pages
from bench.free_plan_report import misses_plan, report
from bench.free_plan_service import as_container, as_process
from bench.peers.peer import PeerFailed
from bench.running import HOST
from bench.texts import ROOT, new_tweets

DOCUMENT = ROOT / "docs" / "deployment.md"
NAME = "free-plan"


def main(arguments: Sequence[str] | None = None) -> int:
    given = read_options(arguments)
    if given.write:
        # The trainer's code takes longer to load than all of the bench.
        from trainer.figures import require_marks, write_between_marks

        require_marks(given.write, NAME)
    try:
        api, pages = measure(given.image, given.idle_seconds, given.load_seconds, with_pages=not given.api_only)
    except PeerFailed as failure:
        sys.stderr.write(f"error: {failure}\n")
        return 1
    text = report(api, pages)
    sys.stdout.write(f"{text}\n")
    if given.write:
        write_between_marks(given.write, text, NAME)
    return 2 if misses_plan(api, pages) else 0


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.free_plan", description="What is needed of the free plan.")
    parser.add_argument("--image", help="the API in a container of this image")
    parser.add_argument("--idle-seconds", type=float, default=60.0, help="how long nobody asks anything")
    parser.add_argument("--load-seconds", type=float, default=20.0, help="how long each load lasts")
    parser.add_argument("--api-only", action="store_true", help="leave out the pages")
    parser.add_argument("--write", type=Path, nargs="?", const=DOCUMENT, help="write the table into this document")
    return parser.parse_args(arguments)


def measure(
    image: str | None, idle_seconds: float, load_seconds: float, *, with_pages: bool
) -> tuple[Api, Pages | None]:
    """PeerFailed where one of them does not start, or does not answer. The pages are always a process."""
    texts = new_tweets()
    with as_container(image) if image else as_process() as service:
        api = measure_api(service, texts, idle_seconds, load_seconds, say)
        if not with_pages:
            return api, None
        return api, measure_pages(f"http://{HOST}:{service.port}", idle_seconds, say)


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
