"""What Prometheus reads at `/metrics`: one registry for each app, summed over the workers where there are several."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from inference.champion import ServedModel
from inference.errors import BundleRefused
from inference.gate import Gate as WorkGate
from inference.shadow_store import ShadowTotal

BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
WATCH_SECONDS = 0.25
# Set by gunicorn.conf.py, before prometheus_client is imported: each worker counts in a file of its own there.
GaugeMode = Literal["livesum", "livemostrecent", "mostrecent"]
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@dataclass(frozen=True, slots=True)
class CpuGauges:
    """Of the whole container, whichever worker looked last."""

    today: Gauge
    budget: Gauge
    lately: Gauge
    memory: Gauge
    memory_limit: Gauge


class Counts:
    """Since they were last added up: a number in memory costs a tenth of one that other processes see."""

    def __init__(self) -> None:
        self.requests: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self.predictions: defaultdict[tuple[str, str, bool], int] = defaultdict(int)
        self.shed = 0


class Metrics:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        if SHARED_FOLDER in os.environ:
            process = os.getpid()
            # The library asks the system at each count whether this is still the same process; a worker never forks.
            values.ValueClass = values.MultiProcessValue(lambda: process)  # type: ignore[no-untyped-call]
        self._served: tuple[str, str] | None = None
        # To find the one for a label takes longer than to count with it.
        self._took: dict[str, Histogram] = {}
        self._counts = Counts()
        self.seconds = self._histogram("request_seconds", "From the first byte read to the last written.", "route")
        self.requests = self._counter("requests_total", "Answers.", "method", "route", "status")
        self.in_flight = self._gauge("requests_in_flight", "Requests that are being answered.")
        self.limit = self._gauge("requests_in_flight_limit", "Beyond it predictions are refused with 503.")
        self.shed = self._counter("requests_shed_total", "Refused with 503 because the worker was full.")
        self.over_quota = self._counter("requests_over_quota_total", "Refused with 429.")
        self.predictions = self._counter("predictions_total", "Texts labelled.", "label", "model_version")
        self.abstained = self._counter("predictions_abstained_total", "Texts the model was unsure of.", "model_version")
        self.logged = self._counter("prediction_log_rows_total", "Rows of the prediction log that are in the database.")
        self.unlogged = self._counter("prediction_log_lost_rows_total", "Rows that found no room on the disk either.")
        self.spooled = self._gauge("prediction_log_waiting_bytes", "Rows on the disk, not in the database yet.")
        self.verdicts = self._counter("verdicts_total", "Verdicts kept.", "verdict")
        self.alerts_opened = self._counter("alerts_opened_total", "Alerts and notes opened.", "kind", "rule")
        self.deliveries = self._counter("alert_deliveries_total", "Attempts to tell somebody of an alert.", "outcome")
        self.copied = self._counter("rejections_copied_total", "Rejections that Application Insights has taken.")
        # Of the database, whichever worker looked last: not a sum over them.
        self.copies_waiting = self._gauge(
            "rejections_to_copy", "Rejections that Application Insights has not taken yet.", mode="livemostrecent"
        )
        self.shadow_compared = self._counter("shadow_compared_total", "Texts that the challenger scored too.")
        self.shadow_disagreed = self._counter("shadow_disagreed_total", "Those of them with another label, or none.")
        self.shadow_dropped = self._counter("shadow_dropped_total", "Sampled, and left out because too much waited.")
        self.shadow_failed = self._counter("shadow_failed_total", "Texts that the challenger failed on.")
        self.serving = self._gauge("model_serving", "Workers that serve this version.", "model_version", "digest")
        self.load_failures = Counter(
            "model_load_failures_total", "Bundles that were refused.", ["reason"], registry=self._registry
        )

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"inference_{name}", words, labels, registry=self._registry)

    def _gauge(self, name: str, words: str, *labels: str, mode: GaugeMode = "livesum") -> Gauge:
        return Gauge(f"inference_{name}", words, labels, registry=self._registry, multiprocess_mode=mode)

    def _histogram(self, name: str, words: str, *labels: str) -> Histogram:
        return Histogram(f"inference_{name}", words, labels, registry=self._registry, buckets=BUCKETS)

    def cpu_gauges(self) -> CpuGauges:
        """Made where there is something to say: a gauge that nobody sets would say 0."""

        def gauge(name: str, words: str) -> Gauge:
            return self._gauge(name, words, mode="mostrecent")

        return CpuGauges(
            today=gauge("cpu_seconds_today", "Processor time of the container since midnight, UTC."),
            budget=gauge("cpu_budget_seconds", "What the plan gives of it a day; 0 for no budget."),
            lately=gauge("cpu_seconds_last_five_minutes", "Processor time of the container in the last five minutes."),
            memory=gauge("memory_bytes", "Memory of the container, without what it has only read lately of files."),
            memory_limit=gauge("memory_limit_bytes", "The most that it may have; 0 for no limit."),
        )

    def note_served(self, model: ServedModel) -> None:
        if self._served is not None:
            self.serving.labels(*self._served).set(0)
        self._served = (model.version, model.classifier.digest)
        self.serving.labels(*self._served).set(1)

    def note_refused(self, error: BundleRefused) -> None:
        self.load_failures.labels(error.reason).inc()

    async def watch(self, gate: WorkGate) -> None:
        """Several times a second: a scrape reaches one worker and asks about all."""
        while True:
            self.in_flight.set(gate.in_flight)
            self.limit.set(gate.limit)
            self._add_up()
            await asyncio.sleep(WATCH_SECONDS)

    def _add_up(self) -> None:
        counts, self._counts = self._counts, Counts()
        self.shed.inc(counts.shed)
        for request, count in counts.requests.items():
            self.requests.labels(*request).inc(count)
        for (label, model_version, abstained), count in counts.predictions.items():
            self.predictions.labels(label, model_version).inc(count)
            if abstained:
                self.abstained.labels(model_version).inc(count)

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        if route not in self._took:
            self._took[route] = self.seconds.labels(route)
        self._took[route].observe(seconds)
        self._counts.requests[method, route, status] += 1

    def count_prediction(self, label: str, model_version: str, abstained: bool) -> None:
        self._counts.predictions[label, model_version, abstained] += 1

    def count_shadow(self, totals: Iterable[ShadowTotal]) -> None:
        for total in totals:
            self.shadow_compared.inc(total.compared)
            self.shadow_disagreed.inc(total.disagreed)
            self.shadow_dropped.inc(total.dropped)

    def count_shed(self) -> None:
        self._counts.shed += 1

    def render(self) -> bytes:
        self._add_up()
        if SHARED_FOLDER not in os.environ:
            return generate_latest(self._registry)
        every_worker = CollectorRegistry()
        MultiProcessCollector(every_worker)  # type: ignore[no-untyped-call]
        return generate_latest(every_worker)
