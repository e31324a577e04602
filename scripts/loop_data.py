"""The tweets of the loop's demonstration: what the champion learns, what comes as traffic, and what nobody ever sees.

With the published sets the champion learns Sentiment140 alone, and an airline's tweets are what it then meets. Without
them our own `data/sample` has to do, where a few hundred tweets demonstrate the way, and their figures little.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from trainer.cleaning import keys, repair_all
from trainer.errors import TrainerError
from trainer.sources import NEGATIVE, POSITIVE

AIRLINE = "us_airline.csv"
GENERAL = "sentiment140.parquet"
SAMPLE = Path("data/sample")


@dataclass(frozen=True)
class Labelled:
    text: str
    label: str


@dataclass(frozen=True)
class Story:
    """`champion_data`: what `trainer train --dataset` takes. `unseen` holds no tweet that is in `traffic` too."""

    champion_data: str
    traffic: list[Labelled]
    unseen: list[Labelled]
    kept: str  # the standard test set on which nothing may be lost
    is_real: bool


def load_story(data_dir: Path, workspace: Path) -> Story:
    if (data_dir / AIRLINE).is_file() and (data_dir / GENERAL).is_file():
        traffic, unseen = in_halves(read_airline(data_dir / AIRLINE))
        return Story("sentiment140", traffic, unseen, "sentiment140", is_real=True)
    traffic, unseen = in_halves(read_sample(SAMPLE / "airline_en.csv"))
    general = workspace / "everyday.csv"
    frames = [pd.read_csv(SAMPLE / name) for name in ("everyday_en.csv", "french.csv")]
    pd.concat(frames).to_csv(general, index=False)
    return Story(str(general), traffic, unseen, "everyday", is_real=False)


def read_airline(file: Path) -> list[Labelled]:
    table = pd.read_csv(file, dtype=str, usecols=["text", "airline_sentiment"])
    table = table[table.airline_sentiment.isin((NEGATIVE, POSITIVE))]
    # What the publisher wrote into the tweets is no traffic that anybody would meet.
    texts = repair_all(list(table.text), has_airline_artefacts=True)
    return [Labelled(text, label) for text, label in zip(texts, table.airline_sentiment, strict=True)]


def read_sample(file: Path) -> list[Labelled]:
    table = pd.read_csv(file, dtype=str)
    table = table[table.label.isin((NEGATIVE, POSITIVE))]
    if table.empty:
        raise TrainerError(f"{file} holds no negative or positive tweet")
    return [Labelled(text, label) for text, label in zip(table.text, table.label, strict=True)]


def in_halves(tweets: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """The first half in the file's order, and what the second has that the first does not."""
    middle = len(tweets) // 2
    marks = keys([tweet.text for tweet in tweets])
    known = set(marks[:middle])
    unseen = [tweet for tweet, mark in zip(tweets[middle:], marks[middle:], strict=True) if mark not in known]
    return list(tweets[:middle]), unseen
