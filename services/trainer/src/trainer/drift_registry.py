"""Drift in MLflow: the reference kept with a version, and a run `drift` for each look at the traffic."""

import json
import math
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from trainer.bundle import Bundle
from trainer.dataset import Dataset
from trainer.drift import DriftDecision, Looked
from trainer.drift_reference import (
    Reference,
    ReferenceRefused,
    reference_from_bytes,
    reference_from_dataset,
    reference_to_bytes,
)
from trainer.registry import CHAMPION, RegistryUnreachable, experiment_id, version_of
from trainer.replay import FEEDBACK
from trainer.settings import Settings

FOLDER, RUN = "drift", "drift"
REFERENCE, FIRST_PREDICTIONS = "reference.npz", "first_predictions.npz"
REPORT, AUDIT = "drift/report.html", "drift/audited.json"
OF_MODEL, DIGEST, UNTIL, AGAIN = "drift.model", "drift.digest", "drift.until", "drift.again_from"
FINISHED, FAILED = "FINISHED", "FAILED"


@dataclass(frozen=True)
class ChampionVersion:
    version: str
    run_id: str


@dataclass(frozen=True)
class LastLook:
    """Where the look before ended, where its last window began, and which predictions it knew as drawn by lot."""

    digest: str
    until: int
    again_from: int
    audited: list[str]


@contextmanager
def asking_mlflow(settings: Settings) -> Iterator[None]:
    """MLflow's own errors as the trainer's, so that who waits for MLflow knows what it waits for."""
    try:
        yield
    except MlflowException as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise RegistryUnreachable(f"MLflow at {settings.tracking_uri} does not do it: {reason}") from error


def find_champion(client: MlflowClient, settings: Settings) -> ChampionVersion | None:
    with asking_mlflow(settings):
        version = version_of(CHAMPION, client, settings)
        if version is None:
            return None
        return ChampionVersion(version, str(client.get_model_version(settings.model_name, version).run_id or ""))


def log_reference(reference: Reference, run_id: str, client: MlflowClient, file: str = REFERENCE) -> None:
    """Keep the reference with the run that made the model: figures, no text."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / file).write_bytes(reference_to_bytes(reference))
        client.log_artifact(run_id, str(Path(folder) / file), FOLDER)


def keep_reference(bundle: Bundle, dataset: Dataset) -> None:
    """The reference of a bundle that was just fitted, in the active run.

    None of a challenger that learned from people's verdicts: later tweets are to be compared with the live ones that it
    began with (see drift_sources.py), not with the old ones that it has learned most of.
    """
    if any(part.name == FEEDBACK for part in dataset.parts):
        return
    run = mlflow.active_run()
    assert run is not None, "a fit is one run"
    log_reference(reference_from_dataset(bundle, dataset), run.info.run_id, MlflowClient())


def fetch_reference(run_id: str, client: MlflowClient, settings: Settings, file: str = REFERENCE) -> Reference:
    """Raises ReferenceRefused where the run has none, or none that can be read."""
    path = f"{FOLDER}/{file}"
    with asking_mlflow(settings), tempfile.TemporaryDirectory() as folder:
        if not run_id or path not in {each.path for each in client.list_artifacts(run_id, FOLDER)}:
            raise ReferenceRefused(f"no {path} was kept with the model")
        return reference_from_bytes(Path(client.download_artifacts(run_id, path, folder)).read_bytes())


def last_look(client: MlflowClient, settings: Settings) -> LastLook | None:
    """The last one that was told of; None where there has been none."""
    with asking_mlflow(settings), tempfile.TemporaryDirectory() as folder:
        runs = client.search_runs(
            [experiment_id(client, settings)],
            f"tags.`{OF_MODEL}` = '{settings.model_name}' and attributes.status = '{FINISHED}'",
            order_by=["attributes.start_time DESC"],
            max_results=1,
        )
        if not runs:
            return None
        tags = runs[0].data.tags
        audited = Path(client.download_artifacts(runs[0].info.run_id, AUDIT, folder)).read_text(encoding="utf-8")
        return LastLook(tags[DIGEST], int(tags[UNTIL]), int(tags[AGAIN]), json.loads(audited))


@contextmanager
def drift_run(
    decision: DriftDecision, here: LastLook, page: str, version: str, client: MlflowClient, settings: Settings
) -> Iterator[str | None]:
    """A run with the figures and the page; its address where MLflow has one. It counts once all is done inside: a look
    that could not be told of is made again.
    """
    tags = {
        OF_MODEL: settings.model_name,
        DIGEST: here.digest,
        UNTIL: str(here.until),
        AGAIN: str(here.again_from),
        "drift.state": decision.state.value,
        "drift.version": version,
    }
    with asking_mlflow(settings):
        run = client.create_run(experiment_id(client, settings), run_name=RUN, tags=tags).info
    status = FAILED
    try:
        with asking_mlflow(settings):
            log_figures(decision, run.run_id, client)
            client.log_text(run.run_id, page, REPORT)
            client.log_text(run.run_id, json.dumps(here.audited), AUDIT)
        yield address_of(run.experiment_id, run.run_id, settings)
        status = FINISHED
    finally:
        with asking_mlflow(settings):
            client.set_terminated(run.run_id, status)


def log_figures(decision: DriftDecision, run_id: str, client: MlflowClient) -> None:
    """Each monitor's statistic and threshold, a step for each window; the audit lot has the last window's."""
    last = len(decision.windows)
    steps = [*enumerate(decision.windows, start=1)]
    metrics = [metric for step, looked in steps for metric in metrics_of(looked, step)]
    audit = Looked(decision.monitors[-1:], 0, None, None)
    params = [Param("reference", decision.reference[:500]), Param("windows", str(last))]
    tags = [RunTag("drift.reasons", "\n".join(decision.reasons)[:4_000])]
    client.log_batch(run_id, params=params, tags=tags)
    figures = [*metrics, *metrics_of(audit, last)]
    for start in range(0, len(figures), 1_000):  # as many as MLflow takes at once
        client.log_batch(run_id, metrics=figures[start : start + 1_000])


def metrics_of(looked: Looked, step: int) -> Iterator[Metric]:
    moment = int(looked.until.timestamp() * 1_000) if looked.until else 0
    for monitor in looked.monitors:
        name = re.sub(r"[^\w.-]+", "_", monitor.name)
        figures = {
            "statistic": monitor.statistic,
            "threshold": monitor.threshold,
            "moved": float(monitor.moved),
            "now": monitor.now,
        }
        for figure, value in figures.items():
            if math.isfinite(value):
                yield Metric(f"{name}.{figure}", value, moment, step)


def address_of(experiment: str, run_id: str, settings: Settings) -> str | None:
    uri = settings.tracking_uri.rstrip("/")
    return f"{uri}/#/experiments/{experiment}/runs/{run_id}" if uri.startswith("http") else None
