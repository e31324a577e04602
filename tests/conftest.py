"""What every test may ask for."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.slow import is_slow

if TYPE_CHECKING:
    from trainer.dataset import Dataset

ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_slow(item.path):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the published data sets, or a skip that says how to have one."""
    folder = Path(os.environ.get("TRAINER_DATA_DIR", ROOT / "data" / "raw"))
    if not (folder / "sentiment140.parquet").is_file():
        pytest.skip(f"no published data sets in {folder}: set TRAINER_DATA_DIR to a folder that has them")
    return folder


@pytest.fixture(scope="session")
def sentiment140(data_dir: Path) -> "Dataset":
    """All of it; reading and cleaning 1.58 million tweets takes half a minute, so it is done once."""
    from trainer.dataset import load_dataset

    return load_dataset("sentiment140", data_dir=data_dir)
