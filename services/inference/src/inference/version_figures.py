"""What a version scores and costs, as the trainer keeps it in the tag `figures` beside the version."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inference.bundle import Share

# A tag may hold anything: what is far longer than what the trainer writes was not written by it.
Name = Annotated[str, Field(min_length=1, max_length=300)]
SETS = 100


class Figures(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class SetFigures(Figures):
    """As in the bundle's `model.json`."""

    dataset: Name
    split: Name
    size: int = Field(ge=1, description="Tweets in the test set.")
    accuracy: Share = Field(description="Share of right labels, chosen at the version's own threshold.")
    accuracy_low: Share = Field(description="95 % interval (Wilson).")
    accuracy_high: Share
    macro_f1: Share = Field(description="Mean of the labels' F1, from 0 to 1.")


class VersionFigures(Figures):
    metrics: list[SetFigures] = Field(max_length=SETS, description="One of each test set; where none is, empty.")
    microseconds: float = Field(
        gt=0,
        description="Processor time of one tweet, asked alone, on one core of the machine that registered the version: "
        "the median over the golden texts.",
    )
    megabytes: float = Field(gt=0, description="Of the bundle's three files; a million bytes each.")


def read_figures(tag: str | None) -> VersionFigures | None:
    """Figures that cannot be read are none."""
    try:
        return VersionFigures.model_validate_json(tag, strict=True) if tag else None
    except ValidationError:
        return None
