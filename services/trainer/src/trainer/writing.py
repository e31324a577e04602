"""A dataset as files, for notebooks and other tools: one parquet per side and `dataset.json` with the fingerprint."""

import dataclasses
import json
from pathlib import Path

import pandas as pd

from trainer.dataset import Dataset


def write_dataset(dataset: Dataset, folder: Path) -> None:
    """Write `train`, `validation` and `test` (columns text, label); `dataset.json` comes last, when all is there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dataset.json").unlink(missing_ok=True)
    for name, tweets in (("train", dataset.train), ("validation", dataset.validation), ("test", dataset.test)):
        labels = [dataset.labels[index] for index in tweets.labels]
        pd.DataFrame({"text": tweets.texts, "label": labels}).to_parquet(folder / f"{name}.parquet", index=False)
    card = {
        "name": dataset.name,
        "fingerprint": dataset.fingerprint,
        "labels": dataset.labels,
        "terms": dataset.terms,
        "report": dataclasses.asdict(dataset.report),
    }
    (folder / "dataset.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
