"""One fit, from dataset to registered bundle, in one MLflow run.

trainer train tfidf_logreg --dataset sentiment140
"""

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import mlflow
import numpy as np
from mlflow import MlflowClient

from trainer.abstention import abstention_of
from trainer.bundle import Bundle, add_metrics, set_decision, write_bundle
from trainer.candidates import Candidate, FittedCandidate
from trainer.candidates.protocol import Parameter
from trainer.card import DatasetCard
from trainer.dataset import Dataset, DatasetError, Tweets
from trainer.decision import build_costs, choose_decision
from trainer.decision_plots import cost_curve, risk_coverage
from trainer.drift_registry import keep_reference
from trainer.evaluation import Evaluation, evaluate, has_every_label
from trainer.fit_record import FitRecord, write_record
from trainer.memory import forget_peak, peak_megabytes
from trainer.plots import draw, draw_history
from trainer.registry import Registered, register
from trainer.settings import Settings
from trainer.test_sets import TestSet

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Training:
    """What a fit left behind; what it took is not always known. `tests`: the sets that it was measured on."""

    bundle: Bundle
    evaluations: list[Evaluation]
    registered: Registered
    fit_seconds: float | None
    run_id: str
    tests: list[TestSet]


def train(
    candidate: Candidate,
    dataset: Dataset,
    test_sets: Iterable[TestSet],
    client: MlflowClient,
    settings: Settings,
    *,
    folder: Path,
    command: str,
    run_name: str = "",
    tags: Mapping[str, str] | None = None,
) -> Training:
    """Fit, export, evaluate the export, and log and register all of it; `tags` are those of the MLflow run."""
    require_trainable(dataset)
    with mlflow.start_run(run_name=run_name or candidate.name, tags=dict(tags or {})) as run:
        forget_peak()
        started = time.perf_counter()
        # Another dataset or seed is another fit: it must not go on from this one's checkpoints.
        checkpoints = settings.checkpoints_dir / f"{candidate.name}-{dataset.fingerprint[:12]}-{settings.seed}"
        fitted = candidate.fit(dataset.train, dataset.validation, seed=settings.seed, checkpoints=checkpoints)
        record = FitRecord(
            fit_seconds=round(time.perf_counter() - started, 2),
            peak_megabytes=round(peak_megabytes(), 1),
            history=fitted.history,
        )
        bundle = export(candidate.name, fitted, dataset, folder=folder, command=command)
        tests = all_tests(dataset, test_sets)
        bundle, evaluations = measure(bundle, dataset, tests, settings, parameters=fitted.parameters, record=record)
    return hand_in(bundle, evaluations, tests, client, settings, run_id=run.info.run_id, record=record)


def hand_in(
    bundle: Bundle,
    evaluations: list[Evaluation],
    tests: list[TestSet],
    client: MlflowClient,
    settings: Settings,
    *,
    run_id: str,
    record: FitRecord | None,
) -> Training:
    """Register what a run has made, and say in the run under which version."""
    registered = register(bundle, client, settings, run_id=run_id)
    client.set_tag(run_id, "registered.version", registered.version)
    return Training(bundle, evaluations, registered, record.fit_seconds if record else None, run_id, tests)


def measure(
    bundle: Bundle,
    dataset: Dataset,
    tests: Iterable[TestSet],
    settings: Settings,
    *,
    parameters: Mapping[str, Parameter],
    record: FitRecord | None,
) -> tuple[Bundle, list[Evaluation]]:
    """The bundle with its decision and its scores, all of it found with its own files and logged into the active run.

    `parameters`: of the fit; `record`: what it cost, None where that is not known.
    """
    if record:
        write_record(bundle.folder, record)
    bundle = settle_decision(bundle, dataset.validation, settings)
    evaluations = [
        evaluate(bundle, test.tweets, dataset=test.dataset, split=test.split)
        for test in tests
        if has_every_label(test.tweets, dataset.labels, name=f"{test.dataset}, {test.split}")
    ]
    bundle = add_metrics(bundle, [evaluation.scores for evaluation in evaluations])
    log_fit(parameters, dataset, bundle, evaluations, record)
    log_risk_coverage(evaluations)
    keep_reference(bundle, dataset)
    return bundle, evaluations


