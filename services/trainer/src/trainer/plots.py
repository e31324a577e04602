"""The pictures of an evaluation, for MLflow. Figures are made without pyplot, so nothing global is touched."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix, roc_auc_score, roc_curve

from trainer.evaluation import Evaluation, calibration_bins


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


def _title(evaluation: Evaluation) -> str:
    return f"{evaluation.scores.dataset} {evaluation.scores.split}, {evaluation.scores.size:,} tweets"
