"""The standard test sets: every bundle is reported on those of them that are here and share its labels."""

import logging
from collections.abc import Iterator, Sequence

from trainer.dataset import DatasetNotFound, load_dataset
from trainer.errors import TrainerError
from trainer.settings import Settings
from trainer.test_sets import TestSet

logger = logging.getLogger(__name__)

BINARY = ("sentiment140", "sentiment140_manual", "us_airline", "sample")
THREE_CLASS = ("tweeteval", "us_airline", "umsab_french", "umsab_english", "sample")


def standard_test_sets(
    labels: tuple[str, ...], settings: Settings, *, names: Sequence[str] | None = None, apart_from: Sequence[str] = ()
) -> Iterator[TestSet]:
    """The test splits of `names`, by default all that suit the labels, without `apart_from`.

    A set asked for by name must be there; of the default ones those that are absent are named in the log.
    """
    wanted = names or [name for name in (BINARY if len(labels) == 2 else THREE_CLASS) if name not in apart_from]
    found = False
    for name in wanted:
        try:
            dataset = load_dataset(name, data_dir=settings.data_dir, sample_dir=settings.sample_dir, labels=labels)
        except DatasetNotFound:
            if names:
                raise
            logger.info("test_set_absent name=%s", name)
            continue
        found = True
        yield TestSet(dataset.name, "test", dataset.test)
    if not found and not apart_from:
        raise TrainerError(f"no test set with labels {', '.join(labels)} in {settings.data_dir}")
