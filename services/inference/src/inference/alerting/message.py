"""What is told about an alert: the same words to everybody who is told."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class Message:
    """Texts as they were composed: each notifier makes them safe for where it sends them."""

    # The same on each attempt, of letters, digits and dashes: a receiver may drop repeats by it.
    message_id: str
    subject: str
    # Plain text of any number of lines.
    body: str
    severity: Severity
