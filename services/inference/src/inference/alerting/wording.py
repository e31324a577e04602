"""An alert in the words of a message."""

from collections.abc import Sequence
from datetime import datetime

from inference.alerting.alert_store import Alert, AlertExample
from inference.alerting.delivery_store import DueDelivery
from inference.alerting.interval import wilson
from inference.alerting.message import Message, Severity
from inference.cpu_budget import BudgetWarning, Reason
from inference.privacy import Privacy

LONGEST_EXAMPLE = 280

HEADINGS = {
    "burst": "Several answers of the model were rejected within minutes",
    "rate": "The share of rejected answers has risen",
    "flood": "One person rejects answers by the dozen",
    "drift": "Live tweets are no longer like those the model was trained on",
}


BUDGET_HEADINGS: dict[Reason, str] = {
    "day": "The processor time of the day is running out",
    "five_minutes": "The processor time of five minutes is running out",
}
BUDGET_ADVICE: dict[Reason, str] = {
    "day": "When it is gone the plan stops the site until the next day. Fewer tweets help, or a larger plan.",
    "five_minutes": "When it is gone the plan stops the site for a while. Fewer tweets at once help, or a larger plan.",
}


def word_test(delivery: DueDelivery) -> Message:
    body = "This is a test: alerts of the sentiment model reach you here. Nothing has to be done."
    return Message(str(delivery.delivery_id), "Test: alerts reach you here", body, "info")


def word_budget(delivery: DueDelivery, reason: Reason, warning: BudgetWarning | None) -> Message:
    """Without the figures where they are not kept any more."""
    body = [
        BUDGET_HEADINGS[reason] + f", {moment(delivery.created_at)}.",
        *([] if warning is None else word_spent(warning)),
        BUDGET_ADVICE[reason],
    ]
    return Message(str(delivery.delivery_id), BUDGET_HEADINGS[reason], "\n\n".join(body), "warning")


def word_spent(warning: BudgetWarning) -> list[str]:
    spent, budget = warning.spent_seconds / 60, warning.budget_seconds / 60
    said = f"Spent: {spent:.1f} of {budget:.1f} minutes ({warning.share:.0%})."
    gone = warning.exhausted_at
    if gone is None:
        return [said]
    rest = "Nothing is left." if gone <= warning.at else f"At this pace the rest lasts until {moment(gone)}."
    return [f"{said} {rest}"]


def word_closed(delivery: DueDelivery, alert: Alert) -> Message:
    body = [
        f"{HEADINGS[alert.rule]}: this is over, {alert.closed_because}.",
        f"It began {moment(alert.since)}, and was last seen {moment(alert.last_seen_at)}.",
        f"Alert {alert.alert_id}",
    ]
    subject = f"Over: {HEADINGS[alert.rule].lower()}"
    return Message(str(delivery.delivery_id), subject, "\n\n".join(body), "info")


def word_opened(
    delivery: DueDelivery,
    alert: Alert,
    note: str | None,
    examples: Sequence[AlertExample],
    page_url: str,
    privacy: Privacy,
) -> Message:
    """With the note of its opening: what there is to say that stands in no number."""
    body = [
        f"{HEADINGS[alert.rule]}, since {moment(alert.since)}.",
        *word_end(alert),
        *([note] if note else []),
        f"Model version: {alert.model_version}\n{observed(alert)}",
        *word_examples(examples, privacy),
        f"Look at it, and say that you do: {page_url}" if page_url else "Somebody should look at it, and say so.",
        f"Alert {alert.alert_id}",
    ]
    severity: Severity = "critical" if alert.rule == "rate" else "warning"
    return Message(str(delivery.delivery_id), HEADINGS[alert.rule], "\n\n".join(body), severity)


def word_end(alert: Alert) -> list[str]:
    # For whoever was not reached before.
    return [] if alert.closed_at is None else [f"It is over since {moment(alert.closed_at)}: {alert.closed_because}."]


def observed(alert: Alert) -> str:
    """The share of rejections among the last verdicts, and how well it is known from so few."""
    if alert.judged == 0:
        return "No verdict counts yet."
    low, high = wilson(alert.rejected, alert.judged)
    share = alert.rejected / alert.judged
    return (
        f"Rejected: {alert.rejected} of the last {alert.judged} verdicts, {share:.0%} (95 %: {low:.0%} to {high:.0%})"
    )


def word_examples(examples: Sequence[AlertExample], privacy: Privacy) -> list[str]:
    if not examples:
        return []
    return ["Rejected, among others:\n" + "\n".join(word_example(example, privacy) for example in examples)]


def word_example(example: AlertExample, privacy: Privacy) -> str:
    text = " ".join(privacy.masked(example.text).split())
    shown = f"{text[:LONGEST_EXAMPLE]}…" if len(text) > LONGEST_EXAMPLE else text
    said = f"{example.predicted_label} {example.probability:.2f}"
    right = f", people say {example.corrected_label}" if example.corrected_label else ""
    return f"- {shown or '(not kept any more)'} [{said}{right}]"


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
