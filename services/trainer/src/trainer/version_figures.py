"""The figures that stand beside a registered version, for whoever compares versions by quality and cost.

They are kept in the version's tag `figures`, as `trainer register` and `trainer train` write it.
"""

from collections.abc import Sequence

from trainer import serving_cost
from trainer.bundle import Bundle, golden_texts
from trainer.card import Part, Scores

# MLflow takes more in a tag; lists of versions are sent whole, with every tag.
LONGEST = 5_000


class SetFigures(Part):
    """Of one test set, named as in `model.json`; `size` counts its tweets."""

    dataset: str
    split: str
    size: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float


class VersionFigures(Part):
    """`microseconds`: one tweet a call, on one core of the machine that registered it; `megabytes`: three files."""

    metrics: list[SetFigures]
    microseconds: float
    megabytes: float


def measure_figures(bundle: Bundle) -> VersionFigures:
    """On the golden texts, which are always at hand: what `trainer compare` measures on test sets takes longer."""
    with serving_cost.one_core():
        microseconds = serving_cost.microseconds_alone(bundle, golden_texts())
    return VersionFigures(
        metrics=build_metrics(bundle.card.metrics),
        microseconds=round(microseconds, 1),
        megabytes=round(bundle.megabytes, 3),
    )


def build_metrics(metrics: Sequence[Scores]) -> list[SetFigures]:
    kept = set(SetFigures.model_fields)
    return [SetFigures.model_validate(scores.model_dump(include=kept)) for scores in metrics]


def write_tag(figures: VersionFigures) -> str:
    """As JSON that is shorter than LONGEST: where there are very many test sets, the last are left out."""
    while len(tag := figures.model_dump_json()) >= LONGEST:
        figures = figures.model_copy(update={"metrics": figures.metrics[:-1]})
    return tag
