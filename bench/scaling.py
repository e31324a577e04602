"""What scoring in bulk costs: time and memory over a million and ten million tweets, engines, workers, families.

python -m bench.scaling                                  # an hour on two cores
python -m bench.scaling --rows 100000 1000000 --write    # into docs/scaling.md
python -m bench.scaling var/bundles/bert                 # more families than the champion

Real tweets (TRAINER_DATA_DIR), or else those of data/sample, repeated under ids of their own.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from bench.machine import conditions
from bench.scaling_bare import measure_bare
from bench.scaling_families import family_table
from bench.scaling_report import bare_table, engine_table, worker_table
from bench.scaling_rows import Tweets, read_tweets
from bench.scaling_runs import Run, run_score
from bench.texts import ROOT

DOCUMENT, NAME = ROOT / "docs" / "scaling.md", "scaling"
CHAMPION = ROOT / "models" / "champion"
START_ROWS, BARE_ROWS = 1_000, 200_000


def main(arguments: Sequence[str] | None = None) -> int:
    given = read_options(arguments)
    if given.write:
        from trainer.figures import require_marks, write_between_marks

        require_marks(given.write, NAME)
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        text = "\n".join(report(given, Path(folder)))
    sys.stdout.write(f"{text}\n")
    if given.write:
        write_between_marks(given.write, text, NAME)
    return 0


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.scaling", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundles", type=Path, nargs="*", help="bundles of other families")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000], help="of the engines' runs")
    parser.add_argument("--worker-rows", type=int, default=2_000_000, help="of the comparison of workers")
    parser.add_argument("--rounds", type=int, default=2, help="of the comparisons; the median counts")
    parser.add_argument("--folder", type=Path, help="where the tweets are written, some 200 bytes for each of them")
    parser.add_argument("--write", type=Path, nargs="?", const=DOCUMENT, help="write the tables into this document")
    return parser.parse_args(arguments)


def report(given: argparse.Namespace, folder: Path) -> Iterator[str]:
    tweets = read_tweets(os.environ.get("TRAINER_DATA_DIR"))
    yield f"{conditions()} {tweets.origin}"
    yield ""
    yield from engine_table(engine_runs(tweets, given.rows, folder))
    yield ""
    yield from worker_table(worker_rounds(tweets, given.worker_rows, given.rounds, folder))
    yield ""
    yield from bare_table(measure_bare(CHAMPION, tweets.texts(min(given.worker_rows, BARE_ROWS)), given.rounds, folder))
    yield ""
    yield from family_table([CHAMPION, *given.bundles], tweets, folder)


def engine_runs(tweets: Tweets, sizes: Sequence[int], folder: Path) -> Iterator[Run]:
    """Each engine over each number of tweets; what was written is looked at, row by row, and taken away."""
    # Of a thousand there is nothing but the start.
    for rows in (START_ROWS, *sizes):
        source = tweets.write(folder / f"{rows}", rows)
        for engine in ("local", "ray"):
            yield run_score(source, folder / "scored", rows, engine=engine)
        shutil.rmtree(source)


def worker_rounds(tweets: Tweets, rows: int, rounds: int, folder: Path) -> list[tuple[Run, Run]]:
    """One worker and two, in turns."""
    source = tweets.write(folder / "workers", rows)
    run = partial(run_score, source, folder / "scored", rows, engine="ray")
    return [(run(workers=1), run(workers=2)) for _ in range(rounds)]


if __name__ == "__main__":
    sys.exit(main())
