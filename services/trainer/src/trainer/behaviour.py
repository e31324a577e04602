"""What a model must get right whatever its accuracy: capabilities, tested on texts of our own in `data/behaviour`.

    trainer behave models/champion

In the manner of CheckList (Ribeiro et al. 2020, Beyond Accuracy, arXiv 2005.04118), whose three kinds of test follow
here from what a row expects:

- minimum function: the text has that label (`negative`, `neutral`, `positive`), or any but one (`not negative`);
- invariance: text and changed text get the `same` label;
- direction: the changed text is `more negative` or `more positive` than the text.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np

from trainer.decision import log_odds
from trainer.errors import TrainerError
from trainer.served_model import Classifier, negative_share
from trainer.sources import KNOWN_LABELS, NEGATIVE

COLUMNS = ("capability", "text", "changed", "expected")
MINIMUM_FUNCTION, INVARIANCE, DIRECTION = "minimum function", "invariance", "direction"
NOT_NEGATIVE, SAME, MORE_NEGATIVE, MORE_POSITIVE = "not negative", "same", "more negative", "more positive"
EXPECTED = (*KNOWN_LABELS, NOT_NEGATIVE, SAME, MORE_NEGATIVE, MORE_POSITIVE)
# In log-odds: less is the noise of rounding, and no answer to the change.
LEAST_SHIFT = 0.01


@dataclass(frozen=True)
class Behaviour:
    """One row; `where` is its file and line. `changed` is empty where the text is tested alone."""

    where: str
    capability: str
    text: str
    changed: str
    expected: str

    @property
    def kind(self) -> str:
        if self.expected == SAME:
            return INVARIANCE
        return DIRECTION if self.expected in (MORE_NEGATIVE, MORE_POSITIVE) else MINIMUM_FUNCTION


@dataclass(frozen=True)
class BadRow:
    where: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """Whether the model did what the row expects, and what it did."""

    behaviour: Behaviour
    passed: bool
    found: str


def load_behaviours(folder: Path) -> tuple[list[Behaviour], list[BadRow]]:
    """The rows of every csv in `folder`, or of one csv, and the rows that cannot be tested, each with the reason.

    Raises TrainerError where there is no csv, or one is no csv with the columns of `COLUMNS`.
    """
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else [folder]
    if not files or not files[0].is_file():
        raise TrainerError(
            f"no csv of behaviours in {folder}: give another with --behaviours, or TRAINER_BEHAVIOUR_DIR"
        )
    behaviours: list[Behaviour] = []
    bad: list[BadRow] = []
    seen: dict[tuple[str, str], str] = {}
    for where, row in (found for file in files for found in _rows(file)):
        behaviour = Behaviour(where, *((row.get(column) or "").strip() for column in COLUMNS))
        reason = _why_bad(row, behaviour)
        first = seen.setdefault((behaviour.text, behaviour.changed), where)
        if not reason and first != where:
            reason = f"is the same as {first}"
        if reason:
            bad.append(BadRow(where, reason))
        else:
            behaviours.append(behaviour)
    return behaviours, bad


def _rows(file: Path) -> Iterator[tuple[str, dict[str | None, str]]]:
    try:
        content = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise TrainerError(f"{file} is not UTF-8 text: save it as “CSV UTF-8”") from None
    head = content.partition("\n")[0]
    # A spreadsheet that speaks French writes semicolons.
    reader = csv.DictReader(StringIO(content, newline=""), delimiter=";" if ";" in head else ",")
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise TrainerError(f"{file} has no column {', '.join(missing)}: its first line must be {','.join(COLUMNS)}")
    for row in reader:
        yield f"{file.name}, line {reader.line_num}", row


def _why_bad(row: dict[str | None, str], behaviour: Behaviour) -> str:
    """What is wrong with a row, or nothing."""
    if None in row:
        return "has too many cells: a text with a comma stands in quotation marks"
    if not behaviour.capability or not behaviour.text:
        return "has no capability" if behaviour.text else "has no text"
    if behaviour.expected not in EXPECTED:
        return f"expects {behaviour.expected!r}, which is none of {', '.join(EXPECTED)}"
    if behaviour.kind == MINIMUM_FUNCTION:
        return f"expects {behaviour.expected}, so that changed stays empty" if behaviour.changed else ""
    if not behaviour.changed:
        return f"expects {behaviour.expected}, but has no changed text"
    return "is not changed" if behaviour.changed == behaviour.text else ""


def run_behaviours(behaviours: Sequence[Behaviour], classifier: Classifier) -> list[Outcome]:
    """What the model does on each row, in their order; rows that expect a label it does not have are left out."""
    asked = [each for each in behaviours if each.expected not in KNOWN_LABELS or each.expected in classifier.labels]
    texts = [text for each in asked for text in (each.text, each.changed or each.text)]
    if not texts:
        return []
    probabilities = classifier.probabilities(texts)
    chosen, _ = classifier.decide(probabilities)
    labels = [classifier.labels[index] for index in chosen]
    # How much more negative each changed text is than its text, in log-odds.
    shifts = np.diff(log_odds(negative_share(probabilities, classifier.labels)).reshape(-1, 2), axis=1)[:, 0].tolist()
    return [
        Outcome(each, _passes(each.expected, before, after, shift), _found(each.kind, before, after, shift))
        for each, before, after, shift in zip(asked, labels[::2], labels[1::2], shifts, strict=True)
    ]


def _passes(expected: str, before: str, after: str, shift: float) -> bool:
    match expected:
        case "same":
            return before == after
        case "more negative":
            return shift >= LEAST_SHIFT
        case "more positive":
            return shift <= -LEAST_SHIFT
        case "not negative":
            return before != NEGATIVE
    return before == expected


def _found(kind: str, before: str, after: str, shift: float) -> str:
    if kind == DIRECTION:
        return f"a shift of {shift:+.2f} towards negative"
    return before if kind == MINIMUM_FUNCTION else f"{before}, then {after}"
