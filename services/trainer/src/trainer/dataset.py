"""Raw tweets to a dataset: read, labelled, repaired, freed of copies and contradictions, split, counted, fingerprinted.

To see the counts: `trainer dataset show sentiment140`, or TRAINER_DATA_DIR=/data in front of it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from trainer.cleaning import keys as keys_of
from trainer.cleaning import repair_all
from trainer.dataset_report import DatasetReport, count_splits
from trainer.finding import SAMPLE_DIR, Located, locate
from trainer.labelling import label_indices
from trainer.reading import RawTweets, read_tweets
from trainer.sources import NEGATIVE, POSITIVE, DatasetError, DatasetNotFound, Source, UnknownLabel
from trainer.splitting import Sides, Split, require_known_splits, split

__all__ = ["Dataset", "DatasetError", "DatasetNotFound", "DatasetReport", "Tweets", "UnknownLabel", "load_dataset"]

logger = logging.getLogger(__name__)

# RandomState, because its order is promised never to change, which Generator's is not.
_SHUFFLE_SEED = 42


@dataclass(frozen=True)
class Tweets:
    """One side of a dataset; a label is an index into the dataset's labels."""

    texts: list[str]
    labels: npt.NDArray[np.int64]  # (n_tweets,)

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Dataset:
    """Checked and split tweets. Two datasets with one fingerprint hold the same tweets on the same sides."""

    name: str
    fingerprint: str
    labels: tuple[str, ...]
    train: Tweets
    validation: Tweets
    test: Tweets
    report: DatasetReport
    terms: str
    parts: tuple["Dataset", ...] = ()  # of a mixture, see mixing.py


@dataclass(frozen=True)
class _Rows:
    """Columns of equal length, cut together. # all (n_tweets,)"""

    texts: list[str]
    labels: npt.NDArray[np.int64]
    published: list[str]  # the file's own split, or empty
    keys: list[str]
    occurrences: npt.NDArray[np.int64]  # of the key among all rows read

    def __len__(self) -> int:
        return len(self.texts)

    def where(self, kept: npt.NDArray[np.bool_]) -> "_Rows":
        rows = np.flatnonzero(kept).tolist()
        return _Rows(
            [self.texts[row] for row in rows],
            self.labels[kept],
            [self.published[row] for row in rows] if self.published else [],
            [self.keys[row] for row in rows],
            self.occurrences[kept],
        )


def load_dataset(
    name: str,
    *,
    data_dir: Path,
    limit: int | None = None,
    labels: Sequence[str] = (NEGATIVE, POSITIVE),
    text_column: str = "text",
    label_column: str = "label",
    sample_dir: Path = SAMPLE_DIR,
) -> Dataset:
    """A published set by name, or any csv, tsv, parquet or ndjson file by path. Rows without a label asked for go."""
    located = locate(name, data_dir, text_column=text_column, label_column=label_column, sample_dir=sample_dir)
    labels = tuple(labels)
    raw, indices = _read(located, labels, limit)
    rows, report = _clean(located.source, raw, indices, _held_out_keys(located.source, data_dir))
    sides = split(located.source, rows.keys, rows.occurrences, rows.published)
    report = replace(report, not_fair_tests=int((sides == Split.DROPPED).sum()))
    report = replace(report, splits=count_splits(labels, rows.labels, sides))
    if report.read == 0:
        raise DatasetError(f"{located.source.name} is empty: {', '.join(map(str, located.paths))}")
    if report.kept == 0:
        raise DatasetError(f"{located.source.name} has no tweet left: {report.one_line()}")
    logger.info("dataset_loaded name=%s %s", located.source.name, report.one_line())
    return Dataset(
        name=located.source.name,
        fingerprint=_fingerprint(rows, labels, sides),
        labels=labels,
        train=_side(rows, sides, Split.TRAIN),
        validation=_side(rows, sides, Split.VALIDATION),
        test=_side(rows, sides, Split.TEST),
        report=report,
        terms=located.source.terms,
    )


def _read(located: Located, labels: tuple[str, ...], limit: int | None) -> tuple[RawTweets, npt.NDArray[np.int64]]:
    raw, parts = RawTweets(), []
    for path in located.paths:
        read_limit = None if located.form.is_sorted or limit is None else limit - len(raw)
        part = read_tweets(path, located.form, read_limit)
        require_known_splits(part, str(path))
        parts.append(label_indices(part.labels, located.form.meanings, labels, str(path)))
        raw.extend(part)
    indices = np.concatenate(parts)
    if not located.form.is_sorted:
        return raw, indices
    order = np.random.RandomState(_SHUFFLE_SEED).permutation(len(raw))[:limit]
    return _reordered(raw, order), indices[order]


