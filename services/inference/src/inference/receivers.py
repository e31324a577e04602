"""Those outside that the settings name: who is told of alerts, and Application Insights."""

from pydantic import ValidationError

from inference.alerting.mail import SmtpSettings
from inference.alerting.notifiers import Notifier, build_notifiers
from inference.settings import Settings
from inference.telemetry.connection import read_connection

SMTP_SECONDS = 5.0
SMTP_VARIABLES = {
    "host": "INFERENCE_SMTP_HOST",
    "port": "INFERENCE_SMTP_PORT",
    "user": "INFERENCE_SMTP_USER",
    "password": "INFERENCE_SMTP_PASSWORD",
    "sender": "INFERENCE_ALERT_MAIL_FROM",
    "recipients": "INFERENCE_ALERT_MAIL_TO",
}


def check_receivers(settings: Settings) -> None:
    """The end of the process with one line that names the variable, where one of them cannot be reached by it."""
    try:
        build_notifiers(settings.alert_urls.get_secret_value().split(), None)
    except ValueError as error:
        raise unusable("INFERENCE_ALERT_URLS", str(error)) from None
    try:
        build_smtp(settings)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = str(first["loc"][0]) if first["loc"] else "user"
        reason = "must be mail addresses" if field in ("sender", "recipients") else first["msg"]
        raise unusable(SMTP_VARIABLES[field], reason) from None
    given = connection_string(settings)
    if given is None or settings.telemetry_exporter == "none":
        return
    try:
        read_connection(given)
    except ValueError as error:
        raise unusable("APPLICATIONINSIGHTS_CONNECTION_STRING", str(error)) from None


def unusable(variable: str, reason: str) -> SystemExit:
    return SystemExit(f"error: {variable}: {reason}")


def build_smtp(settings: Settings) -> SmtpSettings | None:
    """Raises ValueError."""
    if not settings.smtp_host:
        return None
    return SmtpSettings(
        host=settings.smtp_host,
        port=settings.smtp_port,
        user=settings.smtp_user or None,
        password=settings.smtp_password if settings.smtp_user else None,
        sender=settings.alert_mail_from,
        recipients=tuple(settings.alert_mail_to.replace(",", " ").split()),
        security=settings.smtp_security,
        timeout=SMTP_SECONDS,
    )


def build_destinations(settings: Settings) -> list[Notifier]:
    """Raises ValueError, which names no secret."""
    return build_notifiers(settings.alert_urls.get_secret_value().split(), build_smtp(settings))


def connection_string(settings: Settings) -> str | None:
    return settings.applicationinsights_connection_string.get_secret_value() or None
