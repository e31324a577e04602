"""Real tweets in the order in which they were written: Sentiment140 by the clock, then a switch to an airline's.

Sentiment140 is a crawl with gaps, and its positive tweets end on 16 June 2009 at 8:40 while the negative ones go on:
only what is older is used. Its rows are in the order of time within each label, and every fortieth row's time is known.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from trainer.cleaning import keys as keys_of
from trainer.cleaning import repair_all
from trainer.dataset import DatasetNotFound, Tweets

END = pd.Timestamp("2009-06-16 08:40").timestamp()  # Pacific daylight time, as the file has it
POSITIVE_FROM = 800_000  # of the published rows
TWEETS, TIMES, AIRLINE = "sentiment140.parquet", "sentiment140_dates.csv.gz", "us_airline.csv"
NO_LABEL = -1


@dataclass(frozen=True)
class Stream:
    """Tweets by time; a label is 0 negative, 1 positive, -1 neither."""

    texts: list[str]
    labels: npt.NDArray[np.int64]
    times: npt.NDArray[np.float64]  # seconds since 1970

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Replay:
    """`train` and `validation` are drawn from all of the time before the end, and share no tweet with the streams."""

    train: Tweets
    validation: Tweets
    stationary: Stream
    switched: Stream


def load_replay(data_dir: Path, *, share: float, train: int, validation: int, seed: int) -> Replay:
    """`share` of Sentiment140 is streamed. Raises DatasetNotFound where one of the three files is not there."""
    table = load_timed(data_dir)
    rng = np.random.default_rng(seed)
    is_streamed = rng.random(len(table)) < share
    streamed = table[is_streamed]
    rest = table[~is_streamed].sample(n=train + validation, random_state=seed)
    known = set(keys_of(streamed["text"].tolist()))
    keys = keys_of(rest["text"].tolist())
    rest = rest[[key not in known for key in keys]]
    return Replay(
        train=tweets_of(rest.iloc[validation:]),
        validation=tweets_of(rest.iloc[:validation]),
        stationary=Stream(
            streamed["text"].tolist(),
            streamed["label"].to_numpy().astype(np.int64),
            streamed["time"].to_numpy(np.float64),
        ),
        switched=load_airline(data_dir),
    )


def load_timed(data_dir: Path) -> pd.DataFrame:
    """Columns text, label, time, by time, up to the end."""
    table = pd.read_parquet(require(data_dir, TWEETS), columns=["text", "label", "orig_row"])
    anchors = pd.read_csv(require(data_dir, TIMES)).sort_values("orig_row")
    moments = pd.to_datetime(anchors["created_at_pdt"].str.replace("PDT ", ""), format="%a %b %d %H:%M:%S %Y")
    rows, seconds = anchors["orig_row"].to_numpy(), moments.astype("datetime64[s]").astype(np.int64).to_numpy()
    table["time"] = 0.0
    for is_positive in (False, True):
        chosen = (table["orig_row"] >= POSITIVE_FROM) == is_positive
        known = (rows >= POSITIVE_FROM) == is_positive
        table.loc[chosen, "time"] = np.interp(table.loc[chosen, "orig_row"], rows[known], seconds[known])
    table = table[table["time"] < END].sort_values("time", kind="stable")
    return table.assign(text=repair_all(table["text"].tolist()))


def followed_by(first: Stream, second: Stream) -> Stream:
    return Stream(
        first.texts + second.texts,
        np.concatenate([first.labels, second.labels]),
        np.concatenate([first.times, second.times]),
    )


def load_airline(data_dir: Path) -> Stream:
    """Tweets to airlines in their order of time, the neutral ones too; the publisher's damage is undone."""
    table = pd.read_csv(require(data_dir, AIRLINE), dtype=str)
    table["time"] = pd.to_datetime(table["tweet_created"], utc=True).astype("datetime64[s, UTC]").astype(np.int64)
    table = table.sort_values("time", kind="stable")
    labels = table["airline_sentiment"].map({"negative": 0, "positive": 1}).fillna(NO_LABEL)
    texts = repair_all(table["text"].tolist(), has_airline_artefacts=True)
    return Stream(texts, labels.to_numpy().astype(np.int64), table["time"].to_numpy(np.float64))


def tweets_of(table: pd.DataFrame) -> Tweets:
    return Tweets(table["text"].tolist(), table["label"].to_numpy().astype(np.int64))


def require(data_dir: Path, name: str) -> Path:
    if not (path := data_dir / name).is_file():
        raise DatasetNotFound(f"{path} is not there: set TRAINER_DATA_DIR to the folder that holds it")
    return path
