"""A study's table and plot: printed, written into its folder, and kept with its run in MLflow."""

from collections.abc import Sequence
from pathlib import Path

import mlflow
from matplotlib.figure import Figure

from trainer.study import Result

TABLE, PLOT = "table.md", "plot.png"


def table(results: Sequence[Result]) -> str:
    """A Markdown table, one row per arm."""
    rows = [
        "| arm | train tweets | validation accuracy (95 % interval) | macro-F1 | log-loss | fit seconds | bundle MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        scores = result.scores
        interval = f"{scores.accuracy:.4f} ({scores.accuracy_low:.4f} to {scores.accuracy_high:.4f})"
        rows.append(
            f"| {result.arm} | {result.train_tweets:,} | {interval} | {scores.macro_f1:.4f} | {scores.log_loss:.4f} "
            f"| {result.fit_seconds:.1f} | {result.bundle_megabytes:.2f} |"
        )
    return "\n".join(rows)


def draw_arms(results: Sequence[Result]) -> Figure:
    """The arms' accuracies with their intervals, in the order of the table, first on top."""
    figure = Figure(figsize=(8, 1.2 + 0.4 * len(results)), layout="constrained")
    axes = figure.subplots()
    places = list(range(len(results)))
    axes.errorbar([each.scores.accuracy for each in results], places, xerr=error_bars(results), fmt="o", capsize=3)
    axes.set_yticks(places, [each.arm for each in results])
    axes.invert_yaxis()
    axes.locator_params(axis="x", nbins=6)
    axes.set(xlabel="validation accuracy, 95 % interval", title=title(results))
    return figure


def error_bars(results: Sequence[Result]) -> tuple[list[float], list[float]]:
    """How far each interval reaches below and above its accuracy. # (2, arms)"""
    scores = [each.scores for each in results]
    return (
        [each.accuracy - each.accuracy_low for each in scores],
        [each.accuracy_high - each.accuracy for each in scores],
    )


def title(results: Sequence[Result]) -> str:
    scores = results[0].scores
    return f"{scores.dataset} {scores.split}, {scores.size:,} tweets"


def write_report(folder: Path, text: str, figure: Figure) -> None:
    """Write both files, and log them into the active run."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TABLE).write_text(f"{text}\n", encoding="utf-8")
    figure.savefig(folder / PLOT, dpi=120)
    for file in (TABLE, PLOT):
        mlflow.log_artifact(str(folder / file), "study")
