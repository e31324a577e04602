"""`trainer dataset`: labelled tweets, fetched from their publishers, cleaned, split."""

from pathlib import Path
from typing import Annotated

import typer

from trainer.commands.options import BINARY, DatasetName, LabelColumn, Labels, Limit, TextColumn, load
from trainer.settings import Settings

app = typer.Typer(help="Labelled tweets: fetched from their publishers, cleaned, split.", no_args_is_help=True)


@app.command("list")
def list_datasets() -> None:
    """Name every known set, whether it is here, and its terms."""
    from trainer.finding import locate
    from trainer.sources import SAMPLE, SOURCES, DatasetNotFound

    settings = Settings()
    for source in (*SOURCES, SAMPLE):
        try:
            locate(source.name, settings.data_dir, sample_dir=settings.sample_dir)
            here = "here"
        except DatasetNotFound:
            here = "absent"
        typer.echo(f"{source.name:20} {here:7} {source.terms}")


@app.command()
def fetch(name: DatasetName) -> None:
    """Download a set from its publisher into TRAINER_DATA_DIR."""
    from trainer.fetching import fetch as fetch_dataset

    for file in fetch_dataset(name, Settings().data_dir):
        typer.echo(f"{file}")


@app.command()
def show(
    name: DatasetName,
    labels: Labels = BINARY,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    limit: Limit = None,
    output: Annotated[Path | None, typer.Option(help="also write the sides as parquet into this folder")] = None,
) -> None:
    """Clean and split a set; print what each step kept, and the fingerprint."""
    from trainer.writing import write_dataset

    dataset = load(name, labels, text_column, label_column, limit)
    typer.echo(f"fingerprint {dataset.fingerprint}")
    if output:
        write_dataset(dataset, output)
        typer.echo(f"written to {output}")


def with_show(arguments: list[str]) -> list[str]:
    """`trainer dataset NAME` is short for `trainer dataset show NAME`."""
    match arguments:
        case ["dataset", name, *rest] if name not in {"list", "fetch", "show"} and not name.startswith("-"):
            return ["dataset", "show", name, *rest]
    return arguments
