"""What is downloaded: all rows and columns of the file in its order, and behind them what was answered."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ui.batch.answers import Answers
from ui.batch.dangerous_cells import CellGuard, count_dangerous
from ui.batch.excel import LONGEST_CELL, excel_length
from ui.batch.guesses import is_text
from ui.batch.sheet import Table, free_name
from ui.batch.texts import Fate
from ui.words.wording import Wording


@dataclass(frozen=True)
class Export:
    table: Table
    answers: Answers

    def columns(self, words: Wording) -> pa.Table:
        columns = self.table.columns
        for name, values in self._added(words):
            columns = columns.append_column(free_name(name, columns.column_names), values)
        return columns

    @cached_property
    def dangerous_cells(self) -> int:
        """How many of the file's own get a mark in the csv, its headers among them."""
        guard = CellGuard()
        headers = sum(guard.mark(name) != name for name in self.table.names)
        columns = [column for column in self.table.columns.columns if is_text(column.type)]
        return headers + sum(count_dangerous(column.cast(pa.large_string())) for column in columns)

    @cached_property
    def long_cells(self) -> int:
        """How many do not fit into a cell of Excel."""
        columns = [column for column in self.table.columns.columns if is_text(column.type)]
        return sum(count_longer(column.cast(pa.large_string()), LONGEST_CELL) for column in columns)

    def _added(self, words: Wording) -> list[tuple[str, pa.Array]]:
        answers = self.answers
        unanswered = ~answers.is_answered
        labels = pa.array(np.where(unanswered, 0, answers.label_numbers), pa.int8(), mask=unanswered)
        return [
            ("label", pa.array(answers.labels or [""], pa.string()).take(labels)),
            *(
                (
                    f"p_{label}",
                    pa.array(answers.probabilities[:, number], mask=np.isnan(answers.probabilities[:, number])),
                )
                for number, label in enumerate(answers.labels)
            ),
            ("abstained", pa.array(answers.abstained, mask=unanswered)),
            ("prediction_id", _strings(answers.prediction_ids, unanswered)),
            ("problem", pa.array(problems(answers, words), pa.string())),
        ]


def problems(answers: Answers, words: Wording) -> list[str | None]:
    """Why a row was not analysed; none where it was."""
    by_fate = [_problem(fate, words) for fate in Fate]
    said = [by_fate[fate] for fate in answers.fates]
    for row, reason in answers.reasons.items():
        said[row] = f"{said[row]}: {reason}"
    return said


def problem_of(row: int, answers: Answers, words: Wording) -> str:
    problem = _problem(Fate(answers.fates[row]), words)
    reason = answers.reasons.get(row)
    return f"{problem}: {reason}" if problem and reason else problem or ""


def _problem(fate: Fate, words: Wording) -> str | None:
    return None if fate is Fate.ANSWERED else words.batch.problems[fate.name]


def _strings(values: NDArray[np.bytes_], mask: NDArray[np.bool_]) -> pa.Array:
    return pa.array(np.char.decode(values, "utf-8").astype(object), pa.string(), mask=mask)


def count_longer(column: pa.ChunkedArray, limit: int) -> int:
    # In bytes first: those are few, and only they are counted as Excel counts, which takes some characters for two.
    long = column.cast(pa.large_binary()).filter(pc.greater(pc.binary_length(column.cast(pa.large_binary())), limit))
    texts = (value.decode("utf-8", "replace") for value in long.to_pylist())
    return sum(excel_length(text) > limit for text in texts)
