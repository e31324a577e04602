"""The table of measured figures, for the terminal and for the README.

trainer evaluate models/champion --recorded --write README.md
"""

from collections.abc import Sequence
from pathlib import Path

from trainer.abstention import Abstention
from trainer.card import Scores
from trainer.errors import TrainerError
from trainer.slices import SliceScore

FIGURES = "figures"
# Figures that cards of before lack: where no card has one, its column is left out.
LATER_FIGURES = (("macro_recall", "macro-recall"), ("argmax_accuracy", "accuracy at one half"))


def table(metrics: Sequence[Scores]) -> str:
    """A Markdown table, one row per test set."""
    later = [(name, head) for name, head in LATER_FIGURES if any(getattr(each, name) is not None for each in metrics)]
    rows = [
        "| test set | tweets | accuracy (95 % interval) | macro-F1 | AUC | calibration error |"
        + "".join(f" {head} |" for _, head in later),
        "|---|---|---|---|---|---|" + "---|" * len(later),
    ]
    for scores in metrics:
        interval = f"{scores.accuracy:.3f} ({scores.accuracy_low:.3f} to {scores.accuracy_high:.3f})"
        rows.append(
            f"| {scores.dataset}, {scores.split} | {scores.size:,} | {interval} "
            f"| {scores.macro_f1:.3f} | {scores.auc:.3f} | {scores.calibration_error:.3f} |"
            + "".join(f" {_or_dash(getattr(scores, name))} |" for name, _ in later)
        )
    return "\n".join(rows)


def abstention_table(found: Sequence[tuple[Scores, Abstention]]) -> str:
    """What the band leaves to a person on each test set, and how often the rest is wrong."""
    rows = [
        "| test set | left to a person | mistakes among the rest | mistakes if all were answered | AURC |",
        "|---|---|---|---|---|",
    ]
    for scores, each in found:
        rows.append(
            f"| {scores.dataset}, {scores.split} | {1 - each.coverage:.1%} | {_or_dash(each.risk)} "
            f"| {each.risk_of_all:.3f} | {each.area:.3f} |"
        )
    return "\n".join(rows)


def slice_table(name: str, slices: Sequence[SliceScore]) -> str:
    """The slices of the test set `name`; one tweet may be in several."""
    rows = [f"| {name} | tweets | accuracy (95 % interval) |", "|---|---|---|"]
    for each in slices:
        interval = f"{each.accuracy:.3f} ({each.accuracy_low:.3f} to {each.accuracy_high:.3f})"
        rows.append(f"| {each.name} | {each.size:,} | {interval} |")
    return "\n".join(rows)


def _or_dash(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"


def marks(name: str) -> tuple[str, str]:
    """The lines around a block of a document that `make NAME` writes."""
    return f"<!-- written by `make {name}` -->", f"<!-- end of {name} -->"


def require_marks(document: Path, name: str) -> str:
    """What `document` holds, the two marks of `name` among it."""
    begin, end = marks(name)
    content = document.read_text(encoding="utf-8")
    if content.count(begin) != 1 or content.count(end) != 1:
        raise TrainerError(f"{document} must hold the lines {begin!r} and {end!r} once each")
    return content


def write_between_marks(document: Path, text: str, name: str = FIGURES) -> None:
    """Replace what stands between the two marks of `name` in `document`."""
    begin, end = marks(name)
    content = require_marks(document, name)
    before, rest = content.split(begin)
    document.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}", encoding="utf-8")
