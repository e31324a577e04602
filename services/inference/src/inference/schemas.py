"""What goes over the wire: the requests, strict, and the answers."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from inference.alerting.delivery_store import Purpose
from inference.alerting.incidents import Kind, Rule
from inference.bundle import Metric
from inference.feedback_store import Verdict

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

Subject = Annotated[
    str,
    Field(min_length=1, max_length=128),
    AfterValidator(refuse_nul),
    AfterValidator(refuse_blank),
    Field(json_schema_extra={"pattern": NUL_FREE}),
]
SUBJECT = "Any id that the caller knows the person by; kept as a pseudonym, by which the person's data can be erased."


class RequestBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PredictionRequest(RequestBody):
    text: Text
    author: Subject | None = Field(default=None, description=f"Who wrote the tweet. {SUBJECT}")


class BatchRequest(RequestBody):
    texts: list[Text] = Field(min_length=1, max_length=256)
    authors: list[Subject | None] | None = Field(
        default=None, max_length=256, description=f"Who wrote them, one for each text. {SUBJECT}"
    )


class FeedbackRequest(RequestBody):
    prediction_id: str
    verdict: Verdict
    label: str | None = Field(default=None, description="The right label, one of the prediction's own.")
    comment: Comment | None = None
    reviewer: Subject | None = Field(
        default=None, description=f"Who judges. Of one person only so much counts in the alert rules. {SUBJECT}"
    )


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
    text: str = Field(description="As it is kept, which is what `start` and `end` count in.")
    label: str = Field(description="The label that is explained: that of the prediction.")
    log_odds: float = Field(description="Of the label, for this text: the baseline and all contributions together.")
    baseline: float = Field(description="Of the label, for a text without a token.")
    tokens: list[TokenContribution]
    model: ModelReference = Field(description="The model that explains: the one that serves now.")


class BatchAnswer(BaseModel):
    predictions: list[PredictionAnswer]


class PredictionItem(PredictionAnswer):
    text: str | None = Field(description="Null where it is not kept any more.")
    created_at: AwareDatetime
    audited: bool = Field(description="Drawn by lot: people are asked to judge it, whatever others say of it.")


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
    reviewer: str | None = Field(
        description="The pseudonym of the person who was named; `erased-…` where they were erased."
    )
    predicted_label: str
    text: str | None = Field(description="Null where it is not kept any more.")
    model_version: str
    audited: bool = Field(description="Whether the prediction was drawn by lot.")


class FeedbackPage(BaseModel):
    items: list[FeedbackItem]
    next_since: int


class AcknowledgeRequest(RequestBody):
    by: Subject = Field(description="Who looks after it; kept as it is.")
    note: Comment | None = None


class AlertAnswer(BaseModel):
    alert_id: UUID
    kind: Kind
    rule: Rule = Field(
        description="`burst`: several rejections within minutes; `rate`: their share has risen; `flood`: one person's; "
        "`drift`: live tweets are no longer like those the model was trained on."
    )
    state: Literal["open", "closed"]
    model_version: str
    since: AwareDatetime
    opened_at: AwareDatetime
    last_seen_at: AwareDatetime
    times_seen: int
    judged: int = Field(description="The last verdicts on this version that count, at most a hundred; a flood's own.")
    rejected: int = Field(description="So many of them.")
    rejected_share: float | None
    rejected_share_low: float = Field(description="95 % interval (Wilson).")
    rejected_share_high: float
    acknowledged_at: AwareDatetime | None
    acknowledged_by: str | None
    closed_at: AwareDatetime | None
    closed_because: str | None


class AlertList(BaseModel):
    items: list[AlertAnswer]


class AlertEventAnswer(BaseModel):
    at: AwareDatetime
    event: str = Field(examples=["opened", "acknowledged", "closed"])
    by: str | None
    note: str | None = Field(
        description="What somebody added, why it closed, or, where drift opened it, what has moved: a line each."
    )


class AlertExampleAnswer(BaseModel):
    prediction_id: UUID
    text: str | None = Field(description="Masked; null where it is not kept any more.")
    predicted_label: str
    corrected_label: str | None
    probability: float
    model_version: str


class AttemptAnswer(BaseModel):
    at: AwareDatetime
    error: str | None = Field(description="Null where it went well.")


class DeliveryAnswer(BaseModel):
    purpose: Purpose
    destination: str
    state: Literal["waiting", "delivered", "given_up"]
    created_at: AwareDatetime
    delivered_at: AwareDatetime | None
    attempts: list[AttemptAnswer]


class DeliveryList(BaseModel):
    items: list[DeliveryAnswer]


class AlertDetails(AlertAnswer):
    history: list[AlertEventAnswer]
    examples: list[AlertExampleAnswer]
    deliveries: list[DeliveryAnswer]


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
    release: str = Field(description="The commit that answers; empty where it is not known.")
