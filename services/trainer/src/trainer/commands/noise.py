"""`trainer noise`: labels that are probably wrong, and what training without them changes."""

from pathlib import Path
from typing import Annotated

import typer

from trainer.commands.options import BINARY, DatasetName, LabelColumn, Labels, Limit, TextColumn, load
from trainer.settings import Settings

MANUAL = "sentiment140_manual"


def noise(
    name: DatasetName,
    labels: Labels = BINARY,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    limit: Limit = None,
    output: Annotated[Path | None, typer.Option(help="csv of the suspects; default var/noise/NAME.csv")] = None,
    with_texts: Annotated[bool, typer.Option(help="write the tweets too, for your own eyes")] = False,
) -> None:
    """Find labels of the train side that are probably wrong; measure what training without them changes."""
    from trainer import noise as search
    from trainer.dataset import DatasetNotFound, load_dataset

    settings = Settings()
    dataset = load(name, labels, text_column, label_column, limit)
    search.require_enough(dataset)
    tests = {"validation": dataset.validation}
    try:
        manual = load_dataset(MANUAL, data_dir=settings.data_dir, labels=dataset.labels)
        tests[MANUAL] = manual.test
    except DatasetNotFound:
        typer.echo(f"{MANUAL} is not here: the effect is measured on the validation side alone", err=True)
    features = search.build_features(dataset.train, tests)
    suspects = search.find_suspects(features.train, dataset.train.labels, seed=settings.seed)
    file = output or Path("var/noise") / f"{dataset.name}.csv"
    search.write_suspects(file, suspects, dataset.train, dataset.labels, with_texts=with_texts)
    share = len(suspects) / len(dataset.train)
    typer.echo(f"{len(suspects):,} of {len(dataset.train):,} tweets are suspects ({share:.1%}), listed in {file}")
    for effect in search.measure_effect(features, dataset.train, tests, suspects, seed=settings.seed):
        typer.echo(str(effect))
