"""`model.json`: what a bundle says about itself, typed."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FORMAT_VERSION = 1

Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class DatasetCard(Part):
    """The dataset a model was fitted on; `train`, `validation` and `test` are numbers of tweets."""

    name: str
    fingerprint: str
    train: int
    validation: int
    test: int


class Scores(Part):
    """One evaluation. `accuracy_low` and `accuracy_high` bound the 95 % Wilson interval.

    `accuracy` and the macro figures are those of the label that is served, chosen at the card's threshold.
    `argmax_accuracy` is that of the most probable label: what it lacks is the model's fault, the rest is the price of
    the threshold. The fields with a default are missing in cards written before there were any.
    """

    dataset: str
    split: str
    size: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    auc: float
    log_loss: float
    calibration_error: float
    macro_recall: float | None = None  # the mean of the labels' recalls: what TweetEval ranks by
    argmax_accuracy: float | None = None


class GoldenTweet(Part):
    """A text of our own writing and the probabilities that a healthy copy of the bundle gives it."""

    text: str
    probabilities: list[float]


class Card(Part):
    format_version: int = FORMAT_VERSION
    name: str = Field(min_length=1, max_length=100)
    labels: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(min_length=2, max_length=3)
    threshold: Share
    abstain_band: tuple[Share, Share]
    max_tokens: int = Field(ge=1)
    command: str
    dataset: DatasetCard
    metrics: list[Scores]
    libraries: dict[str, str]
    files: dict[str, str]
    golden: list[GoldenTweet]

    @model_validator(mode="after")
    def check_labels_and_band(self) -> Self:
        if "negative" not in self.labels or len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels {self.labels} must be distinct and hold 'negative'")
        if self.abstain_band[0] > self.abstain_band[1]:
            raise ValueError("abstain_band must not end before it begins")
        return self
