"""What is opened when the process starts, and closed when it ends."""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI

from inference.access.access import Access
from inference.activity_store import ActivityStore
from inference.alerting.alert_store import AlertStore
from inference.alerting.delivery_store import DeliveryStore
from inference.answering import Answering
from inference.cache import BundleCache
from inference.challenger import build_challenger_follower
from inference.champion import Champion, serve_local
from inference.comparing import Comparing
from inference.database import build_engine
from inference.dependencies import Resources
from inference.door import Door
from inference.drift_store import DriftStore
from inference.entrance import Entrance
from inference.feedback_store import FeedbackStore
from inference.gate import Gate
from inference.jobs import build_beside
from inference.journal_store import JournalStore
from inference.logs import configure_logging
from inference.metrics import Metrics
from inference.moving import start_moving
from inference.outbox import Outbox
from inference.prediction_log import EVERY_SECONDS, THRIFTY_EVERY_SECONDS, PredictionLog
from inference.protocol import build_refusals
from inference.quota import Quota
from inference.request_log import RequestLog
from inference.review_store import ReviewStore
from inference.scoring import Scorer
from inference.settings import Settings
from inference.shadow import Shadow
from inference.shadow_scoring import build_shadow_job
from inference.shadow_store import ShadowStore
from inference.spool import Spool
from inference.store import Store
from inference.turns import Turns

MIB = 1024 * 1024

ServerState = Mapping[str, object]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[ServerState]:
    configure_logging()
    settings: Settings = app.state.settings
    app.state.access = access = Access(settings)
    metrics = Metrics()
    gate = Gate(settings.max_in_flight)
    champion = Champion()
    scorer = Scorer(champion, gate, settings.queue_above_ms / 1000, settings.deadline_seconds)
    outbox = Outbox()
    scorer.before_scoring = outbox.send
    champion.when_served += [scorer.fit_gate, metrics.note_served]
    champion.when_refused.append(metrics.note_refused)
    cache = BundleCache(settings.model_dir)
    serve_local(champion, cache, settings.bundle)
    shadow = Shadow(settings.shadow_share)
    challenger_follower = build_challenger_follower(settings, shadow, champion)
    engine = build_engine(settings.database_url.get_secret_value())
    store = Store(engine)
    spool = Spool(settings.spool_dir, settings.spool_max_megabytes * MIB)
    log_every = THRIFTY_EVERY_SECONDS if settings.cpu_minutes_a_day else EVERY_SECONDS
    log = PredictionLog(spool, store, metrics, log_every)
    beside = build_beside(settings, engine, metrics)
    journal = JournalStore(engine)
    moving = start_moving(settings, champion, cache, journal, Turns(engine), beside.background)
    shadows = ShadowStore(engine)
    beside.background.add(build_shadow_job(shadow, shadows, metrics))
    answering = Answering(scorer, log, metrics, beside.privacy, beside.telemetry, shadow)
    app.state.resources = Resources(
        settings=settings,
        store=store,
        champion=champion,
        gate=gate,
        log=log,
        answering=answering,
        comparing=Comparing(scorer, shadow),
        metrics=metrics,
        feedback=FeedbackStore(engine, copies_rejections=beside.telemetry is not None),
        alerts=AlertStore(engine),
        activity=ActivityStore(engine),
        deliveries=DeliveryStore(engine),
        drift_reports=DriftStore(engine),
        shadows=shadows,
        reviews=ReviewStore(engine),
        registry=moving.access,
        promoter=moving.promoter,
        journal=journal,
        destinations=beside.destinations,
        privacy=beside.privacy,
        background=beside.background,
    )
    quota = Quota(settings.spool_dir, settings.quota_per_second, settings.quota_burst)
    request_log = RequestLog(metrics, settings.log_lines_per_second, beside.telemetry)
    app.state.entrance = Entrance(access, quota, metrics, request_log)
    door = None if quota.is_set else Door(answering, gate, request_log, access, settings.text_max_characters)
    await log.start()
    beside.background.start()
    watch = asyncio.create_task(metrics.watch(gate))
    # What is here by now stays: to look through all of it for garbage, again and again, stops everybody for 80 ms.
    gc.collect()
    gc.freeze()
    try:
        yield {
            "gate": gate,
            "metrics": metrics,
            "door": door,
            "outbox": outbox,
            "refusals": build_refusals(),
            "drain_seconds": settings.drain_seconds,
        }
    finally:
        watch.cancel()
        moving.stop()
        if challenger_follower is not None:
            challenger_follower.stop()
        await log.stop()
        await beside.stop()
        scorer.close()
        store.close()
