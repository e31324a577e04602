"""The pictures of a decision: what a threshold costs, and what leaving tweets to a person buys."""

import numpy as np
from matplotlib.figure import Figure

from trainer.abstention import abstention_of, curve_of
from trainer.decision import Costs
from trainer.evaluation import Evaluation

_THRESHOLDS = np.linspace(0.02, 0.98, 97)


def cost_curve(costs: Costs, threshold: float) -> Figure:
    """The mean cost over every threshold. With honest probabilities its lowest point is the chosen one."""
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot(_THRESHOLDS, [costs.at(each) for each in _THRESHOLDS])
    for value, style in ((0.5, ":"), (threshold, "--")):
        axes.axvline(value, color="grey", linestyle=style, label=f"{value:.2f}: {costs.at(value):.4f}")
    axes.set(
        xlabel="threshold on negative's share",
        ylabel="mean cost of a tweet, in false alarms",
        title=f"validation, {len(costs.share):,} tweets",
    )
    axes.legend()
    return figure


def risk_coverage(evaluation: Evaluation) -> Figure:
    curve, shipped = curve_of(evaluation), abstention_of(evaluation)
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot(curve.coverage, curve.risk, label=f"AURC {curve.area:.4f}")
    if shipped.risk is not None:
        axes.plot(shipped.coverage, shipped.risk, "o", label=f"shipped band: {shipped.coverage:.0%} answered")
    scores = evaluation.scores
    axes.set(
        xlabel="share of tweets answered",
        ylabel="share of mistakes among them",
        title=f"{scores.dataset} {scores.split}, {scores.size:,} tweets",
        xlim=(0, 1),
        ylim=(0, None),
    )
    axes.legend(loc="lower right")
    return figure
