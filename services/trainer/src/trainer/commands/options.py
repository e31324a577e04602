"""The options that several commands share, and the one way they load a dataset."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trainer.errors import TrainerError
from trainer.settings import Settings

if TYPE_CHECKING:
    from trainer.dataset import Dataset

BINARY = "negative,positive"

DatasetName = Annotated[
    str,
    typer.Argument(
        help="a published set (`trainer dataset list`), `sample`, a file, or several: sentiment140+us_airline:4"
    ),
]
DatasetOption = Annotated[str, typer.Option(help="a published set, `sample`, a file, or several: sample+us_airline:4")]
Labels = Annotated[str, typer.Option(help="the labels, in the bundle's order")]
TextColumn = Annotated[str, typer.Option(help="column of the text, for a file of your own")]
LabelColumn = Annotated[str, typer.Option(help="column of the label, for a file of your own")]
Limit = Annotated[int | None, typer.Option(help="use this many rows only", min=1)]
# Where work can be spread.
EngineName = Literal["local", "ray"]
Address = Annotated[
    str | None,
    typer.Option(help="Ray's cluster: auto, HOST:6379, ray://HOST:10001; else Ray is started on this machine"),
]
Workers = Annotated[int | None, typer.Option(help="Ray's workers; else one a processor", min=1)]
BundleFolder = Annotated[Path, typer.Argument(help="a bundle folder")]


def load(
    name: str,
    labels: str = BINARY,
    text_column: str = "text",
    label_column: str = "label",
    limit: int | None = None,
) -> "Dataset":
    """Load a dataset as the options say, and print what each step of its cleaning kept."""
    from trainer.mixing import load_mixture

    settings = Settings()
    dataset = load_mixture(
        name,
        data_dir=settings.data_dir,
        sample_dir=settings.sample_dir,
        labels=tuple(labels.split(",")),
        text_column=text_column,
        label_column=label_column,
        limit=limit,
    )
    for part in dataset.parts or (dataset,):
        typer.echo(str(part.report))
    return dataset


def require_ray(engine: EngineName, address: str | None, workers: int | None) -> None:
    """Refuse options that this engine has no use for."""
    if engine != "ray" and (address or workers):
        raise TrainerError("--address and --workers are for --engine ray")


def repeatable_command(
    *verb: str, dataset: str, labels: str, text_column: str, label_column: str, limit: int | None
) -> str:
    """What makes the model again, whoever types it and wherever it is written to; `verb`: `train tfidf_logreg`."""
    words = ["trainer", *verb, "--dataset", Path(dataset).name]
    words += ["--labels", labels] if labels != BINARY else []
    words += ["--text-column", text_column] if text_column != "text" else []
    words += ["--label-column", label_column] if label_column != "label" else []
    words += ["--limit", str(limit)] if limit else []
    return shlex.join(words)
