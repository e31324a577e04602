"""`model.json`: what a bundle says about itself, typed."""

from pydantic import BaseModel, ConfigDict

FORMAT_VERSION = 1


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatasetCard(Part):
    """The dataset a model was fitted on; `train`, `validation` and `test` are numbers of tweets."""

    name: str
    fingerprint: str
    train: int
    validation: int
    test: int


class Scores(Part):
    """One evaluation. `accuracy_low` and `accuracy_high` bound the 95 % Wilson interval."""

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


class GoldenTweet(Part):
    """A text of our own writing and the probabilities that a healthy copy of the bundle gives it."""

    text: str
    probabilities: list[float]


class Card(Part):
    format_version: int = FORMAT_VERSION
    name: str
    labels: list[str]
    threshold: float
    abstain_band: tuple[float, float]
    max_tokens: int
    command: str
    dataset: DatasetCard
    metrics: list[Scores]
    libraries: dict[str, str]
    files: dict[str, str]
    golden: list[GoldenTweet]
