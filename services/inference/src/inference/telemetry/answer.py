"""What the answer of the ingestion endpoint means for each item that was sent.

Both sinks read it here, because neither library says it: one answer stands for a whole batch, a batch taken in part
counts as failed, and a quota that is used up looks like a mistake of the sender.
"""

from dataclasses import dataclass

from pydantic import BaseModel, Field, ValidationError

from inference.telemetry.items import Outcome

ALL_TAKEN, SOME_TAKEN = 200, 206
# Who may not send now, may later: rights and quotas are mended on the other side (402 and 439 are the quotas).
LATER_STATUSES = frozenset({401, 402, 403, 408, 429, 439})
# The resource itself keeps one in so many, and would again.
SAMPLED_OUT = "telemetry sampled out."


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class ItemError(BaseModel):
    index: int = Field(ge=0)
    status: int = Field(alias="statusCode")
    message: str | None = None

    @property
    def outcome(self) -> Outcome:
        if (self.message or "").lower() == SAMPLED_OUT:
            return Outcome.REFUSED
        return outcome_of_status(self.status)


class PartialAnswer(BaseModel):
    errors: list[ItemError]


def read_outcomes(answer: Answer | None, count: int) -> list[Outcome]:
    """One for each of so many items; no answer is that of an endpoint that was away.

    A partial answer that cannot be read makes all of them LATER: twice is better than never.
    """
    if answer is None:
        return [Outcome.LATER] * count
    if answer.status != SOME_TAKEN:
        return [outcome_of_status(answer.status)] * count
    try:
        return read_partial(PartialAnswer.model_validate_json(answer.body), count)
    except (ValidationError, IndexError):
        return [Outcome.LATER] * count


def read_partial(answer: PartialAnswer, count: int) -> list[Outcome]:
    """Raises IndexError where it speaks of an item that was not sent."""
    outcomes = [Outcome.ACCEPTED] * count
    for error in answer.errors:
        outcomes[error.index] = error.outcome
    return outcomes


def outcome_of_status(status: int) -> Outcome:
    """Of the whole request, or of one item in a partial answer."""
    if status == ALL_TAKEN:
        return Outcome.ACCEPTED
    # Below 400: a redirect that leads nowhere.
    if status in LATER_STATUSES or status < 400 or status >= 500:
        return Outcome.LATER
    return Outcome.REFUSED
