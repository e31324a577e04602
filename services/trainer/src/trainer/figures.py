"""The table of measured figures, for the terminal and for the README.

trainer evaluate models/champion --recorded --write README.md
"""

from collections.abc import Sequence
from pathlib import Path

from trainer.card import Scores
from trainer.errors import TrainerError

FIGURES = "figures"


def table(metrics: Sequence[Scores]) -> str:
    """A Markdown table, one row per test set."""
    rows = [
        "| test set | tweets | accuracy (95 % interval) | macro-F1 | AUC | calibration error |",
        "|---|---|---|---|---|---|",
    ]
    for scores in metrics:
        interval = f"{scores.accuracy:.3f} ({scores.accuracy_low:.3f} to {scores.accuracy_high:.3f})"
        rows.append(
            f"| {scores.dataset}, {scores.split} | {scores.size:,} | {interval} "
            f"| {scores.macro_f1:.3f} | {scores.auc:.3f} | {scores.calibration_error:.3f} |"
        )
    return "\n".join(rows)


def marks(name: str) -> tuple[str, str]:
    """The lines around a block of a document that `make NAME` writes."""
    return f"<!-- written by `make {name}` -->", f"<!-- end of {name} -->"


def write_between_marks(document: Path, text: str, name: str = FIGURES) -> None:
    """Replace what stands between the two marks of `name` in `document`."""
    begin, end = marks(name)
    content = document.read_text(encoding="utf-8")
    if content.count(begin) != 1 or content.count(end) != 1:
        raise TrainerError(f"{document} must hold the lines {begin!r} and {end!r} once each")
    before, rest = content.split(begin)
    document.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}", encoding="utf-8")
