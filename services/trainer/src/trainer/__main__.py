"""The pipeline, one command per stage, in flow order: dataset, train, evaluate, register, promote.

Stages are imported inside their commands: MLflow takes seconds to import and `--help` should not wait for it.
"""

import logging
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from trainer.errors import TrainerError
from trainer.settings import Settings

if TYPE_CHECKING:
    from trainer.dataset import Dataset

app = typer.Typer(
    help=(__doc__ or "").partition("\n")[0], no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
dataset_app = typer.Typer(help="Labelled tweets: fetched from their publishers, cleaned, split.", no_args_is_help=True)
app.add_typer(dataset_app, name="dataset")

BINARY = "negative,positive"
DatasetName = Annotated[str, typer.Argument(help="a published set (`trainer dataset list`), `sample`, or a file")]
Labels = Annotated[str, typer.Option(help="the labels, in the bundle's order")]
TextColumn = Annotated[str, typer.Option(help="column of the text, for a file of your own")]
LabelColumn = Annotated[str, typer.Option(help="column of the label, for a file of your own")]
Limit = Annotated[int | None, typer.Option(help="use this many rows only", min=1)]


@dataset_app.command("list")
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


@dataset_app.command()
def fetch(name: DatasetName) -> None:
    """Download a set from its publisher into TRAINER_DATA_DIR."""
    from trainer.fetching import fetch as fetch_dataset

    for file in fetch_dataset(name, Settings().data_dir):
        typer.echo(f"{file}")


@dataset_app.command()
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


def load(name: str, labels: str, text_column: str, label_column: str, limit: int | None) -> "Dataset":
    """Load a dataset as the options say, and print what each step of its cleaning kept."""
    from trainer.dataset import load_dataset

    settings = Settings()
    dataset = load_dataset(
        name,
        data_dir=settings.data_dir,
        sample_dir=settings.sample_dir,
        labels=tuple(labels.split(",")),
        text_column=text_column,
        label_column=label_column,
        limit=limit,
    )
    typer.echo(str(dataset.report))
    return dataset


def repeatable_command(
    candidate: str, dataset: str, labels: str, text_column: str, label_column: str, limit: int | None
) -> str:
    """What makes the model again, whoever types it and wherever it is written to."""
    words = ["trainer", "train", candidate, "--dataset", Path(dataset).name]
    words += ["--labels", labels] if labels != BINARY else []
    words += ["--text-column", text_column] if text_column != "text" else []
    words += ["--label-column", label_column] if label_column != "label" else []
    words += ["--limit", str(limit)] if limit else []
    return shlex.join(words)


@app.command()
def train(
    candidate: Annotated[str, typer.Argument(help="the recipe, e.g. tfidf_logreg")],
    dataset: Annotated[str, typer.Option(help="a published set, `sample`, or a file")] = "sentiment140",
    labels: Labels = BINARY,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    limit: Limit = None,
    output: Annotated[Path | None, typer.Option(help="bundle folder; default var/bundles/CANDIDATE")] = None,
) -> None:
    """Fit a candidate; log, evaluate and register its bundle as the challenger."""
    from trainer import registry, training
    from trainer.candidates import CANDIDATES
    from trainer.figures import table
    from trainer.standard import standard_test_sets

    if candidate not in CANDIDATES:
        raise TrainerError(f"no candidate {candidate!r}: choose one of {', '.join(CANDIDATES)}")
    settings = Settings()
    client = registry.connect(settings)
    loaded = load(dataset, labels, text_column, label_column, limit)
    result = training.train(
        CANDIDATES[candidate],
        loaded,
        standard_test_sets(loaded.labels, settings, apart_from=loaded.name),
        client,
        settings,
        folder=output or settings.bundles_dir / candidate,
        command=repeatable_command(candidate, dataset, labels, text_column, label_column, limit),
    )
    typer.echo(table(result.bundle.card.metrics))
    typer.echo(
        f"fitted in {result.fit_seconds:.1f} s, bundle {result.bundle.folder} digest {result.bundle.digest[:12]}"
    )
    version, known = result.registered.version, "" if result.registered.is_new else " already"
    typer.echo(f"registered{known} as {settings.model_name} version {version}; next:")
    typer.echo(f'    trainer promote {version} --reason "..."')


@app.command()
def evaluate(
    bundle: Annotated[Path, typer.Argument(help="a bundle folder")],
    dataset: Annotated[list[str] | None, typer.Option(help="test on these; default: every standard set here")] = None,
    recorded: Annotated[bool, typer.Option(help="print the figures in the bundle, measure nothing")] = False,
    write: Annotated[Path | None, typer.Option(help="also write the table into this document")] = None,
) -> None:
    """Score a bundle, from its files, on test splits. Whether a file of your own was trained on is yours to know."""
    from trainer import evaluation
    from trainer.bundle import load_bundle
    from trainer.figures import table, write_between_marks
    from trainer.standard import standard_test_sets

    settings = Settings()
    loaded = load_bundle(bundle)
    metrics = loaded.card.metrics
    if not recorded:
        tests = standard_test_sets(tuple(loaded.card.labels), settings, names=dataset)
        evaluations = [
            evaluation.evaluate(loaded, test.tweets, dataset=test.dataset, split=test.split)
            for test in tests
            if evaluation.has_every_label(test.tweets, loaded.card.labels, name=f"{test.dataset}, {test.split}")
        ]
        metrics = [each.scores for each in evaluations]
        for each in evaluations:
            typer.echo(f"{each.scores.dataset}: {each.microseconds_per_tweet:.0f} microseconds a tweet", err=True)
    typer.echo(table(metrics))
    if write:
        write_between_marks(write, table(metrics))


@app.command()
def register(
    bundle: Annotated[Path, typer.Argument(help="a bundle folder")],
    champion_if_none: Annotated[bool, typer.Option(help="promote it where the registry has no champion")] = False,
) -> None:
    """Verify a bundle and make it the next version and challenger; registering it again changes nothing."""
    from trainer import promotion, registry
    from trainer.bundle import load_bundle

    settings = Settings()
    loaded = load_bundle(bundle)
    client = registry.connect(settings)
    version = registry.register(loaded, client, settings).version
    typer.echo(f"{settings.model_name} version {version} is {loaded.folder} ({loaded.digest[:12]})")
    if champion_if_none and registry.version_of(registry.CHAMPION, client, settings) is None:
        promotion.promote(version, client, settings, reason="first champion of an empty registry")
        typer.echo(f"version {version} is the champion")


@app.command()
def promote(
    version: Annotated[str, typer.Argument(help="a version number, or an alias")] = "challenger",
    reason: Annotated[str, typer.Option(help="why, for the journal")] = ...,  # type: ignore[assignment]
    by: Annotated[str, typer.Option(help="who; default: the user of this machine")] = "",
) -> None:
    """Make a version the champion: the inference service follows within seconds."""
    from trainer import promotion, registry

    settings = Settings()
    client = registry.connect(settings)
    moved = promotion.promote(version, client, settings, reason=reason, by=by)
    typer.echo(f"champion: version {moved.from_version or 'none'} -> {moved.to_version} by {moved.by}: {moved.reason}")


def with_show(arguments: list[str]) -> list[str]:
    """`trainer dataset NAME` is short for `trainer dataset show NAME`."""
    match arguments:
        case ["dataset", name, *rest] if name not in {"list", "fetch", "show"} and not name.startswith("-"):
            return ["dataset", "show", name, *rest]
    return arguments


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        app(with_show(sys.argv[1:]))
    except Exception as error:
        if (explanation := explain(error)) is None:
            raise
        typer.echo(f"error: {explanation}", err=True)
        raise SystemExit(1) from None


def explain(error: Exception) -> str | None:
    """One line for what a person can mend; None for what only a developer can."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{error.title}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    # By the name of their package: importing these libraries here would make `--help` wait for them.
    library = type(error).__module__.partition(".")[0]
    if isinstance(error, TrainerError | OSError) or library in {"mlflow", "pyarrow", "sqlalchemy"}:
        return next(iter(str(error).splitlines()), type(error).__name__)
    return None


if __name__ == "__main__":
    main()
