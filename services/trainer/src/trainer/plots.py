"""The pictures of an evaluation, for MLflow. Figures are made without pyplot, so nothing global is touched."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix, roc_auc_score, roc_curve

from trainer.evaluation import Evaluation, calibration_bins

# Names under which a history counts its rows; they are an axis, not a quantity.
COUNTERS = ("epoch", "round", "step")


def draw(evaluation: Evaluation) -> Iterator[tuple[str, Figure]]:
    """Name and figure of each plot."""
    yield "roc", roc(evaluation)
    yield "confusion", confusion(evaluation)
    yield "calibration", calibration(evaluation)


def roc(evaluation: Evaluation) -> Figure:
    figure, title = Figure(figsize=(5, 5), layout="constrained"), _title(evaluation)
    axes = figure.subplots()
    for index, label in enumerate(evaluation.labels):
        is_label = evaluation.truth == index
        if is_label.all() or not is_label.any():
            continue
        wrong, right, _ = roc_curve(is_label, evaluation.probabilities[:, index])
        area = roc_auc_score(is_label, evaluation.probabilities[:, index])
        axes.plot(wrong, right, label=f"{label} (AUC {area:.3f})")
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.set(xlabel="false positive rate", ylabel="true positive rate", title=title)
    axes.legend(loc="lower right")
    return figure


def confusion(evaluation: Evaluation) -> Figure:
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    matrix = confusion_matrix(evaluation.truth, evaluation.chosen, labels=np.arange(len(evaluation.labels)))
    ConfusionMatrixDisplay(matrix, display_labels=evaluation.labels).plot(ax=axes, colorbar=False, cmap="Blues")
    axes.set_title(_title(evaluation))
    return figure


def calibration(evaluation: Evaluation) -> Figure:
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    confidence, right, _ = zip(*calibration_bins(evaluation.truth, evaluation.probabilities), strict=True)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.plot(confidence, right, marker="o")
    axes.set(xlabel="probability given", ylabel="share that was right", title=_title(evaluation))
    return figure


def draw_history(history: Sequence[Mapping[str, float]]) -> Figure:
    """The course of a fit, a row per step: `train_loss` and `validation_loss` share the panel "loss", and so on."""
    steps = np.arange(1, len(history) + 1)
    names = [name for name in history[0] if name not in COUNTERS]
    quantities = list(dict.fromkeys(name.rpartition("_")[2] for name in names))
    figure = Figure(figsize=(5 * max(1, len(quantities)), 4), layout="constrained")
    panels = figure.subplots(1, max(1, len(quantities)), squeeze=False)[0]
    for axes, quantity in zip(panels, quantities, strict=False):
        for name in names:
            if name.rpartition("_")[2] == quantity:
                axes.plot(steps, [row.get(name, np.nan) for row in history], marker=".", label=name)
        axes.set(xlabel=next((name for name in history[0] if name in COUNTERS), "step"), title=quantity)
        axes.legend()
    return figure


def _title(evaluation: Evaluation) -> str:
    return f"{evaluation.scores.dataset} {evaluation.scores.split}, {evaluation.scores.size:,} tweets"
