"""What a worker does beside answering: alert rules, messages, copies to Application Insights, and forgetting."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from socket import gethostname

from sqlalchemy import Engine

from inference.alerting.alert_store import AlertStore
from inference.alerting.burst import BurstRule
from inference.alerting.deliver import Deliverer, knows_of_none
from inference.alerting.delivery_store import DeliveryStore
from inference.alerting.rate import RateRule
from inference.alerting.watch import AlertRules, Watch
from inference.alerting.watch_store import WatchStore
from inference.background import Background, Job
from inference.cpu_watch import EVERY_SECONDS as CPU_EVERY_SECONDS
from inference.cpu_watch import CpuWatch, Telling, build_cpu_watch
from inference.metrics import Metrics
from inference.privacy import Privacy
from inference.receivers import build_destinations, connection_string
from inference.retention import Retention
from inference.settings import Settings
from inference.sqlite_copy import build_copy
from inference.telemetry.items import Sink, SinkNames
from inference.telemetry.outbox import TelemetryOutbox
from inference.telemetry.sender import Sender
from inference.telemetry.sinks import build_sink
from inference.telemetry.telemetry import Telemetry

EVERY_SECONDS = 1.0
# Where a plan counts processor time. What comes in wakes them all the same.
THRIFTY_EVERY_SECONDS = 5.0
FORGET_EVERY_SECONDS = 60.0


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


@dataclass(frozen=True, slots=True)
class Beside:
    """What goes on beside the requests, and what they leave for it."""

    background: Background
    destinations: list[str]
    privacy: Privacy
    # None where nothing leaves for Application Insights.
    telemetry: Telemetry | None
    sink: Sink | None
    # None where it cannot be measured.
    cpu: CpuWatch | None

    async def stop(self) -> None:
        await self.background.stop()
        if self.cpu is not None:
            self.cpu.stop()
        if self.sink is not None:
            self.sink.close()


def build_beside(settings: Settings, engine: Engine, metrics: Metrics) -> Beside:
    """Raises ValueError where a destination or the connection string is none."""
    background = Background()
    privacy = build_privacy(settings)
    notifiers = build_destinations(settings)
    destinations = [notifier.destination for notifier in notifiers]
    every = THRIFTY_EVERY_SECONDS if settings.cpu_minutes_a_day else EVERY_SECONDS
    watch = Watch(WatchStore(engine), build_rules(settings), destinations, metrics, now)
    background.add(Job("alert-rules", watch.look, every))
    alerts, deliveries = AlertStore(engine), DeliveryStore(engine)
    forget = partial(forget_some, Retention(engine), settings.retention_days)
    background.add(Job("retention", forget, FORGET_EVERY_SECONDS, is_woken=False))
    if (kept := build_copy(settings)) is not None:
        background.add(Job("sqlite-copy", kept.look, settings.sqlite_copy_seconds, is_woken=False))
    sink = build_sink(settings.telemetry_exporter, connection_string(settings), SinkNames(instance=gethostname()))
    telemetry = None
    if sink is not None:
        include_text = settings.telemetry_include_text
        telemetry = Telemetry(privacy, settings.telemetry_served_share, include_text=include_text)
        sender = Sender(sink, TelemetryOutbox(engine), telemetry, privacy, metrics, include_text=include_text)
        background.add(Job("telemetry", sender.send, every))
    cpu = build_cpu_watch(settings, metrics, Telling(deliveries, destinations, telemetry), now)
    if cpu is not None:
        cpu.show_start()
        background.add(Job("cpu", cpu.look, CPU_EVERY_SECONDS, is_woken=False))
    find_warning = knows_of_none if cpu is None else cpu.find_warning
    for number, notifier in enumerate(notifiers, 1):
        deliverer = Deliverer(
            notifier, deliveries, alerts, privacy, metrics, settings.alert_page_url, now, find_warning
        )
        background.add(Job(f"deliver-{number}", deliverer.deliver, every))
    return Beside(background, destinations, privacy, telemetry, sink, cpu)


def build_privacy(settings: Settings) -> Privacy:
    key = settings.subject_key.get_secret_value()
    return Privacy(key, mask_text=settings.mask_text, keep_handles=settings.mask_keep_handles)


def forget_some(retention: Retention, days: float) -> bool:
    moment = now()
    retention.erase_again(moment)
    retention.drop_reports(moment)
    return bool(days) and retention.expire(moment - timedelta(days=days))
