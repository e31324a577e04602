"""What goes over the wire of activity: hours, and what people said in them."""

from pydantic import AwareDatetime, BaseModel, Field


class ActivityHour(BaseModel):
    hour: AwareDatetime = Field(description="Its beginning, in UTC.")
    predictions: int = Field(description="Answered in this hour, each once; erasing texts changes nothing.")
    labels: dict[str, int] = Field(description="The same, by the label that was answered; one without any is left out.")
    abstained: int = Field(description="Of them, those that the model was too unsure of.")
    judged: int = Field(
        description="Predictions whose present verdict was given in this hour, whenever they were answered: of each "
        "the last verdict, at the moment since which it stands. One that is taken back moves to the hour of its "
        "successor; one that only gets a label or a comment stays."
    )
    rejected: int = Field(description="So many of them.")


class Judgement(BaseModel):
    """The last verdict on each prediction, as the figures of an alert count them."""

    judged: int = Field(
        description="Predictions whose present verdict stands since a moment of these hours. As in `GET /v1/alerts`, "
        "nothing counts of a person while a note of their flood is open. The rate rule, from the same verdicts, weighs "
        "the first on each prediction, and of one person only so many in some minutes."
    )
    rejected: int = Field(description="So many of them.")
    rejected_share: float | None = Field(description="Null where nothing was judged.")
    rejected_share_low: float = Field(description="95 % interval (Wilson).")
    rejected_share_high: float


class ActivityAnswer(Judgement):
    since: AwareDatetime = Field(description="The beginning of the first hour that is counted: the one asked for.")
    until: AwareDatetime = Field(description="The end of the last one.")
    items: list[ActivityHour] = Field(description="In order of time; hours without anything are left out.")
    audit: Judgement = Field(description="Of the predictions drawn by lot alone: these do not depend on who clicks.")