def own_tests(dataset: Dataset) -> list[TestSet]:
    """The test side of a dataset, or of each part of a mixture."""
    return [TestSet(part.name, "test", part.test) for part in dataset.parts or (dataset,)]


def all_tests(dataset: Dataset, test_sets: Iterable[TestSet]) -> list[TestSet]:
    """The dataset's own tests and the others; where both are of one set, the other one, which is whole."""
    others = {test.dataset: test for test in test_sets}
    return [*(own for own in own_tests(dataset) if own.dataset not in others), *others.values()]


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


def settle_decision(bundle: Bundle, validation: Tweets, settings: Settings) -> Bundle:
    """The bundle with the threshold and the band that the settings ask for, found with its own files, and logged."""
    probabilities = bundle.classifier.probabilities(validation.texts)
    cost, share = settings.missed_negative_cost, settings.abstain_share
    costs = build_costs(validation.labels, probabilities, bundle.card.labels, cost)
    decision = choose_decision(costs.share, missed_negative_cost=cost, abstain_share=share)
    at_half, chosen = costs.at(0.5), costs.at(decision.threshold)
    mlflow.log_params({"missed_negative_cost": cost, "abstain_share": share, "threshold": decision.threshold})
    mlflow.log_params(dict(zip(("abstain_low", "abstain_high"), decision.abstain_band, strict=True)))
    mlflow.log_metrics(
        {"validation.cost": chosen, "validation.cost_at_half": at_half, "validation.cost_saved": at_half - chosen}
    )
    mlflow.log_figure(cost_curve(costs, decision.threshold), "decision/validation.cost.png")
    logger.info(
        "decision_settled threshold=%.4f abstain_band=%.4f,%.4f cost=%.4f cost_at_half=%.4f",
        decision.threshold,
        *decision.abstain_band,
        chosen,
        at_half,
    )
    return set_decision(bundle, decision.threshold, decision.abstain_band)


def log_risk_coverage(evaluations: Iterable[Evaluation]) -> None:
    for evaluation in evaluations:
        found = abstention_of(evaluation)
        prefix = f"{evaluation.scores.dataset}.{evaluation.scores.split}"
        mlflow.log_metrics({f"{prefix}.coverage": found.coverage, f"{prefix}.aurc": found.area})
        if found.risk is not None:
            mlflow.log_metric(f"{prefix}.risk", found.risk)
        mlflow.log_figure(risk_coverage(evaluation), f"decision/{prefix}.risk_coverage.png")


def log_fit(
    parameters: Mapping[str, Parameter],
    dataset: Dataset,
    bundle: Bundle,
    evaluations: list[Evaluation],
    record: FitRecord | None,
) -> None:
    """The one way a fit is logged into the active run, whatever the family."""
    mlflow.log_params({**parameters, "dataset": dataset.name, "labels": ",".join(dataset.labels)})
    mlflow.set_tags({"dataset.fingerprint": dataset.fingerprint, "bundle.digest": bundle.digest})
    mlflow.log_metrics({"bundle_megabytes": bundle.megabytes, "train_tweets": len(dataset.train)})
    if record:
        mlflow.log_metrics({"fit_seconds": record.fit_seconds, "fit_peak_megabytes": record.peak_megabytes})
        log_history(record)
    for evaluation in evaluations:
        scores = evaluation.scores
        prefix = f"{scores.dataset}.{scores.split}"
        figures = scores.model_dump(exclude={"dataset", "split"})
        mlflow.log_metrics({f"{prefix}.{name}": float(value) for name, value in figures.items()})
        mlflow.log_metric(f"{prefix}.microseconds_per_tweet", evaluation.microseconds_per_tweet)
        for name, figure in draw(evaluation):
            mlflow.log_figure(figure, f"plots/{prefix}.{name}.png")


def log_history(record: FitRecord) -> None:
    """A metric `history.<quantity>` with a step per row, and the plot of them; nothing for a fit without steps."""
    for step, row in enumerate(record.history, start=1):
        mlflow.log_metrics({f"history.{name}": value for name, value in row.items()}, step=step)
    if record.history:
        mlflow.log_figure(draw_history(record.history), "plots/history.png")
