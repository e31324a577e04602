"""`trainer compare`: every bundle side by side, its quality and its cost."""

from pathlib import Path
from typing import Annotated

import typer

from trainer.settings import Settings


def compare(
    bundle: Annotated[
        list[Path] | None, typer.Argument(help="bundle folders; default: all in models/ and TRAINER_BUNDLES_DIR")
    ] = None,
    dataset: Annotated[list[str] | None, typer.Option(help="test on these; default: every standard set here")] = None,
    output: Annotated[Path, typer.Option(help="folder for the page, the plots and results.json")] = Path(
        "docs/comparison"
    ),
    recorded: Annotated[bool, typer.Option(help="write page and plots from results.json, measure nothing")] = False,
    write: Annotated[Path | None, typer.Option(help="also write the short table into this document")] = None,
) -> None:
    """Measure bundles side by side, from their files, on the same tweets: scores, tests, times, sizes, memory."""
    from trainer import comparison, comparison_plots, comparison_report, comparison_results
    from trainer.figures import require_marks, write_between_marks

    if write:
        require_marks(write, "compare")  # before minutes of measuring
    if not recorded:
        settings, refused = Settings(), list[str]()
        bundles = (
            comparison.load_bundles(bundle)
            if bundle
            else comparison.load_bundles(comparison.find_bundles(settings), refused=refused)
        )
        found = comparison.compare(bundles, settings, names=dataset, refused=refused)
        comparison_results.write_results(output, found)
    results = comparison_results.read_results(output)
    comparison_plots.write_plots(output, results)
    page = comparison_report.page(results)
    (output / "README.md").write_text(f"{page}\n", encoding="utf-8")
    typer.echo(page)
    if write:
        write_between_marks(write, comparison_report.block(results, output, write), "compare")
