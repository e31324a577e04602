"""`trainer teach`: a strong bundle tells a small one what it thinks of the tweets."""

import typer

from trainer.commands.options import BundleFolder, DatasetOption, Limit, load
from trainer.errors import TrainerError
from trainer.settings import Settings


def teach(bundle: BundleFolder, dataset: DatasetOption = "sentiment140", limit: Limit = None) -> None:
    """Keep what a bundle thinks of a set's train side, for `trainer train bigru_distilled` to learn from."""
    from trainer.bundle import load_bundle
    from trainer.soft_labels import teach, write_soft_labels

    file = Settings().soft_labels_file
    teacher = load_bundle(bundle)
    loaded = load(dataset, ",".join(teacher.card.labels), limit=limit)
    if not len(loaded.train):
        raise TrainerError(f"{dataset} has no train side")
    total = write_soft_labels(file, loaded.train.texts, teach(teacher, loaded.train.texts))
    typer.echo(f"{file} knows {total:,} tweets")
