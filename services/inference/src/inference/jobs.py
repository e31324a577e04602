"""What a worker does beside answering: alert rules, messages, copies to Application Insights, and forgetting."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from socket import gethostname

from pydantic import ValidationError
from sqlalchemy import Engine

from inference.alerting.alert_store import AlertStore
from inference.alerting.burst import BurstRule
from inference.alerting.deliver import Deliverer
from inference.alerting.delivery_store import DeliveryStore
from inference.alerting.mail import SmtpSettings
from inference.alerting.notifiers import Notifier, build_notifiers
from inference.alerting.rate import RateRule
from inference.alerting.watch import AlertRules, Watch
from inference.alerting.watch_store import WatchStore
from inference.background import Background, Job
from inference.metrics import Metrics
from inference.privacy import Privacy
from inference.retention import Retention
from inference.settings import Settings
from inference.telemetry.items import Sink, SinkNames
from inference.telemetry.outbox import TelemetryOutbox
from inference.telemetry.sender import Sender
from inference.telemetry.sinks import build_sink
from inference.telemetry.telemetry import Telemetry

EVERY_SECONDS = 1.0
FORGET_EVERY_SECONDS = 60.0
SMTP_SECONDS = 5.0
SMTP_VARIABLES = {
    "host": "INFERENCE_SMTP_HOST",
    "port": "INFERENCE_SMTP_PORT",
    "user": "INFERENCE_SMTP_USER",
    "password": "INFERENCE_SMTP_PASSWORD",
    "sender": "INFERENCE_ALERT_MAIL_FROM",
    "recipients": "INFERENCE_ALERT_MAIL_TO",
}


def now() -> datetime:
    return datetime.now(UTC)


def build_rules(settings: Settings) -> AlertRules:
    window = timedelta(minutes=settings.alert_minutes)
    burst = BurstRule(settings.alert_rejections, window, settings.alert_user_cap) if settings.alert_rejections else None
    every = settings.alert_false_alarm_every
    return AlertRules(
        burst=burst,
        rate=RateRule(every, settings.alert_baseline) if every else None,
        user_cap=settings.alert_user_cap,
        window=window,
        flood=settings.alert_flood,
        cooldown=timedelta(minutes=settings.alert_cooldown_minutes),
    )


def check_destinations(settings: Settings) -> None:
    """The end of the process with one line, where somebody is to be told who cannot be."""
    try:
        build_notifiers(settings.alert_urls.get_secret_value().split(), None)
    except ValueError as error:
        raise SystemExit(f"error: INFERENCE_ALERT_URLS: {error}") from None
    try:
        build_smtp(settings)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        variable = SMTP_VARIABLES.get(field, "INFERENCE_SMTP_USER")
        reason = "must be mail addresses" if field in ("sender", "recipients") else first["msg"]
        raise SystemExit(f"error: {variable}: {reason}") from None


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


@dataclass(frozen=True, slots=True)
class Beside:
    """What goes on beside the requests, and what they leave for it."""

    background: Background
    destinations: list[str]
    privacy: Privacy
    # None where nothing leaves for Application Insights.
    telemetry: Telemetry | None
    sink: Sink | None

    async def stop(self) -> None:
        await self.background.stop()
        if self.sink is not None:
            self.sink.close()


def build_beside(settings: Settings, engine: Engine, metrics: Metrics) -> Beside:
    """Raises ValueError where a destination or the connection string is none."""
    background = Background()
    privacy = build_privacy(settings)
    notifiers = build_destinations(settings)
    destinations = [notifier.destination for notifier in notifiers]
    watch = Watch(WatchStore(engine), build_rules(settings), destinations, metrics, now)
    background.add(Job("alert-rules", watch.look, EVERY_SECONDS))
    alerts, deliveries = AlertStore(engine), DeliveryStore(engine)
    for number, notifier in enumerate(notifiers, 1):
        deliverer = Deliverer(notifier, deliveries, alerts, privacy, metrics, settings.alert_page_url, now)
        background.add(Job(f"deliver-{number}", deliverer.deliver, EVERY_SECONDS))
    forget = partial(forget_some, Retention(engine), settings.retention_days)
    background.add(Job("retention", forget, FORGET_EVERY_SECONDS, is_woken=False))
    sink = build_sink(settings.telemetry_exporter, connection_string(settings), SinkNames(instance=gethostname()))
    telemetry = None
    if sink is not None:
        include_text = settings.telemetry_include_text
        telemetry = Telemetry(privacy, settings.telemetry_served_share, include_text=include_text)
        sender = Sender(sink, TelemetryOutbox(engine), telemetry, privacy, metrics, include_text=include_text)
        background.add(Job("telemetry", sender.send, EVERY_SECONDS))
    return Beside(background, destinations, privacy, telemetry, sink)


def build_privacy(settings: Settings) -> Privacy:
    key = settings.subject_key.get_secret_value()
    return Privacy(key, mask_text=settings.mask_text, keep_handles=settings.mask_keep_handles)


def connection_string(settings: Settings) -> str | None:
    return settings.applicationinsights_connection_string.get_secret_value() or None


def forget_some(retention: Retention, days: float) -> bool:
    moment = now()
    retention.erase_again(moment)
    return bool(days) and retention.expire(moment - timedelta(days=days))
