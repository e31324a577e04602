"""What the API says of activity: what came in and what people said of it, hour by hour."""

from pydantic import AwareDatetime, BaseModel


class ActivityHour(BaseModel):
    # Its beginning, a whole hour in UTC.
    hour: AwareDatetime
    predictions: int
    # By the label that was answered; any word.
    labels: dict[str, int]
    abstained: int
    judged: int
    rejected: int


class Judgement(BaseModel):
    """The last verdict on each prediction."""

    judged: int
    rejected: int
    # None where nothing was judged.
    rejected_share: float | None
    rejected_share_low: float
    rejected_share_high: float


class Activity(Judgement):
    # In order of time; hours without anything are left out.
    items: list[ActivityHour]
    # Of the predictions that were drawn by lot.
    audit: Judgement

    @property
    def said(self) -> Judgement:
        return Judgement.model_validate(self.model_dump(include=set(Judgement.model_fields)))
