"""What goes over the wire: the requests, strict, and the answers."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from inference.bundle import Metric
from inference.store import Verdict

NUL_FREE = r"^[^\u0000]*$"


def refuse_nul(value: str) -> str:
    # Postgres cannot keep this character.
    if "\0" in value:
        raise PydanticCustomError("nul", "must not contain the NUL character")
    return value


def refuse_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "must not be blank")
    return value


Text = Annotated[
    str,
    AfterValidator(refuse_nul),
    AfterValidator(refuse_blank),
    Field(
        description="Not blank; its length is counted in characters after Unicode NFC.",
        json_schema_extra={"minLength": 1, "maxLength": 1000, "pattern": NUL_FREE},
    ),
]
Comment = Annotated[
    str, Field(max_length=1000), AfterValidator(refuse_nul), Field(json_schema_extra={"pattern": NUL_FREE})
]


class RequestBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PredictionRequest(RequestBody):
    text: Text


class BatchRequest(RequestBody):
    texts: list[Text] = Field(min_length=1, max_length=256)


class FeedbackRequest(RequestBody):
    prediction_id: str
    verdict: Verdict
    label: str | None = Field(default=None, description="The right label, one of the prediction's own.")
    comment: Comment | None = None


class ModelReference(BaseModel):
    name: str
    version: str = Field(description='The registry\'s version, or "pretrained".', examples=["3"])
    digest: str = Field(description="SHA-256 of the bundle's description, which holds its files' hashes.")


class PredictionAnswer(BaseModel):
    prediction_id: UUID
    label: str
    probability: float = Field(description="The probability of the given label.")
    probabilities: dict[str, float]
    abstained: bool = Field(description="True where the model is too unsure to be relied on.")
    model: ModelReference


class TokenContribution(BaseModel):
    token: str = Field(description="As it stands in the text.")
    start: int = Field(description="Its first character.")
    end: int = Field(description="The character after its last.")
    contribution: float = Field(description="What it adds to the log-odds of the label.")


class ExplanationAnswer(BaseModel):
    prediction_id: UUID
    label: str = Field(description="The label that is explained: that of the prediction.")
    log_odds: float = Field(description="Of the label, for this text: the baseline and all contributions together.")
    baseline: float = Field(description="Of the label, for a text without a token.")
    tokens: list[TokenContribution]
    model: ModelReference = Field(description="The model that explains: the one that serves now.")


class BatchAnswer(BaseModel):
    predictions: list[PredictionAnswer]


class PredictionItem(PredictionAnswer):
    text: str
    created_at: AwareDatetime


class PredictionPage(BaseModel):
    items: list[PredictionItem]
    next_since: int


class FeedbackAnswer(BaseModel):
    prediction_id: UUID
    verdict: Verdict
    label: str | None
    comment: str | None
    created_at: AwareDatetime


class FeedbackItem(FeedbackAnswer):
    predicted_label: str
    text: str
    model_version: str


class FeedbackPage(BaseModel):
    items: list[FeedbackItem]
    next_since: int


class RefusedModel(BaseModel):
    version: str
    reason: str
    at: AwareDatetime


class ModelAnswer(ModelReference):
    labels: list[str]
    metrics: list[Metric]
    since: AwareDatetime
    refused: RefusedModel | None


class HealthAnswer(BaseModel):
    status: str = Field(examples=["ready"])
