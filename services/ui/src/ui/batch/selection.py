"""Which rows of the results are shown, and in which order."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from ui.batch.answers import Answers
from ui.batch.texts import Texts

NEGATIVE = "negative"


class Order(StrEnum):
    FILE = "file"
    LEAST_SURE = "least_sure"
    MOST_NEGATIVE = "most_negative"


@dataclass(frozen=True)
class Filter:
    # None: all of them.
    label: str | None = None
    # Those that got no answer; no label goes with it.
    is_unanswered: bool = False
    is_unsure: bool = False
    contains: str = ""
    order: Order = Order.FILE


def select_rows(texts: Texts, answers: Answers, wanted: Filter) -> NDArray[np.int64]:
    chosen = np.ones(len(texts), np.bool_)
    if wanted.is_unanswered:
        chosen &= ~answers.is_answered
    if wanted.label is not None:
        known = wanted.label in answers.labels
        chosen &= (answers.label_numbers == answers.labels.index(wanted.label)) if known else False
    if wanted.is_unsure:
        chosen &= answers.abstained
    if wanted.contains:
        found = pc.match_substring(texts.column, wanted.contains, ignore_case=True)
        chosen &= pc.fill_null(found, False).to_numpy().astype(np.bool_)
    rows = np.flatnonzero(chosen)
    return rows[_ranks(answers, rows, wanted.order)]


def orders(answers: Answers) -> list[Order]:
    has_negative = NEGATIVE in answers.labels
    return [order for order in Order if order is not Order.MOST_NEGATIVE or has_negative]


def surest(answers: Answers) -> NDArray[np.float64]:
    """The probability of each row's own label; not a number where there is none."""
    if not answers.labels:
        return np.full(len(answers.fates), np.nan)
    own = np.take_along_axis(answers.probabilities, answers.label_numbers[:, None].clip(0), axis=1)[:, 0]
    return np.where(answers.label_numbers >= 0, own, np.nan)


def _ranks(answers: Answers, rows: NDArray[np.int64], order: Order) -> NDArray[np.int64]:
    # Rows without a number come last, and equal ones stay in the order of the file.
    if order is Order.LEAST_SURE:
        return np.argsort(surest(answers)[rows], kind="stable")
    if order is Order.MOST_NEGATIVE and NEGATIVE in answers.labels:
        return np.argsort(-answers.probabilities[rows, answers.labels.index(NEGATIVE)], kind="stable")
    return np.arange(len(rows))
