"""Every bundle that is here, measured from its files on the same raw tweets: what it scores and what it costs.

trainer compare
"""

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from trainer import serving_cost, significance, standard
from trainer.bundle import Bundle, BundleRefused, load_bundle
from trainer.comparison_results import Comparison, Group, Measured, Quality
from trainer.errors import TrainerError
from trainer.evaluation import Evaluation, calibration_bins, evaluate, has_every_label
from trainer.fit_record import read_record
from trainer.paired import right
from trainer.settings import Settings
from trainer.test_sets import TestSet, in_order_of

logger = logging.getLogger(__name__)

MODELS_DIR = Path("models")


def find_bundles(settings: Settings) -> list[Path]:
    """The bundle folders in models/ and TRAINER_BUNDLES_DIR: those that hold a `model.json`."""
    parents = (MODELS_DIR, settings.bundles_dir)
    folders = [file.parent for parent in parents for file in sorted(parent.glob("*/model.json"))]
    if not folders:
        places = " or ".join(map(str, parents))
        raise TrainerError(f"no bundle in {places}: make one with `trainer train`, or name a bundle folder")
    return folders


def load_bundles(folders: Iterable[Path], *, refused: list[str] | None = None) -> dict[str, Bundle]:
    """Bundles under the names they are compared with; a copy of another one is left out.

    A folder that is no bundle raises BundleRefused, or where a list `refused` is given, is named there.
    """
    bundles: dict[str, Bundle] = {}
    for folder in folders:
        try:
            bundle = load_bundle(folder)
        except BundleRefused as refusal:
            if refused is None:
                raise
            logger.warning("bundle_refused %s", refusal)
            refused.append(str(refusal))
            continue
        if bundle.digest not in {other.digest for other in bundles.values()}:
            bundles[name_of(bundle, bundles)] = bundle
    return bundles


def name_of(bundle: Bundle, taken: Iterable[str]) -> str:
    """The folder's name with the candidate's where it does not say it; a namesake gets its digest too."""
    folder = bundle.folder.resolve().name
    name = folder if bundle.card.name in folder else f"{folder} ({bundle.card.name})"
    return f"{name} {bundle.digest[:6]}" if name in taken else name


def compare(
    bundles: Mapping[str, Bundle],
    settings: Settings,
    *,
    names: Sequence[str] | None = None,
    refused: Sequence[str] = (),
) -> Comparison:
    """Measure `bundles`, those with the same labels on the same sets: `names`, or every standard set that is here."""
    groups = []
    for labels in sorted({labels_of(bundle) for bundle in bundles.values()}, key=len):
        members = {name: bundle for name, bundle in bundles.items() if labels_of(bundle) == labels}
        tests = [
            test
            for test in standard.standard_test_sets(labels, settings, names=names)
            if has_every_label(test.tweets, labels, name=test.dataset)
        ]
        if not tests:
            raise TrainerError(f"no test set holds all of {', '.join(labels)}: choose others with --dataset")
        wanted = names or (standard.BINARY if len(labels) == 2 else standard.THREE_CLASS)
        group = compare_group(labels, members, tests, seed=settings.seed)
        groups.append(group.model_copy(update={"left_out": left_out(wanted, tests)}))
    return Comparison(cores=os.cpu_count() or 1, groups=groups, refused=list(refused))


def labels_of(bundle: Bundle) -> tuple[str, ...]:
    """In one order, so that bundles that hold them in another are compared too."""
    return tuple(sorted(bundle.card.labels))


def left_out(wanted: Sequence[str], tests: Sequence[TestSet]) -> list[str]:
    # A file is asked for by its path and measured under its name.
    measured = {test.dataset for test in tests}
    return [name for name in wanted if name not in measured and Path(name).stem not in measured]


def compare_group(
    labels: tuple[str, ...], bundles: Mapping[str, Bundle], tests: Sequence[TestSet], *, seed: int
) -> Group:
    evaluations: dict[str, list[Evaluation]] = {name: [] for name in bundles}
    costs = {}
    total = len(bundles) * sum(len(test.tweets) for test in tests)
    with tqdm(total=total, unit=" tweets", disable=None) as progress:
        for name, bundle in bundles.items():
            for test in tests:
                progress.set_description(f"{name} on {test.dataset}")
                tweets = in_order_of(bundle, labels, test.tweets)
                evaluations[name].append(evaluate(bundle, tweets, dataset=test.dataset, split=test.split))
                progress.update(len(tweets))
            progress.set_description(f"{name}, time and memory")
            costs[name] = serving_cost.measure(bundle, tests[0].tweets.texts)
    columns = [judge([evaluations[name][index] for name in bundles], seed=seed) for index in range(len(tests))]
    measured = [
        Measured(
            name=name,
            candidate=bundle.card.name,
            digest=bundle.digest,
            dataset=bundle.card.dataset.name,
            train_tweets=bundle.card.dataset.train,
            qualities=[column[row] for column in columns],
            serving=costs[name],
            fit=read_record(bundle.folder),
        )
        for row, (name, bundle) in enumerate(bundles.items())
    ]
    return Group(labels=list(labels), bundles=measured, left_out=[])


def judge(evaluations: Sequence[Evaluation], *, seed: int) -> list[Quality]:
    """One test set: how sure each score is, and whether each bundle differs from the one that is right most often."""
    rights = [right(evaluation) for evaluation in evaluations]
    best = int(np.argmax([each.mean() for each in rights]))
    qualities = []
    for row, evaluation in enumerate(evaluations):
        low, high = significance.macro_f1_interval(
            evaluation.truth, evaluation.chosen, len(evaluation.labels), seed=seed
        )
        p_value = None if row == best else significance.mcnemar(rights[row], rights[best])
        bins = calibration_bins(evaluation.truth, evaluation.probabilities)
        qualities.append(
            Quality(
                scores=evaluation.scores,
                macro_f1_low=round(low, 4),
                macro_f1_high=round(high, 4),
                p_against_best=None if p_value is None else float(f"{p_value:.3g}"),
                calibration=[(round(sure, 4), round(share, 4), size) for sure, share, size in bins],
            )
        )
    return qualities
