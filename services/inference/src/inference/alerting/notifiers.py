"""Who is told about an alert: a notifier for each address of the settings."""

from collections.abc import Sequence
from typing import Protocol

from inference.alerting.failure import DeliveryFailed
from inference.alerting.mail import MailNotifier, SmtpSettings
from inference.alerting.message import Message

__all__ = ["DeliveryFailed", "Notifier", "build_notifiers"]


class Notifier(Protocol):
    @property
    def destination(self) -> str:
        """The key of the receiver in the outbox: the same after a restart, and without secrets."""

    def send(self, message: Message) -> None:
        """Returns once the receiver has taken the message. Raises DeliveryFailed, and nothing else.

        It blocks for some seconds at most where the receiver does not answer, and may have been delivered even so.
        """


def build_notifiers(alert_urls: Sequence[str], smtp: SmtpSettings | None) -> list[Notifier]:
    """In their order, each receiver once. Raises ValueError, which names an address by its place and not by its text.

    Each recipient of mail is a receiver: if one is refused for good, the others do not get each repeat.
    """
    notifiers = [build_from_url(url, place) for place, url in enumerate(alert_urls, 1)]
    if smtp is not None:
        notifiers += [MailNotifier(smtp.to_one(recipient)) for recipient in smtp.recipients]
    return list({notifier.destination: notifier for notifier in notifiers}.values())


def build_from_url(url: str, place: int) -> Notifier:
    # A service that tells nobody, or only by mail, does not pay for the import.
    from inference.alerting.apprise_notifier import AppriseNotifier

    try:
        return AppriseNotifier(url.strip())
    except ValueError as error:
        raise ValueError(f"alert URL {place}: {error}") from None
