"""Drift on real tweets in the order of time: two months of Sentiment140, then a switch to an airline's tweets.

TRAINER_DATA_DIR=/path/to/data python -m bench.drift_replay
python -m bench.drift_replay --champion models/champion --share 0.02
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from bench.drift_stream import NO_LABEL, Replay, followed_by, load_replay
from bench.markdown import share, table_head, table_row
from bench.texts import ROOT
from trainer.bundle import Bundle, load_bundle, write_bundle
from trainer.candidates import CANDIDATES
from trainer.card import DatasetCard
from trainer.cleaning import keys as keys_of
from trainer.dataset import Tweets
from trainer.drift import DriftState, Looked, Window, look_at, state_of
from trainer.drift_features import FeatureReader, TweetFeatures
from trainer.drift_monitors import Limits
from trainer.drift_reference import Reference
from trainer.errors import TrainerError
from trainer.figures import require_marks, write_between_marks
from trainer.settings import Settings

DOCUMENT, NAME = ROOT / "docs" / "drift.md", "drift-replay"
CANDIDATE = "tfidf_logreg"
TRAIN, VALIDATION = 200_000, 10_000
BEFORE, ACROSS, AFTER = "before", "the switch", "after"
SHOWN = 3


@dataclass(frozen=True)
class Row:
    """One window of the replay; `right`: the share of answers that were right, of the tweets with a label."""

    part: str
    looked: Looked
    state: DriftState
    right: float


def main(arguments: Sequence[str] | None = None) -> int:
    given = read_options(arguments)
    try:
        if given.write:  # before minutes of work
            require_marks(given.write, NAME)
        rows = replay(given)
    except TrainerError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    text = "\n".join([*summary(rows), "", *table(rows)])
    sys.stdout.write(f"{text}\n")
    if given.write:
        write_between_marks(given.write, text, NAME)
    return 0


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.drift_replay", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--champion", type=Path, help=f"a bundle folder; default: {CANDIDATE}, fitted here")
    parser.add_argument("--window", type=int, default=500, help="tweets in a window")
    parser.add_argument("--share", type=float, default=0.03, help="so much of Sentiment140 is live traffic")
    parser.add_argument("--into", type=int, default=0, help="the switch comes so many tweets after a window's begin")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write", type=Path, nargs="?", const=DOCUMENT, help="write the table into this document")
    return parser.parse_args(arguments)


def replay(given: argparse.Namespace) -> list[Row]:
    data = load_replay(Settings().data_dir, share=given.share, train=TRAIN, validation=VALIDATION, seed=given.seed)
    with tempfile.TemporaryDirectory() as folder:
        champion = load_bundle(given.champion) if given.champion else fit(data, Path(folder), given.seed)
    reference = reference_of(champion, data.validation)
    windows = list(cut(champion, data, given.window, given.into))
    return look(reference, windows)


def fit(data: Replay, folder: Path, seed: int) -> Bundle:
    fitted = CANDIDATES[CANDIDATE].fit(data.train, data.validation, seed=seed, checkpoints=folder / "checkpoints")
    return write_bundle(
        folder / "bundle",
        name=CANDIDATE,
        labels=("negative", "positive"),
        tokenizer=fitted.tokenizer,
        graph=fitted.export(),
        command="python -m bench.drift_replay",
        dataset=DatasetCard(
            name="sentiment140", fingerprint="", train=len(data.train), validation=len(data.validation), test=0
        ),
    )


def reference_of(champion: Bundle, validation: Tweets) -> Reference:
    features = read_texts(champion, validation.texts)
    return Reference(
        features=features,
        seen=np.zeros(len(features), dtype=np.bool_),
        labels=tuple(champion.card.labels),
        judged=len(features),
        wrong=int((features.chosen != validation.labels).sum()),
        words=f"{len(features):,} validation tweets of Sentiment140 before its end",
    )


def read_texts(champion: Bundle, texts: Sequence[str]) -> TweetFeatures:
    probabilities = champion.classifier.probabilities(texts)
    chosen, _ = champion.classifier.decide(probabilities)
    return FeatureReader(champion.classifier.tokenizer).read(texts, probabilities, chosen)


@dataclass(frozen=True)
class Piece:
    part: str
    window: Window
    right: float


def cut(champion: Bundle, data: Replay, size: int, into: int) -> Iterator[Piece]:
    """Windows of one stream; the switch comes `into` tweets after one of them has begun."""
    stream, switch = followed_by(data.stationary, data.switched), len(data.stationary)
    features = read_texts(champion, stream.texts)
    for start in range((switch - into) % size, len(stream) - size + 1, size):
        rows = slice(start, start + size)
        part = BEFORE if rows.stop <= switch else AFTER if start >= switch else ACROSS
        since, until = (datetime.fromtimestamp(stream.times[row], UTC) for row in (start, rows.stop - 1))
        window = Window(features.rows(rows), since, until, keys_of(stream.texts[rows]))
        yield Piece(part, window, right_share(features.chosen[rows], stream.labels[rows]))


def right_share(chosen: npt.NDArray[np.int8], truth: npt.NDArray[np.int64]) -> float:
    labelled = truth != NO_LABEL
    return float((chosen == truth)[labelled].mean()) if labelled.any() else float("nan")


def look(reference: Reference, pieces: Sequence[Piece]) -> list[Row]:
    limits, rows = Limits(), list[Row]()
    for piece in tqdm(pieces, desc="windows", disable=None):
        looked = look_at(reference, piece.window, limits)
        moved = [*(row.looked.moved for row in rows[-1:]), looked.moved]
        rows.append(Row(piece.part, looked, state_of(moved, audit_moved=False), piece.right))
    return rows


def summary(rows: Sequence[Row]) -> list[str]:
    before = [row for row in rows if row.part == BEFORE]
    switched = [row for row in rows if row.part != BEFORE]
    states = [row.state for row in before]
    found = next((place for place, row in enumerate(switched, start=1) if row.state is DriftState.DRIFTED), None)
    spans = sorted(hours_of(row) for row in before)
    lines = [
        f"{len(before)} windows of {rows[0].looked.tweets} tweets before the switch, the median one "
        f"{spans[len(spans) // 2]:.0f} hours long: {states.count(DriftState.DRIFTED)} times drifted, "
        f"{states.count(DriftState.MOVED)} times moved.",
        f"Drifted in window {found} after the switch." if found else "No drift was found after the switch.",
    ]
    first = switched[: found or 1][-1]
    return [*lines, "", *(f"- {monitor.words}" for monitor in first.looked.monitors if monitor.moved)]


def hours_of(row: Row) -> float:
    since, until = row.looked.since, row.looked.until
    return (until - since).total_seconds() / 3600 if since and until else 0.0


def table(rows: Sequence[Row]) -> list[str]:
    """Every window that moved, and what surrounds the switch; the others would all read alike."""
    switch = next((place for place, row in enumerate(rows) if row.part != BEFORE), len(rows))
    shown = [
        row for place, row in enumerate(rows) if row.state is not DriftState.STABLE or abs(place - switch) <= SHOWN
    ]
    return [*table_head("window begins", "", "state", "moved", "right", "expected accuracy"), *map(line, shown)]


def line(row: Row) -> str:
    expected = next(monitor.now for monitor in row.looked.monitors if monitor.name == "expected accuracy")
    begins = f"{row.looked.since:%Y-%m-%d %H:%M}" if row.looked.since else ""
    return table_row(begins, row.part, row.state, ", ".join(row.looked.moved), share(row.right), share(expected))


if __name__ == "__main__":
    sys.exit(main())
