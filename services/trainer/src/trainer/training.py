"""One fit, from dataset to registered bundle, in one MLflow run.

trainer train tfidf_logreg --dataset sentiment140
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import mlflow
import numpy as np
from mlflow import MlflowClient

from trainer.bundle import Bundle, add_metrics, write_bundle
from trainer.candidates import Candidate, FittedCandidate
from trainer.card import DatasetCard
from trainer.dataset import Dataset, DatasetError, Tweets
from trainer.evaluation import Evaluation, evaluate, has_every_label
from trainer.plots import draw
from trainer.registry import Registered, register
from trainer.settings import Settings


@dataclass(frozen=True)
class TestSet:
    """Tweets that no fit has seen, under the names they are reported with."""

    dataset: str
    split: str
    tweets: Tweets


@dataclass(frozen=True)
class Training:
    """What a fit left behind."""

    bundle: Bundle
    evaluations: list[Evaluation]
    registered: Registered
    fit_seconds: float


def train(
    candidate: Candidate,
    dataset: Dataset,
    test_sets: Iterable[TestSet],
    client: MlflowClient,
    settings: Settings,
    *,
    folder: Path,
    command: str,
) -> Training:
    """Fit, export, evaluate the export, and log and register all of it."""
    require_trainable(dataset)
    with mlflow.start_run(run_name=candidate.name) as run:
        started = time.perf_counter()
        # Another dataset or seed is another fit: it must not go on from this one's checkpoints.
        checkpoints = settings.checkpoints_dir / f"{candidate.name}-{dataset.fingerprint[:12]}-{settings.seed}"
        fitted = candidate.fit(dataset.train, dataset.validation, seed=settings.seed, checkpoints=checkpoints)
        fit_seconds = time.perf_counter() - started
        bundle = export(candidate.name, fitted, dataset, folder=folder, command=command)
        evaluations = [
            evaluate(bundle, test.tweets, dataset=test.dataset, split=test.split)
            for test in (*own_tests(dataset), *test_sets)
            if has_every_label(test.tweets, dataset.labels, name=f"{test.dataset}, {test.split}")
        ]
        bundle = add_metrics(bundle, [evaluation.scores for evaluation in evaluations])
        log_fit(fitted, dataset, bundle, evaluations, fit_seconds=fit_seconds)
    registered = register(bundle, client, settings, run_id=run.info.run_id)
    client.set_tag(run.info.run_id, "registered.version", registered.version)
    return Training(bundle, evaluations, registered, fit_seconds)


def own_tests(dataset: Dataset) -> list[TestSet]:
    """The test side of a dataset, or of each part of a mixture."""
    return [TestSet(part.name, "test", part.test) for part in dataset.parts or (dataset,)]


def require_trainable(dataset: Dataset) -> None:
    """Refuse, before anything is fitted, what no candidate can learn from."""
    if "negative" not in dataset.labels:
        raise DatasetError(f"the labels must hold 'negative', not only {', '.join(dataset.labels)}")
    for split, tweets in (("train", dataset.train), ("validation", dataset.validation)):
        counts = np.bincount(tweets.labels, minlength=len(dataset.labels))
        if not counts.all():
            found = ", ".join(f"{count} {label}" for label, count in zip(dataset.labels, counts, strict=True))
            raise DatasetError(f"{dataset.name} is too small to train on: its {split} split has {found}")


def export(name: str, fitted: FittedCandidate, dataset: Dataset, *, folder: Path, command: str) -> Bundle:
    return write_bundle(
        folder,
        name=name,
        labels=dataset.labels,
        tokenizer=fitted.tokenizer,
        graph=fitted.export(),
        command=command,
        dataset=DatasetCard(
            name=dataset.name,
            fingerprint=dataset.fingerprint,
            train=len(dataset.train),
            validation=len(dataset.validation),
            test=len(dataset.test),
        ),
    )


def log_fit(
    fitted: FittedCandidate, dataset: Dataset, bundle: Bundle, evaluations: list[Evaluation], *, fit_seconds: float
) -> None:
    """The one way a fit is logged into the active run, whatever the family."""
    mlflow.log_params(fitted.parameters | {"dataset": dataset.name, "labels": ",".join(dataset.labels)})
    mlflow.set_tags({"dataset.fingerprint": dataset.fingerprint, "bundle.digest": bundle.digest})
    size = sum(file.stat().st_size for file in bundle.folder.iterdir() if file.is_file())
    mlflow.log_metrics({"fit_seconds": fit_seconds, "bundle_megabytes": size / 1e6, "train_tweets": len(dataset.train)})
    for evaluation in evaluations:
        scores = evaluation.scores
        prefix = f"{scores.dataset}.{scores.split}"
        figures = scores.model_dump(exclude={"dataset", "split"})
        mlflow.log_metrics({f"{prefix}.{name}": float(value) for name, value in figures.items()})
        mlflow.log_metric(f"{prefix}.microseconds_per_tweet", evaluation.microseconds_per_tweet)
        for name, figure in draw(evaluation):
            mlflow.log_figure(figure, f"plots/{prefix}.{name}.png")
