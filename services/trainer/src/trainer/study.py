"""A study: fits that differ in one thing, side by side on the validation tweets. No test side is looked at.

    trainer study preparation --dataset sentiment140 --limit 200000

A study is one MLflow run and every arm a child run of it. The same study of the same dataset opens that run again and
reads back the arms that were finished, so what was interrupted goes on and what was widened fits only what is new.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Run
from tqdm import tqdm

from trainer.candidates import Candidate
from trainer.candidates.search_space import Hopeless
from trainer.card import Scores
from trainer.dataset import Dataset
from trainer.evaluation import evaluate
from trainer.fit_record import FitRecord
from trainer.memory import forget_peak, peak_megabytes
from trainer.settings import Settings
from trainer.training import export, log_fit, require_trainable

STUDY, ARM = "study", "study.arm"
FINISHED, STOPPED = "FINISHED", "KILLED"  # MLflow's words


@dataclass(frozen=True)
class Arm:
    """One fit of a study, and the name of its row."""

    name: str
    candidate: Candidate
    dataset: Dataset

    def key(self, seed: int) -> str:
        """A digest of all that the arm's scores depend on, but for the code: recipe, settings, tweets and seed."""
        words = (repr(self.candidate), self.dataset.fingerprint, ",".join(self.dataset.labels), str(seed))
        return sha256("\n".join(words).encode()).hexdigest()


@dataclass(frozen=True)
class Result:
    """What an arm scored on its validation tweets, and its cost, as MLflow remembers them."""

    arm: str
    candidate: str
    train_tweets: int
    scores: Scores
    fit_seconds: float
    bundle_megabytes: float


@contextmanager
def open_study(name: str, dataset: Dataset, client: MlflowClient, settings: Settings) -> Iterator[str]:
    """The study's run, active inside; that of the same study of the same dataset and seed is opened again."""
    require_trainable(dataset)
    key = sha256(f"{name}\n{dataset.fingerprint}\n{','.join(dataset.labels)}\n{settings.seed}".encode()).hexdigest()
    known = find_run(client, settings, f"tags.`{STUDY}` = '{key}'")
    run_id = known.info.run_id if known else None
    with mlflow.start_run(run_id=run_id, run_name=f"study {name}", tags={STUDY: key}) as run:
        if known is None:
            mlflow.log_params({"study": name, "dataset": dataset.name, "seed": settings.seed})
        yield run.info.run_id


def run_arms(arms: Sequence[Arm], client: MlflowClient, settings: Settings, *, run_id: str) -> list[Result]:
    """The arms' results, in their order; `run_id` is the study's run."""
    for arm in arms:  # before the first fit, which may take hours
        require_trainable(arm.dataset)
    results = []
    with tqdm(arms, unit=" arms", disable=None) as progress:
        for arm in progress:
            progress.set_description(arm.name)
            results.append(run_arm(arm, client, settings, run_id=run_id))
    return results


def run_arm(arm: Arm, client: MlflowClient, settings: Settings, *, run_id: str) -> Result:
    """The arm's result: read back where the study has it, else fitted and logged as a child of the study's run."""
    run = find_run(client, settings, runs_of(arm, settings, run_id, FINISHED))
    return read_result(run or client.get_run(fit_arm(arm, client, settings, run_id=run_id)), arm)


def runs_of(arm: Arm, settings: Settings, run_id: str, status: str) -> str:
    """A filter of MLflow's: the runs of an arm in the study whose run is `run_id`."""
    key = arm.key(settings.seed)
    return f"tags.`{ARM}` = '{key}' and tags.`mlflow.parentRunId` = '{run_id}' and attributes.status = '{status}'"


def fit_arm(arm: Arm, client: MlflowClient, settings: Settings, *, run_id: str) -> str:
    """Fit, export and score one arm in a child run, and give back the run's id. Its bundle is measured and dropped.

    The study's run need not be active: it may be so in another process, and is only named here.
    """
    key = arm.key(settings.seed)
    tags = {ARM: key, "study.recipe": repr(arm.candidate)}
    # Two arms may be one recipe with other settings: neither goes on from the other's checkpoints.
    checkpoints = settings.checkpoints_dir / f"study-{key[:16]}"
    try:
        with (
            mlflow.start_run(run_name=arm.name, nested=True, parent_run_id=run_id, tags=tags) as run,
            tempfile.TemporaryDirectory() as folder,
        ):
            forget_peak()
            started = time.perf_counter()
            train, validation = arm.dataset.train, arm.dataset.validation
            fitted = arm.candidate.fit(train, validation, seed=settings.seed, checkpoints=checkpoints)
            record = FitRecord(
                fit_seconds=round(time.perf_counter() - started, 2),
                peak_megabytes=round(peak_megabytes(), 1),
                history=fitted.history,
            )
            bundle = export(arm.candidate.name, fitted, arm.dataset, folder=Path(folder), command="trainer study")
            evaluation = evaluate(bundle, validation, dataset=reported_name(arm.dataset), split="validation")
            log_fit(fitted.parameters, arm.dataset, bundle, [evaluation], record)
    except Hopeless as reason:
        client.set_tag(run.info.run_id, "study.stopped", str(reason))
        client.set_terminated(run.info.run_id, STOPPED)
        shutil.rmtree(checkpoints, ignore_errors=True)
        raise
    # Kept until here, for an interrupted fit; MLflow has the result now, and a search would leave a folder a trial.
    shutil.rmtree(checkpoints, ignore_errors=True)
    return str(run.info.run_id)


def find_run(client: MlflowClient, settings: Settings, wanted: str) -> Run | None:
    """The newest run of the trainer's experiment that a filter of MLflow's finds."""
    experiment = client.get_experiment_by_name(settings.experiment)
    found = client.search_runs([experiment.experiment_id], wanted, max_results=1) if experiment else []
    return found[0] if found else None


def read_result(run: Run, arm: Arm) -> Result:
    metrics, dataset = run.data.metrics, reported_name(arm.dataset)
    prefix = f"{dataset}.validation."
    figures = {name.removeprefix(prefix): value for name, value in metrics.items() if name.startswith(prefix)}
    return Result(
        arm=arm.name,
        candidate=arm.candidate.name,
        train_tweets=int(metrics["train_tweets"]),
        scores=Scores.model_validate(figures | {"dataset": dataset, "split": "validation"}),
        fit_seconds=metrics["fit_seconds"],
        bundle_megabytes=metrics["bundle_megabytes"],
    )


def reported_name(dataset: Dataset) -> str:
    """The dataset's name as MLflow accepts it in a metric: a mixture's has a plus."""
    return dataset.name.replace("+", "_")
