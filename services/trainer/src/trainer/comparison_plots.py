"""The pictures of a comparison, drawn from its results alone. They are SVG files that the same results give again."""

from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from trainer.comparison_report import plot_names
from trainer.comparison_results import Comparison, Group


def write_plots(folder: Path, comparison: Comparison) -> list[Path]:
    files = []
    for group in comparison.groups:
        for file, figure in zip(plot_names(group), (cost(group), quality(group)), strict=True):
            # Ids from a fixed salt and no date, so that git sees a change only where the figures changed.
            with matplotlib.rc_context({"svg.hashsalt": file, "svg.fonttype": "none"}):
                figure.savefig(folder / file, metadata={"Date": None})
            files.append(folder / file)
    return files


def cost(group: Group, test: int = 0) -> Figure:
    """Accuracy on the test set at index `test` with its interval, against the time a tweet takes; area is megabytes."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    by_time = sorted(group.bundles, key=lambda bundle: bundle.serving.microseconds_in_batches)
    for turn, bundle in enumerate(by_time):
        scores, serving = bundle.qualities[test].scores, bundle.serving
        bars = [[scores.accuracy - scores.accuracy_low], [scores.accuracy_high - scores.accuracy]]
        x, y, colour = serving.microseconds_in_batches, scores.accuracy, f"C{turn % 10}"
        axes.errorbar(x, y, yerr=bars, fmt="none", ecolor=colour, capsize=3)
        axes.scatter(x, y, s=25 + 8 * serving.bundle_megabytes, color=colour, alpha=0.6)
        # By turns at the upper and the lower end of the bars: neighbours in time are those whose labels would meet.
        end, below = (scores.accuracy_low, True) if turn % 2 else (scores.accuracy_high, False)
        axes.annotate(
            f"{bundle.name}, {serving.bundle_megabytes:.1f} MB",
            (x, end),
            xytext=(0, -5 if below else 5),
            textcoords="offset points",
            ha="center",
            va="top" if below else "bottom",
            color=colour,
            fontsize=8,
        )
    first = group.bundles[0].qualities[test].scores
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.margins(x=0.25, y=0.1)
    axes.grid(alpha=0.3)
    axes.set(
        xlabel="microseconds a tweet, whole path, one core, in batches (log scale)",
        ylabel="accuracy, 95 % interval",
        title=f"{group.name}: {first.dataset} {first.split}, {first.size:,} tweets; area: MB of the bundle",
    )
    return figure


def quality(group: Group) -> Figure:
    """One panel a test set: accuracy (dots) and macro-F1 (squares) of every bundle, with their intervals."""
    tests = [each.scores for each in group.bundles[0].qualities]
    figure = Figure(figsize=(3.2 * len(tests) + 1.5, 0.45 * len(group.bundles) + 1.8), layout="constrained")
    panels = figure.subplots(1, len(tests), sharey=True, squeeze=False)[0]
    rows = range(len(group.bundles))
    for index, (axes, test) in enumerate(zip(panels, tests, strict=True)):
        for row, bundle in zip(rows, group.bundles, strict=True):
            each = bundle.qualities[index]
            accuracy = (each.scores.accuracy, each.scores.accuracy_low, each.scores.accuracy_high)
            macro_f1 = (each.scores.macro_f1, each.macro_f1_low, each.macro_f1_high)
            for (middle, low, high), marker, shift in ((accuracy, "o", -0.12), (macro_f1, "s", 0.12)):
                # A percentile interval need not hold the score itself: bars begin at it at the least.
                bars = [[max(0.0, middle - low)], [max(0.0, high - middle)]]
                axes.errorbar(
                    middle, row + shift, xerr=bars, fmt=marker, markersize=4, capsize=2, color=f"C{'os'.index(marker)}"
                )
        axes.grid(axis="x", alpha=0.3)
        axes.set_title(f"{test.dataset}, {test.size:,} tweets", fontsize=9)
    panels[0].set_yticks(list(rows), [bundle.name for bundle in group.bundles])
    panels[0].invert_yaxis()
    figure.supxlabel("accuracy (dots) and macro-F1 (squares) with 95 % intervals", fontsize=9)
    return figure


def calibration(group: Group, test: int = 0) -> Figure:
    """Share that was right against the probability given, a line a bundle, on the test set at index `test`."""
    figure = Figure(figsize=(5.5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    for bundle in group.bundles:
        each = bundle.qualities[test]
        sure, share, _ = zip(*each.calibration, strict=True)
        axes.plot(sure, share, marker="o", markersize=3, label=f"{bundle.name} ({each.scores.calibration_error:.3f})")
    first = group.bundles[0].qualities[test].scores
    axes.set(
        xlim=(1 / len(group.labels), 1),
        xlabel="probability given to the chosen label",
        ylabel="share that was right",
        title=f"{first.dataset} {first.split}, {first.size:,} tweets (calibration error)",
    )
    axes.legend(loc="upper left", fontsize=8)
    return figure