def _reordered(raw: RawTweets, order: npt.NDArray[np.int64]) -> RawTweets:
    rows = order.tolist()
    return RawTweets([raw.texts[row] for row in rows], [raw.labels[row] for row in rows])


def _clean(
    source: Source, raw: RawTweets, indices: npt.NDArray[np.int64], held_out: frozenset[str]
) -> tuple[_Rows, DatasetReport]:
    repaired = repair_all(
        raw.texts,
        has_written_escapes=source.has_written_escapes,
        has_airline_artefacts=source.has_airline_artefacts,
    )
    keys = keys_of(repaired)
    rows = _Rows(repaired, indices, raw.splits, keys, _occurrences(keys))
    changed = np.fromiter((old.strip() != new for old, new in zip(raw.texts, repaired, strict=True)), bool, len(raw))
    asked = indices >= 0
    rows, not_asked = _drop(rows, ~asked)
    rows, empty = _drop(rows, np.array([not key for key in rows.keys], dtype=bool))
    rows, conflicting = _drop(rows, _are_conflicting(rows))
    rows, duplicate = _drop(rows, _are_copies(rows))
    # Two tests may share tweets, training and a test may not.
    leaks = np.array([key in held_out for key in rows.keys], dtype=bool)
    rows, overlapping = _drop(rows, leaks & ~_is_published_test(rows))
    report = DatasetReport(
        read=len(raw),
        not_asked_for=not_asked,
        repaired=int(changed[asked].sum()),
        empty=empty,
        conflicting=conflicting,
        duplicate=duplicate,
        held_out=overlapping,
    )
    return rows, report


def _drop(rows: _Rows, dropped: npt.NDArray[np.bool_]) -> tuple[_Rows, int]:
    count = int(dropped.sum())
    return (rows.where(~dropped) if count else rows), count


def _codes(keys: Sequence[str]) -> npt.NDArray[np.int64]:
    return pd.factorize(np.array(keys, dtype=object))[0].astype(np.int64)


def _occurrences(keys: Sequence[str]) -> npt.NDArray[np.int64]:
    codes = _codes(keys)
    return np.bincount(codes)[codes].astype(np.int64)


def _is_published_test(rows: _Rows) -> npt.NDArray[np.bool_]:
    return np.array([name == "val" for name in rows.published] or [False] * len(rows), dtype=bool)


def _are_copies(rows: _Rows) -> npt.NDArray[np.bool_]:
    """All but one of each tweet: the first, or where the file is split the first of its test, which others compare."""
    order = np.argsort(~_is_published_test(rows), kind="stable")
    copies = np.zeros(len(rows), dtype=bool)
    copies[order] = pd.Series(rows.keys, dtype=object).iloc[order].duplicated().to_numpy(dtype=bool)
    return copies


def _are_conflicting(rows: _Rows) -> npt.NDArray[np.bool_]:
    codes = _codes(rows.keys)
    pairs = np.unique(np.stack([codes, rows.labels]), axis=1)  # (2, n_pairs): one column a key and a label it has
    return (np.bincount(pairs[0])[codes] > 1) if len(codes) else np.zeros(0, dtype=bool)


def _held_out_keys(source: Source, data_dir: Path) -> frozenset[str]:
    found: set[str] = set()
    for name in source.held_out:
        try:
            located = locate(name, data_dir)
        except DatasetNotFound:
            logger.warning("held_out_missing dataset=%s held_out=%s", source.name, name)
            continue
        for path in located.paths:
            texts = read_tweets(path, located.form).texts
            escapes = located.source.has_written_escapes
            found.update(keys_of(repair_all(texts, has_written_escapes=escapes)))
    return frozenset(found - {""})


def _side(rows: _Rows, sides: Sides, side: Split) -> Tweets:
    chosen = np.flatnonzero(sides == side)
    return Tweets([rows.texts[row] for row in chosen.tolist()], rows.labels[chosen])


def _fingerprint(rows: _Rows, labels: tuple[str, ...], sides: Sides) -> str:
    digest = sha256()
    for key, label, side in zip(rows.keys, rows.labels.tolist(), sides.tolist(), strict=True):
        if side != Split.DROPPED:
            # No key holds a line end or this separator: both are white space or control characters to it.
            digest.update(f"{Split(side).name.lower()}\x1f{labels[label]}\x1f{key}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
