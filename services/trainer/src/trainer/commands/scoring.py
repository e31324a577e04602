"""`trainer score`: a file of tweets in, the same rows with their sentiment out."""

from pathlib import Path
from typing import Annotated

import typer

from trainer.commands.options import TextColumn
from trainer.settings import Settings


def score(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="csv, tsv, ndjson (each also .gz) or parquet")],
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="the same, also another format than INPUT's")],
    model: Annotated[
        str, typer.Option(help="a bundle folder, or of MLflow: models:/tweet-sentiment@champion, runs:/ID/model")
    ] = "models/champion",
    text_column: TextColumn = "text",
    prefix: Annotated[str, typer.Option(help="before the names of the columns that are added")] = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="replace an OUTPUT that is there")] = False,
) -> None:
    """Write a file's rows, in order, with `label`, `p_<label>` and `abstained`; empty where a row has no text."""
    from trainer.scoring import score_file
    from trainer.scoring_model import find_bundle

    bundle = find_bundle(model, Settings())
    report = score_file(source, output, bundle.classifier, text_column=text_column, prefix=prefix, overwrite=overwrite)
    for row in report.first:
        typer.echo(f"row {row.number} is not scored: {row.reason}", err=True)
    if report.bad:
        more = f"{report.bad - len(report.first):,} more; " if report.bad > len(report.first) else ""
        typer.echo(f"{more}all {report.bad:,} rows that are not scored lie in {report.bad_file}", err=True)
    typer.echo(f"{report.scored:,} tweets scored into {output} by {bundle.card.name} {bundle.digest[:12]}")
