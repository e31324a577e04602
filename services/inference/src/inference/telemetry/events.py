"""The events that Application Insights gets, as its queries (infra/azure/alerts) expect them."""

from datetime import UTC, datetime

from pydantic_core import from_json

from inference.cpu_budget import BudgetWarning
from inference.privacy import Privacy
from inference.telemetry.items import Event
from inference.telemetry.outbox import RejectionCopy

REJECTED = "prediction_rejected"
SERVED = "prediction_served"
CPU_BUDGET_LOW = "cpu_budget_low"


def describe_rejected(copy: RejectionCopy, privacy: Privacy, *, include_text: bool) -> Event:
    properties = {
        # The same on every attempt: a copy may arrive twice.
        "feedback_id": f"{copy.prediction_id}:{copy.sequence}",
        "prediction_id": str(copy.prediction_id),
        "predicted_label": copy.predicted_label,
        "corrected_label": copy.corrected_label or "",
        "probability": f"{copy.probability:.4f}",
        "model_name": copy.model_name,
        "model_version": copy.model_version,
        "text_length": str(len(copy.text)),
    }
    return Event(REJECTED, with_text(properties, copy.text, privacy, include_text=include_text), copy.created_at)


def describe_served(row: bytes, privacy: Privacy, *, include_text: bool, stands_for: int) -> Event:
    """`row` as inference.rows builds it: a prediction is described from it where there is time to."""
    prediction = from_json(row)
    properties = {
        "prediction_id": prediction["prediction_id"],
        "label": prediction["label"],
        "probability": f"{prediction['probability']:.4f}",
        "model_name": prediction["model_name"],
        "model_version": prediction["model_version"],
        "text_length": str(len(prediction["text"])),
    }
    at = datetime.fromisoformat(prediction["created_at"]).replace(tzinfo=UTC)
    text = prediction["text"]
    return Event(SERVED, with_text(properties, text, privacy, include_text=include_text), at, stands_for)


def describe_low_budget(warning: BudgetWarning) -> Event:
    gone = warning.exhausted_at
    properties = {
        "reason": warning.reason,
        "spent_seconds": f"{warning.spent_seconds:.1f}",
        "budget_seconds": f"{warning.budget_seconds:.0f}",
        "share": f"{warning.share:.3f}",
        # Empty where the budget lasts at this pace.
        "exhausted_at": "" if gone is None else gone.astimezone(UTC).isoformat(timespec="seconds"),
    }
    return Event(CPU_BUDGET_LOW, properties, warning.at)


def with_text(properties: dict[str, str], text: str, privacy: Privacy, *, include_text: bool) -> dict[str, str]:
    return properties | ({"text": privacy.masked(text)} if include_text else {})
