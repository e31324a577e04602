"""What a person says of one tweet of the queue, and what became of it on its way to the API."""

from dataclasses import dataclass
from datetime import UTC, datetime

from ui.api.client import Client
from ui.api.errors import ApiError
from ui.api.predictions import ReviewItem, Verdict
from ui.elements.failure import can_be_retried


@dataclass(eq=False)
class Answer:
    item: ReviewItem
    label: str
    comment: str | None
    reviewer: str | None
    idempotency_key: str
    # Once true it may stand, whatever was heard of it.
    was_tried: bool = False
    stored_at: datetime | None = None
    failure: ApiError | None = None

    @property
    def verdict(self) -> Verdict:
        return "confirmed" if self.label == self.item.label else "rejected"

    @property
    def is_refused(self) -> bool:
        return self.failure is not None and not can_be_retried(self.failure)

    def send(self, client: Client) -> None:
        """Again with the same key: it is stored once."""
        try:
            client.send_feedback(
                self.item.prediction_id,
                self.verdict,
                idempotency_key=self.idempotency_key,
                label=None if self.verdict == "confirmed" else self.label,
                comment=self.comment,
                reviewer=self.reviewer,
            )
        except ApiError as error:
            self.failure = error
            return
        self.failure, self.stored_at = None, datetime.now(UTC)
