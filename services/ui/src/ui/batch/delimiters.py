"""What stands between the fields of a csv file: tried on its first rows."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

DELIMITERS = ",;\t|"
# A file of one column: text with commas in it is one field.
NONE = "\x1f"
ROWS_TRIED = 200
# So many rows must be as wide as most are.
ENOUGH = 0.6


@dataclass(frozen=True)
class Form:
    delimiter: str
    # How wide most rows are.
    width: int


@dataclass(frozen=True)
class Trial:
    form: Form
    agreeing: float

    @property
    def rank(self) -> tuple[float, int]:
        return self.agreeing, self.form.width


def find_form(lines: Iterable[str]) -> Form:
    first = list(islice(lines, ROWS_TRIED))
    trials = [trial for delimiter in DELIMITERS if (trial := _try(first, delimiter)).form.width > 1]
    good = [trial for trial in trials if trial.agreeing >= ENOUGH]
    return max(good, key=lambda trial: trial.rank).form if good else Form(NONE, 1)


def _try(lines: list[str], delimiter: str) -> Trial:
    widths = Counter(_widths(lines, delimiter))
    if not widths:
        return Trial(Form(delimiter, 1), 0.0)
    width, count = max(widths.items(), key=lambda each: (each[1], each[0]))
    return Trial(Form(delimiter, width), count / widths.total())


def _widths(lines: list[str], delimiter: str) -> Iterator[int]:
    try:
        yield from (len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
    except csv.Error:
        return
