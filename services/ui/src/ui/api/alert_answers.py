"""What the API says of alerts: as much of its contract as the pages use."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel


class Alert(BaseModel):
    alert_id: UUID
    # Any word: a rule that the wording does not know is shown too.
    rule: str
    state: Literal["open", "closed"]
    model_version: str
    since: AwareDatetime
    last_seen_at: AwareDatetime
    times_seen: int
    judged: int
    rejected: int
    # None where no verdict counts yet.
    rejected_share: float | None
    rejected_share_low: float
    rejected_share_high: float
    acknowledged_at: AwareDatetime | None
    acknowledged_by: str | None
    closed_at: AwareDatetime | None
    closed_because: str | None

    @property
    def is_open(self) -> bool:
        return self.state == "open"


class AlertList(BaseModel):
    items: list[Alert]


class AlertEvent(BaseModel):
    at: AwareDatetime
    event: str
    by: str | None
    note: str | None


class AlertExample(BaseModel):
    # Masked; None where it is not kept any more.
    text: str | None
    predicted_label: str
    corrected_label: str | None
    probability: float


class Attempt(BaseModel):
    at: AwareDatetime
    # None where it went well.
    error: str | None


class Delivery(BaseModel):
    """A message to one destination, and each attempt to bring it there."""

    purpose: str
    destination: str
    state: Literal["waiting", "delivered", "given_up"]
    delivered_at: AwareDatetime | None
    attempts: list[Attempt]


class DeliveryList(BaseModel):
    items: list[Delivery]


class AlertDetails(Alert):
    history: list[AlertEvent]
    examples: list[AlertExample]
    deliveries: list[Delivery]
