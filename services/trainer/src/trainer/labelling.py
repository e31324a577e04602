"""What a label written in a file means here. A value that nobody explained stops the load."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from trainer.sources import BINARY, KNOWN_LABELS, POLARITY, LabelMeanings, UnknownLabel

NOT_ASKED_FOR = -1


def label_indices(
    written: Sequence[str], meanings: LabelMeanings | None, labels: tuple[str, ...], file: str
) -> npt.NDArray[np.int64]:
    """Each row's place in `labels`, or NOT_ASKED_FOR. # (n_tweets,)"""
    _require_known(labels)
    meanings = meanings or _guess_meanings(written)
    index: dict[str, int] = {}
    for value in set(written):
        meaning = meanings.get(_plain(value))
        if meaning is None:
            row = written.index(value) + 1
            raise UnknownLabel(f"{file}, row {row}: the label {_shown(value)} is none of {', '.join(meanings)}")
        index[value] = labels.index(meaning) if meaning in labels else NOT_ASKED_FOR
    return np.fromiter((index[value] for value in written), np.int64, len(written))


def _require_known(labels: tuple[str, ...]) -> None:
    for label in labels:
        if label not in KNOWN_LABELS:
            raise UnknownLabel(f"the label {label!r} is none of {', '.join(KNOWN_LABELS)}")
    if len(set(labels)) != len(labels) or len(labels) < 2:
        raise UnknownLabel(f"a dataset needs two or three different labels, not {', '.join(labels) or 'none'}")


def _guess_meanings(written: Sequence[str]) -> LabelMeanings:
    # 0/1/2 stays refused: it is neither of the two, and 1 would be neutral to some and positive to others. So is a
    # 2 without a 4: the middle of three to some, and the last of three to others.
    return POLARITY if "4" in {_plain(value) for value in set(written)} else BINARY


def _shown(value: str) -> str:
    # A column named by mistake may hold somebody's tweet, which belongs in no log.
    return repr(value) if len(value) <= 20 and " " not in value.strip() else f"of {len(value)} characters"


def _plain(value: str) -> str:
    return value.strip().lower().removesuffix(".0")
