"""Scores a file of tweets, however large: the same rows, in order, with what the model says of them.

    trainer score tweets.csv scored.csv

Chunk by chunk, so memory does not grow with the file. OUTPUT gets its name when it is whole.
"""

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from trainer.errors import TrainerError
from trainer.scoring_files import readable, text_writer, written_whole
from trainer.scoring_input import open_source, require_table
from trainer.scoring_output import open_output
from trainer.scoring_rows import BadRow
from trainer.served_model import Classifier

SHOWN = 20


class ScoringRefused(TrainerError):
    """Scoring would overwrite something; the message says what, and the option that settles it."""


@dataclass
class Report:
    """How it went: rows scored, rows not scored, and the first of those; all of them lie in `bad_file`."""

    bad_file: Path
    scored: int = 0
    bad: int = 0
    first: list[BadRow] = field(default_factory=list)

    def add(self, scored: int, bad: list[BadRow]) -> None:
        self.scored += scored
        self.bad += len(bad)
        self.first += bad[: SHOWN - len(self.first)]


def score_file(
    input_path: Path,
    output: Path,
    classifier: Classifier,
    *,
    text_column: str = "text",
    prefix: str = "",
    overwrite: bool = False,
) -> Report:
    """Write the rows of a file with `label`, `p_<label>` of each label and `abstained`, under names with `prefix`.

    A row that cannot be scored stays, with nothing in those columns; it is also written to OUTPUT.bad.csv.
    Raises ScoringRefused or UnreadableFile, before anything is written, when a file or a column is in the way.
    """
    report = Report(bad_file=output.with_name(f"{output.name}.bad.csv"))
    suffix = require_table(output)
    require_free(input_path, output, report.bad_file, overwrite=overwrite)
    with readable(input_path):
        source = open_source(input_path, text_column, as_written=suffix in (".ndjson", ".jsonl"))
        added = added_columns(classifier, prefix)
        require_no_collision(input_path, source.schema.names, added)
        output.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            # In this order: where OUTPUT is, its bad rows are too.
            part = stack.enter_context(written_whole(output))
            write_bad = stack.enter_context(bad_rows(report.bad_file))
            is_gzipped = output.suffix.lower() == ".gz"
            write = stack.enter_context(open_output(part, suffix, source, added, is_gzipped=is_gzipped))
            bar = stack.enter_context(
                tqdm(desc="score", total=source.total, unit=source.unit, unit_scale=True, disable=None)
            )
            for chunk in source.chunks():
                write(chunk.rows, predict(chunk.texts, classifier, added))
                write_bad(chunk.bad)
                report.add(len(chunk.texts) - len(chunk.bad), chunk.bad)
                bar.update(chunk.size)
    return report


def added_columns(classifier: Classifier, prefix: str) -> pa.Schema:
    probabilities = [(f"{prefix}p_{label}", pa.float32()) for label in classifier.labels]
    return pa.schema([(f"{prefix}label", pa.string()), *probabilities, (f"{prefix}abstained", pa.bool_())])


def predict(texts: list[str | None], classifier: Classifier, added: pa.Schema) -> pa.RecordBatch:
    """A row of the added columns for each text, null where there is none."""
    missing = np.array([text is None for text in texts], dtype=bool)
    probabilities = np.zeros((len(texts), len(classifier.labels)), dtype=np.float32)
    chosen = np.zeros(len(texts), dtype=np.int64)
    abstained = np.zeros(len(texts), dtype=bool)
    there = [text for text in texts if text is not None]
    if there:
        probabilities[~missing] = classifier.probabilities(there)
        chosen[~missing], abstained[~missing] = classifier.decide(probabilities[~missing])
    labels = np.array(classifier.labels, dtype=object)[chosen]
    columns = [labels, *np.ascontiguousarray(probabilities.T), abstained]
    arrays = [pa.array(column, each.type, mask=missing) for column, each in zip(columns, added, strict=True)]
    return pa.record_batch(arrays, schema=added)


@contextmanager
def bad_rows(path: Path) -> Iterator[Callable[[list[BadRow]], None]]:
    """What writes bad rows to a csv, which is there only if there are any."""
    with written_whole(path) as part, ExitStack() as stack:
        writers: list[csv.DictWriter[str]] = []

        def write(rows: list[BadRow]) -> None:
            if rows and not writers:
                stream = stack.enter_context(text_writer(part, is_gzipped=False))
                writers.append(csv.DictWriter(stream, ["row", "reason", "content"]))
                writers[0].writeheader()
            for row in rows:
                writers[0].writerow({"row": row.number, "reason": row.reason, "content": row.content})

        yield write


def require_free(input_path: Path, output: Path, bad_file: Path, *, overwrite: bool) -> None:
    for path in (output, bad_file):
        if path.is_dir():
            raise ScoringRefused(f"{path} is a folder: name a file")
        if path.exists() and path.samefile(input_path):
            raise ScoringRefused(f"{path} is the file to be scored: give OUTPUT another name")
        if path.exists() and not overwrite:
            raise ScoringRefused(f"{path} is there already: give OUTPUT another name, or add --overwrite")


def require_no_collision(path: Path, columns: list[str], added: pa.Schema) -> None:
    if taken := sorted(set(added.names) & set(columns)):
        raise ScoringRefused(
            f"{path} has {', '.join(map(repr, taken))} already: "
            "name the model's columns with --prefix, e.g. --prefix model_"
        )
