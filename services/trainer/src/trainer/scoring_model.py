"""The bundle that a reference names: a folder, or a version or run of MLflow. Nothing of the registry's code is run."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException

from trainer.bundle import Bundle, BundleRefused, load_bundle
from trainer.registry import connect
from trainer.settings import Settings


@contextmanager
def found_bundle(reference: str, settings: Settings) -> Iterator[Bundle]:
    """The verified bundle of `models/champion`, `models:/tweet-sentiment@champion`, `runs:/<id>/model` and the like.

    Its files are there inside. Raises BundleRefused when there is none, or one that may not be served.
    """
    # A scheme of one letter is a drive's name.
    if re.match(r"\w[\w-]+:/", reference) is None:
        yield load_bundle(Path(reference))
        return
    with tempfile.TemporaryDirectory() as folder:
        yield download_bundle(reference, Path(folder), settings)


def find_bundle(reference: str, settings: Settings) -> Bundle:
    """The same in memory; its files may be gone."""
    with found_bundle(reference, settings) as bundle:
        return bundle


def download_bundle(reference: str, folder: Path, settings: Settings) -> Bundle:
    """The same of MLflow alone, its files below `folder`."""
    connect(settings)
    try:
        downloaded = Path(download_artifacts(reference, dst_path=str(folder)))
    except (MlflowException, OSError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise BundleRefused(f"{reference} is not to be had from {settings.tracking_uri}: {reason}") from error
    cards = list(downloaded.rglob("model.json")) if downloaded.is_dir() else []
    if len(cards) != 1:
        raise BundleRefused(f"{reference} holds {len(cards)} bundles where one is expected: name the model itself")
    return load_bundle(cards[0].parent)
