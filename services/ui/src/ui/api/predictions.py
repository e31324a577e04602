"""What the API says of tweets: as much of its contract as the pages use."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

Verdict = Literal["confirmed", "rejected"]
Probability = float


class ModelReference(BaseModel):
    name: str
    version: str
    digest: str


class Opinion(BaseModel):
    """What one model says of a text."""

    label: str
    probability: Probability = Field(ge=0, le=1)
    probabilities: dict[str, Probability]
    abstained: bool
    model: ModelReference


class Prediction(Opinion):
    prediction_id: str


class PredictionList(BaseModel):
    predictions: list[Prediction]


class Comparison(BaseModel):
    champion: Opinion
    # None where no challenger is in the API's memory.
    challenger: Opinion | None


class Contribution(BaseModel):
    """What a piece of the text, from the character `start` up to `end`, added to the label, in log-odds."""

    start: int
    end: int
    contribution: float


class Explanation(BaseModel):
    # As the API keeps it: masked, where that is set.
    text: str
    label: str
    tokens: list[Contribution]


class StoredFeedback(BaseModel):
    prediction_id: str
    verdict: Verdict
    label: str | None = None
    comment: str | None = None


class ReviewItem(Prediction):
    # None where it is not kept any more.
    text: str | None
    created_at: AwareDatetime
    # Any word: a reason that the wording does not know is shown too.
    why: str


class ReviewQueue(BaseModel):
    items: list[ReviewItem]
    judged_today: int
