"""A comparison as Markdown: the page in docs/comparison, and the short block for the README."""

import os
from pathlib import Path

from trainer.comparison_results import Comparison, Group, Measured, Quality

NOTE = (
    "Every bundle is measured from its three files, on raw text. Brackets are 95 % intervals: Wilson's for accuracy, "
    "a bootstrap over tweets for macro-F1. *p* is McNemar's exact test against the bundle that is right most often, on "
    "the same tweets: below 0.05 chance alone would seldom make the two differ so (not corrected for their number)."
)
COSTS_NOTE = (
    "Microseconds a tweet are those of one core's time for the whole path, raw text to probabilities. Memory is what a "
    "fresh process holds that has loaded the bundle and answered, Python included. What a fit took stands in "
    "`training.json`, beside the bundle on the machine that fitted it; a dash where it does not."
)
COSTS_HEAD = (
    "| bundle | fitted on | tweets | fit, s | fit's peak, MB | μs a tweet, in batches | μs, one alone "
    "| bundle, MB | memory, MB |\n|---|---|---|---|---|---|---|---|---|"
)


def page(comparison: Comparison) -> str:
    """The whole comparison; its plots lie beside it under the names of `plot_names`."""
    lines = [
        "# Comparison",
        "",
        "Written by `trainer compare` (`make compare`); the same figures as JSON: `results.json`.",
        "",
        NOTE,
    ]
    for group in comparison.groups:
        lines += ["", f"## {group.name.capitalize()}: {', '.join(group.labels)}"]
        for index, first in enumerate(group.bundles[0].qualities):
            title = f"{first.scores.dataset}, {first.scores.split}: {first.scores.size:,} tweets"
            lines += ["", f"### {title}", "", quality_table(group, index)]
        if group.left_out:
            lines += ["", f"Left out, because it is not here or lacks one of the labels: {', '.join(group.left_out)}."]
        lines += ["", "### Costs", "", cost_table(group), "", COSTS_NOTE, ""]
        lines += [f"![{title} of the {group.name} bundles]({file})" for file, title in plot_names(group).items()]
    if comparison.refused:
        lines += ["", "## Refused", "", *(f"- {reason}" for reason in comparison.refused)]
    machine = f"Measured on a machine with {comparison.cores} cores. Ratios of times mean more than the times."
    return "\n".join([*lines, "", machine])


def plot_names(group: Group) -> dict[str, str]:
    """File and title of each plot of a group."""
    slug = group.name.replace(" ", "-")
    return {f"cost-{slug}.svg": "Quality against cost", f"quality-{slug}.svg": "Quality on every test set"}


def block(comparison: Comparison, folder: Path, document: Path) -> str:
    """One table a group and its chart, for a document that shows what lies in `folder`."""
    there = Path(os.path.relpath(folder.resolve(), document.resolve().parent)).as_posix()
    parts = []
    for group in comparison.groups:
        chart, title = next(iter(plot_names(group).items()))
        parts += [summary_table(group), "", f"![{title}]({there}/{chart})", ""]
    return "\n".join([*parts, f"Intervals, tests and memory of the fits: [{there}]({there}/README.md)."])


def quality_table(group: Group, index: int) -> str:
    """The test set at `index`, best first."""
    rows = [
        "| bundle | accuracy | macro-F1 | AUC | calibration error | p |",
        "|---|---|---|---|---|---|",
    ]
    ranked = sorted(group.bundles, key=lambda each: each.qualities[index].scores.accuracy, reverse=True)
    return "\n".join([*rows, *(quality_row(bundle, bundle.qualities[index]) for bundle in ranked)])


def quality_row(bundle: Measured, quality: Quality) -> str:
    scores = quality.scores
    accuracy = f"{scores.accuracy:.3f} ({scores.accuracy_low:.3f} to {scores.accuracy_high:.3f})"
    macro_f1 = f"{scores.macro_f1:.3f} ({quality.macro_f1_low:.3f} to {quality.macro_f1_high:.3f})"
    p_value = "best" if quality.p_against_best is None else f"{quality.p_against_best:.2g}"
    return (
        f"| {bundle.name} | {accuracy} | {macro_f1} | {scores.auc:.3f} | {scores.calibration_error:.3f} | {p_value} |"
    )


def cost_table(group: Group) -> str:
    rows = [COSTS_HEAD]
    for bundle in group.bundles:
        serving, fit = bundle.serving, bundle.fit
        fitting = f"{fit.fit_seconds:,.1f} | {fit.peak_megabytes:,.0f}" if fit else "– | –"
        rows.append(
            f"| {bundle.name} | {bundle.dataset} | {bundle.train_tweets:,} | {fitting} "
            f"| {serving.microseconds_in_batches:,.0f} | {serving.microseconds_alone:,.0f} "
            f"| {serving.bundle_megabytes:,.1f} | {serving.resident_megabytes:,.0f} |"
        )
    return "\n".join(rows)


def summary_table(group: Group) -> str:
    """One row a bundle: its accuracy on each test set, and what it costs."""
    tests = [f"{quality.scores.dataset} ({quality.scores.size:,})" for quality in group.bundles[0].qualities]
    rows = [
        f"| {group.name} bundle | {' | '.join(tests)} | μs a tweet | MB | memory, MB |",
        "|---" * (len(tests) + 4) + "|",
    ]
    for bundle in group.bundles:
        scores = [quality.scores for quality in bundle.qualities]
        half = [(each.accuracy_high - each.accuracy_low) / 2 for each in scores]
        cells = " | ".join(f"{each.accuracy:.3f} ± {width:.3f}" for each, width in zip(scores, half, strict=True))
        serving = bundle.serving
        rows.append(
            f"| {bundle.name} | {cells} | {serving.microseconds_in_batches:,.0f} "
            f"| {serving.bundle_megabytes:,.1f} | {serving.resident_megabytes:,.0f} |"
        )
    return "\n".join(rows)
