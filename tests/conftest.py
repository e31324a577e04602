"""What every test may ask for."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the published data sets, or a skip that says how to have one."""
    folder = Path(os.environ.get("TRAINER_DATA_DIR", ROOT / "data" / "raw"))
    if not (folder / "sentiment140.parquet").is_file():
        pytest.skip(f"no published data sets in {folder}: set TRAINER_DATA_DIR to a folder that has them")
    return folder
