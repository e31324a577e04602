"""`trainer score`: a file of tweets in, the same rows with their sentiment out; or a folder, on many workers."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainer.commands.options import Address, EngineName, TextColumn, Workers, require_ray
from trainer.settings import Settings

if TYPE_CHECKING:
    from trainer.bundle import Bundle
    from trainer.scoring_folder import Engine
    from trainer.scoring_plan import Order


# Eight chunks: a file that is scored as a whole is cut into the same ones.
PARTITION_ROWS = 65_536


def score(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT", help="csv, tsv, ndjson (each also .gz) or parquet, or a folder of them")
    ],
    output: Annotated[
        Path,
        typer.Argument(metavar="OUTPUT", help="the same, also another format than INPUT's; or a folder of parquet"),
    ],
    model: Annotated[
        str, typer.Option(help="a bundle folder, or of MLflow: models:/tweet-sentiment@champion, runs:/ID/model")
    ] = "models/champion",
    text_column: TextColumn = "text",
    prefix: Annotated[str, typer.Option(help="before the names of the columns that are added")] = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="replace an OUTPUT that is there")] = False,
    engine: Annotated[EngineName, typer.Option(help="of a folder: this process, or Ray's workers")] = "local",
    address: Address = None,
    workers: Workers = None,
    partition_rows: Annotated[int, typer.Option(help="of a folder: rows of each parquet file", min=1)] = PARTITION_ROWS,
) -> None:
    """Write a file's rows, in order, with `label`, `p_<label>` and `abstained`; empty where a row has no text.

    Where OUTPUT is a folder it gets parquet files, and a run that was cut goes on with the same command.
    """
    from trainer.scoring import ScoringRefused
    from trainer.scoring_model import found_bundle

    require_ray(engine, address, workers)
    is_folder = becomes_folder(source, output)
    if engine == "ray" and not is_folder:
        raise ScoringRefused(f"{output} is one file, which Ray's workers cannot write together: name a folder")
    with found_bundle(model, Settings()) as bundle:
        if is_folder:
            from trainer.scoring_plan import Order

            order = Order(model=bundle.digest, text_column=text_column, prefix=prefix, partition_rows=partition_rows)
            score_a_folder(source, output, bundle, order, overwrite, find_engine(engine, address, workers))
        else:
            score_a_file(source, output, bundle, text_column, prefix, overwrite)


def becomes_folder(source: Path, output: Path) -> bool:
    """Whether OUTPUT is a folder: its name has no suffix of a file of rows."""
    from trainer.reading import TABLE_SUFFIXES, suffix_of
    from trainer.scoring import ScoringRefused

    is_file = suffix_of(output) in TABLE_SUFFIXES
    if source.is_dir() and is_file:
        raise ScoringRefused(f"{source} is a folder, and {output} would be a file: name a folder")
    return not is_file and (source.is_dir() or not output.suffix)


def find_engine(engine: EngineName, address: str | None, workers: int | None) -> "Engine":
    from trainer.scoring_folder import score_here

    if engine == "local":
        return score_here
    from trainer.scoring_ray import score_on_ray

    return partial(score_on_ray, address=address, workers=workers)


def score_a_folder(
    source: Path, output: Path, bundle: "Bundle", order: "Order", overwrite: bool, engine: "Engine"
) -> None:
    from trainer.scoring_finish import BAD_ROWS
    from trainer.scoring_folder import score_folder

    report = score_folder(source, output, bundle, order, overwrite=overwrite, engine=engine)
    rows, bad = report.summary.rows, report.summary.bad
    for row in report.first:
        typer.echo(f"{row['file']}, row {row['row']} is not scored: {row['reason']}", err=True)
    tell_of_bad(bad, len(report.first), output / BAD_ROWS)
    if report.found:
        typer.echo(f"{report.found:,} of {report.partitions:,} partitions were there already", err=True)
    typer.echo(f"{rows - bad:,} tweets scored into {output} by {bundle.card.name} {bundle.digest[:12]}")


def score_a_file(source: Path, output: Path, bundle: "Bundle", text_column: str, prefix: str, overwrite: bool) -> None:
    from trainer.scoring import score_file

    report = score_file(source, output, bundle.classifier, text_column=text_column, prefix=prefix, overwrite=overwrite)
    for row in report.first:
        typer.echo(f"row {row.number} is not scored: {row.reason}", err=True)
    tell_of_bad(report.bad, len(report.first), report.bad_file)
    typer.echo(f"{report.scored:,} tweets scored into {output} by {bundle.card.name} {bundle.digest[:12]}")


def tell_of_bad(bad: int, told: int, file: Path) -> None:
    if bad:
        more = f"{bad - told:,} more; " if bad > told else ""
        typer.echo(f"{more}all {bad:,} rows that are not scored lie in {file}", err=True)
