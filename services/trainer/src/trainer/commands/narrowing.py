"""`trainer narrow`: a bundle of fewer labels out of one of more."""

from pathlib import Path
from typing import Annotated

import typer

from trainer.commands.options import (
    BINARY,
    BundleFolder,
    DatasetOption,
    LabelColumn,
    Labels,
    Limit,
    TextColumn,
    load,
    repeatable_command,
)
from trainer.commands.training import report
from trainer.settings import Settings


def narrow(
    bundle: BundleFolder,
    output: Annotated[Path, typer.Option(help="folder of the new bundle")],
    dataset: DatasetOption = "sentiment140",
    labels: Labels = BINARY,
    text_column: TextColumn = "text",
    label_column: LabelColumn = "label",
    limit: Limit = None,
) -> None:
    """Leave a bundle only some of its labels; settle its threshold on a set's validation side, evaluate, register."""
    from trainer import registry
    from trainer.bundle import BundleRefused, load_bundle
    from trainer.narrowing import narrow
    from trainer.standard import standard_test_sets
    from trainer.training import own_tests

    if output.resolve() == bundle.resolve():
        raise BundleRefused("--output must be another folder: the wide bundle stays as it is")
    settings = Settings()
    client = registry.connect(settings)
    source = load_bundle(bundle)
    loaded = load(dataset, labels, text_column, label_column, limit)
    others = [own.dataset for own in own_tests(loaded) if not limit]
    result = narrow(
        source,
        loaded,
        standard_test_sets(loaded.labels, settings, apart_from=others),
        client,
        settings,
        folder=output,
        command=repeatable_command(
            "narrow",
            dataset=dataset,
            labels=labels,
            text_column=text_column,
            label_column=label_column,
            limit=limit,
        ),
    )
    report(result, client)
