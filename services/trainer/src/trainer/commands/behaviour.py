"""`trainer behave`: what a model must get right, capability by capability."""

from pathlib import Path
from typing import Annotated

import typer

from trainer.commands.options import BundleFolder
from trainer.settings import Settings


def behave(
    bundle: BundleFolder,
    behaviours: Annotated[
        Path | None, typer.Option(help="a csv or a folder of them; default TRAINER_BEHAVIOUR_DIR, data/behaviour")
    ] = None,
    at_least: Annotated[
        float | None, typer.Option(help="exit with 1 where a smaller share of the rows passes", min=0, max=1)
    ] = None,
) -> None:
    """Test a bundle's capabilities: negation, irony, names swapped, emoji added, typos, French, ..."""
    from trainer.behaviour import load_behaviours, run_behaviours
    from trainer.behaviour_report import capability_table, failures, pass_rate
    from trainer.bundle import load_bundle

    classifier = load_bundle(bundle).classifier
    rows, bad = load_behaviours(behaviours or Settings().behaviour_dir)
    outcomes = run_behaviours(rows, classifier)
    typer.echo("\n".join(filter(None, [failures(outcomes), capability_table(outcomes)])))
    if len(rows) > len(outcomes):
        typer.echo(f"{len(rows) - len(outcomes)} rows expect a label that this model does not have: not asked")
    for row in bad:
        typer.echo(f"left out: {row.where} {row.reason}", err=True)
    if at_least is not None and pass_rate(outcomes) < at_least:
        typer.echo(f"error: {pass_rate(outcomes):.1%} of the rows pass, less than {at_least:.1%}", err=True)
        raise typer.Exit(1)
