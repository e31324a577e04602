"""What files and the database cost of scoring in bulk, and of keeping what the API answers.

python -m bench.scaling_storage            # two minutes
python -m bench.scaling_storage --write    # into docs/scaling.md
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench.machine import conditions
from bench.markdown import number, table_head, table_row
from bench.scaling import DOCUMENT
from bench.scaling_database import GROUP, Written, measure_database
from bench.scaling_files import Format, measure_formats
from bench.scaling_rows import read_tweets

NAME = "scaling-storage"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.scaling_storage", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--rows", type=int, default=500_000, help="tweets")
    parser.add_argument("--write", type=Path, nargs="?", const=DOCUMENT, help="write the tables into this document")
    given = parser.parse_args(arguments)
    if given.write:
        from trainer.figures import require_marks, write_between_marks

        require_marks(given.write, NAME)
    text = "\n".join(report(given.rows))
    sys.stdout.write(f"{text}\n")
    if given.write:
        write_between_marks(given.write, text, NAME)
    return 0


def report(rows: int) -> Iterator[str]:
    tweets = read_tweets(os.environ.get("TRAINER_DATA_DIR"))
    texts = tweets.texts(rows)
    yield f"{conditions()} {tweets.origin}"
    yield ""
    with tempfile.TemporaryDirectory() as folder:
        yield from format_table(measure_formats(texts, Path(folder)), rows)
    yield ""
    yield from database_table(measure_database(texts))


def format_table(formats: Iterable[Format], rows: int) -> Iterator[str]:
    yield f"{rows:,} tweets from one file into parquet, by one process, without the model."
    yield ""
    yield from table_head("format", "look, μs a tweet", "read, μs", "write, μs", "bytes a tweet, in", "out")
    for each in formats:
        figures = each.looked, each.read, each.written, each.bytes_in, each.bytes_out
        yield table_row(each.suffix.removeprefix("."), *map(number, figures))


def database_table(written: Written) -> Iterator[str]:
    yield f"Predictions into a Postgres on the same machine, {GROUP} at once, by one process."
    yield ""
    yield from table_head("rows", "rows a second", "bytes a row, with its indexes")
    yield table_row(f"{written.rows:,}", number(written.rows / written.seconds), number(written.bytes_a_row))


if __name__ == "__main__":
    sys.exit(main())
