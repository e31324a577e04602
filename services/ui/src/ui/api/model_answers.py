"""What the API says of models, moves, the shadow and drift: as much of its contract as the pages use."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel


class RefusedModel(BaseModel):
    version: str
    reason: str


class ServedModel(BaseModel):
    """What really answers, seconds behind the alias, or for longer where the champion's bundle was refused."""

    version: str
    refused: RefusedModel | None


class GateCheck(BaseModel):
    name: str
    passed: bool
    found: str


class GateVerdict(BaseModel):
    passed: bool
    at: AwareDatetime
    # Of the bundle that was judged.
    digest: str
    # The champion it was compared with; None where there was none.
    against_version: str | None
    against_digest: str | None
    checks: list[GateCheck]


class Score(BaseModel):
    """On one test set; shares from 0 to 1."""

    dataset: str
    split: str
    size: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float


class Figures(BaseModel):
    metrics: list[Score]
    # What one tweet costs on one core of the machine that registered the version.
    microseconds: float
    megabytes: float


class RegisteredVersion(BaseModel):
    version: str
    digest: str | None
    candidate: str | None
    dataset: str | None
    created_at: AwareDatetime
    aliases: list[str]
    verdict: GateVerdict | None
    # Why it may not be promoted now; None where it may.
    refusal: str | None
    # Markdown, by whoever may write into the registry.
    card: str | None
    # None where the version was registered without.
    figures: Figures | None = None
    # MLflow's own names of where it was trained.
    run_id: str | None = None
    experiment_id: str | None = None


class ModelList(BaseModel):
    registered_model: str = ""
    champion: str | None
    challenger: str | None
    items: list[RegisteredVersion]


class JournalEntry(BaseModel):
    at: AwareDatetime
    # Any word: a kind of move that the wording does not know is shown too.
    kind: str
    by: str | None
    reason: str | None
    from_version: str | None
    to_version: str
    to_digest: str | None


class Journal(BaseModel):
    # The latest first.
    items: list[JournalEntry]
    champion: JournalEntry | None
    # Where a rollback leads; None where there is no way back.
    rollback_to: str | None


class Disagreement(BaseModel):
    # Masked; None where it is not kept any more, or not yet.
    text: str | None
    champion_label: str
    label: str
    right_label: str | None


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
    disagreed_share_low: float
    disagreed_share_high: float
    dropped: int
    champion_microseconds: float
    challenger_microseconds: float
    challenger_right: int
    champion_right: int
    # None where nobody judged a disagreement.
    p_value: float | None
    disagreements: list[Disagreement]


class ShadowList(BaseModel):
    items: list[ShadowAnswer]


class DriftMonitor(BaseModel):
    name: str
    statistic: float
    threshold: float
    moved: bool
    words: str


class DriftReport(BaseModel):
    at: AwareDatetime
    model_version: str
    state: Literal["stable", "moved", "drifted"]
    reasons: list[str]
    monitors: list[DriftMonitor]
    windows: int
    predictions: int
    reference: str
    link: str | None


class DriftReportList(BaseModel):
    items: list[DriftReport]
