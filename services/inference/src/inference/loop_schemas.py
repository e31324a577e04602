"""What goes over the wire of the loop: promotions and their journal, versions, the shadow, drift, the review queue."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from inference.drift_store import DriftState
from inference.schemas import NUL_FREE, PredictionItem, RequestBody, Subject, refuse_blank, refuse_nul
from inference.version_figures import VersionFigures

MoveKind = Literal["promotion", "rollback", "found"]
ReviewReason = Literal["audit", "uncertain", "disputed", "novel"]


Reason = Annotated[
    str,
    Field(min_length=1, max_length=1000, description="Why; it is read when something went wrong."),
    AfterValidator(refuse_nul),
    AfterValidator(refuse_blank),
    Field(json_schema_extra={"pattern": NUL_FREE}),
]
Words = Annotated[
    str, Field(max_length=300), AfterValidator(refuse_nul), Field(json_schema_extra={"pattern": NUL_FREE})
]
# It becomes part of log lines and of messages: no blanks, and no signs that cannot be seen.
ReportedVersion = Annotated[str, Field(max_length=100, pattern=r"^[!-~]+$", examples=["3"])]


class PromotionRequest(RequestBody):
    version: str = Field(
        pattern=r"^([0-9]{1,18}|[a-z][a-z0-9_-]{0,49})$", description="A number, or an alias.", examples=["challenger"]
    )
    reason: Reason
    by: Subject = Field(description="Who; kept as it is.")


class RollbackRequest(RequestBody):
    reason: Reason
    by: Subject = Field(description="Who; kept as it is.")


class JournalEntry(BaseModel):
    at: AwareDatetime
    kind: MoveKind = Field(description="`found`: the registry's alias was moved without this service.")
    by: str | None
    reason: str | None
    from_version: str | None
    from_digest: str | None
    to_version: str
    to_digest: str | None


class JournalAnswer(BaseModel):
    items: list[JournalEntry] = Field(description="The latest first.")
    champion: JournalEntry | None = Field(description="The move by which the champion of the moment asked for came.")
    rollback_to: str | None = Field(
        description="The version that a rollback would have gone back to at that moment; null where there is none."
    )


class GateCheck(BaseModel):
    name: str
    passed: bool
    found: str


class GateVerdict(BaseModel):
    """As the trainer stored it with the version."""

    passed: bool
    at: AwareDatetime
    digest: str = Field(description="Of the bundle that was judged.")
    against_version: str | None = Field(description="The champion of that time; null where there was none.")
    against_digest: str | None
    checks: list[GateCheck]


class RegisteredVersion(BaseModel):
    version: str
    digest: str | None
    candidate: str | None
    dataset: str | None
    created_at: AwareDatetime
    aliases: list[str]
    verdict: GateVerdict | None = Field(description="Null where the version has not been through the gate.")
    refusal: str | None = Field(
        description="Why it may not be promoted now; null where its verdict allows it. Its bundle is looked at then."
    )
    card: str | None = Field(description="The model card, Markdown.")
    figures: VersionFigures | None = Field(description="Null where there are none, or none that can be read.")
    run_id: str | None = Field(description="MLflow's run that made the version; null where there was none.")
    experiment_id: str | None = Field(
        description="MLflow's experiment that holds the run; null where the trainer has not left it. The run's page in "
        "MLflow is `/#/experiments/{experiment_id}/runs/{run_id}`."
    )


class ModelList(BaseModel):
    registered_model: str
    champion: str | None
    challenger: str | None
    items: list[RegisteredVersion] = Field(description="The latest first.")


class Disagreement(BaseModel):
    prediction_id: UUID
    text: str | None = Field(description="Masked; null where it is not kept any more, or not yet.")
    champion_label: str
    label: str
    probability: float
    right_label: str | None = Field(description="What a person said, where one did.")
    created_at: AwareDatetime


class ShadowAnswer(BaseModel):
    """A challenger beside a champion on the same live tweets."""

    challenger_version: str
    challenger_digest: str
    champion_version: str
    champion_digest: str
    since: AwareDatetime
    until: AwareDatetime
    compared: int
    disagreed: int
    disagreed_share: float
    disagreed_share_low: float = Field(description="95 % interval (Wilson).")
    disagreed_share_high: float
    dropped: int = Field(description="Sampled, and left out because too much waited.")
    champion_microseconds: float = Field(description="Mean, for one text, on the same texts in one thread.")
    challenger_microseconds: float
    challenger_right: int = Field(description="Disagreements that people judged: so often the challenger was right.")
    champion_right: int
    p_value: float | None = Field(description="McNemar's exact test on those; null where there are none.")
    disagreements: list[Disagreement] = Field(description="The latest.")


class ShadowList(BaseModel):
    items: list[ShadowAnswer] = Field(description="The latest pair first.")


class DriftMonitor(RequestBody):
    name: Annotated[str, Field(min_length=1, max_length=60, pattern=NUL_FREE)]
    statistic: float = Field(allow_inf_nan=False)
    threshold: float = Field(allow_inf_nan=False)
    moved: bool
    words: Words


class DriftReportRequest(RequestBody):
    model_version: ReportedVersion
    model_digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    state: DriftState
    reasons: list[Words] = Field(max_length=20)
    monitors: list[DriftMonitor] = Field(max_length=40)
    windows: int = Field(ge=0, le=1_000_000)
    predictions: int = Field(ge=0, le=2**31 - 1)
    since: int = Field(ge=0, le=2**63 - 1)
    until: int = Field(ge=0, le=2**63 - 1)
    reference: Words
    link: Annotated[str, Field(max_length=1000, pattern=r"^https?://[^\s\u0000]+$")] | None = None


class DriftReport(BaseModel):
    report_id: UUID
    at: AwareDatetime
    model_version: str
    model_digest: str
    state: DriftState
    reasons: list[str]
    monitors: list[DriftMonitor]
    windows: int
    predictions: int
    since: int
    until: int
    reference: str
    link: str | None


class DriftReportList(BaseModel):
    items: list[DriftReport] = Field(description="The latest first.")


class ReviewItem(PredictionItem):
    why: ReviewReason = Field(
        description="`audit`: drawn by lot; `uncertain`: near the threshold; `disputed`: people, or the challenger, "
        "say otherwise; `novel`: words that the model does not know."
    )


class ReviewQueue(BaseModel):
    items: list[ReviewItem]
    judged_today: int = Field(description="Predictions that got a verdict since midnight UTC.")
