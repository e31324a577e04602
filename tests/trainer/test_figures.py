"""The table of figures."""

from pathlib import Path

import pytest

from trainer.card import Scores
from trainer.errors import TrainerError
from trainer.figures import FIGURES, marks, table, write_between_marks

BEGIN, END = marks(FIGURES)

SCORES = Scores(
    dataset="lines",
    split="test",
    size=20_000,
    accuracy=0.8269,
    accuracy_low=0.8216,
    accuracy_high=0.8321,
    macro_f1=0.82,
    auc=0.9,
    log_loss=0.4,
    calibration_error=0.03,
)


def test_a_row_names_set_size_and_interval() -> None:
    assert "| lines, test | 20,000 | 0.827 (0.822 to 0.832) | 0.820 | 0.900 | 0.030 |" in table([SCORES])


def test_a_figure_that_older_cards_lack_has_a_column_once_a_card_has_it() -> None:
    assert "macro-recall" not in table([SCORES])
    newer = SCORES.model_copy(update={"macro_recall": 0.81, "argmax_accuracy": 0.83})
    assert (
        table([SCORES, newer]).splitlines()[0].endswith("| calibration error | macro-recall | accuracy at one half |")
    )
    assert [row.split(" | ")[-2:] for row in table([SCORES, newer]).splitlines()[2:]] == [
        ["–", "– |"],
        ["0.810", "0.830 |"],
    ]


def test_only_what_stands_between_the_marks_changes(tmp_path: Path) -> None:
    document = tmp_path / "README.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write_between_marks(document, "new")
    assert document.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "README.md"
    document.write_text("text", encoding="utf-8")
    with pytest.raises(TrainerError, match="must hold the lines"):
        write_between_marks(document, "new")
    assert document.read_text(encoding="utf-8") == "text"
