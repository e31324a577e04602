"""The published sets of tweets: what their files are called, how their labels are written, who asks what of whom.

Nothing here reads a file. `SOURCES` is the one list; a new set is a new entry in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from trainer.errors import TrainerError

NEGATIVE, NEUTRAL, POSITIVE = "negative", "neutral", "positive"
KNOWN_LABELS = (NEGATIVE, NEUTRAL, POSITIVE)


# DatasetError         a TrainerError
# ├── DatasetNotFound   no such name, or no file for it
# ├── UnreadableFile    a file that is not what its name says
# ├── UnknownLabel      a label no one told us the meaning of
# └── FetchFailed       a download that could not be finished or trusted
class DatasetError(TrainerError):
    """A dataset cannot be had, in words for the person at the keyboard."""


class DatasetNotFound(DatasetError):
    """There is no such dataset, or none of its files is where we looked."""


class UnreadableFile(DatasetError):
    """A file is damaged, in another encoding, or lacks a column."""


class UnknownLabel(DatasetError):
    """A file holds a label whose meaning is not known."""


class FetchFailed(DatasetError):
    """A download could not be finished, or is not the file that was expected."""


LabelMeanings = Mapping[str, str]

WORDS: LabelMeanings = {label: label for label in KNOWN_LABELS}
BINARY: LabelMeanings = {**WORDS, "0": NEGATIVE, "1": POSITIVE}
POLARITY: LabelMeanings = {**WORDS, "0": NEGATIVE, "2": NEUTRAL, "4": POSITIVE}
INDEXED: LabelMeanings = {**WORDS, "0": NEGATIVE, "1": NEUTRAL, "2": POSITIVE}


@dataclass(frozen=True)
class Form:
    """One way a set lies on disk. Only the columns named here are ever read: user names and places never are."""

    file: str
    meanings: LabelMeanings | None = None  # None: told from the values, 0/1 or 0/2/4 or words
    text_column: str = "text"
    label_column: str = "label"
    split_column: str | None = None
    columns: tuple[str, ...] = ()  # of a file without a header
    encoding: str = "utf-8-sig"
    member: str | None = None  # inside a zip
    labels_file: str | None = None  # beside a plain text file, line for line
    is_sorted: bool = False  # by label, so that its first rows are no fair sample


@dataclass(frozen=True)
class Download:
    """A file the publisher serves, and its SHA-256. No publisher states one: how it is known is said beside it."""

    url: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Source:
    """A published set, with the terms it comes under and the way it is split."""

    name: str
    forms: tuple[Form, ...]
    terms: str
    origin: str  # where a person gets it
    aliases: tuple[str, ...] = ()
    downloads: tuple[Download, ...] = ()
    held_out: tuple[str, ...] = ()  # sets whose tweets must not be trained on here
    splitting: Literal["hash", "published", "test_only"] = "hash"
    test_share: float = 0.2
    validation_share: float = 0.1
    test_size: int | None = None  # test keeps that many tweets, and only ones that were never repeated
    has_written_escapes: bool = False  # \u2019 spelled out
    has_airline_artefacts: bool = False  # "Late Flightr" for "later"


_SENTIMENT140_ZIP = "trainingandtestdata.zip"
_SENTIMENT140_CSV = "training.1600000.processed.noemoticon.csv"
_MANUAL_CSV = "testdata.manual.2009.06.14.csv"
_SENTIMENT140_COLUMNS = ("polarity", "id", "date", "query", "user", "text")
_SENTIMENT140_TERMS = "No licence stated; cite Go, Bhayani and Huang (2009); Twitter's terms apply."
_SENTIMENT140_ORIGIN = "http://help.sentiment140.com/for-students"
_SENTIMENT140_DOWNLOADS = (
    Download(
        "https://cs.stanford.edu/people/alecmgo/trainingandtestdata.zip",
        _SENTIMENT140_ZIP,
        # As TensorFlow Datasets records it.
        "004a3772c8a7ff9bbfeb875880f47f0679d93fc63e5cf9cff72d54a8a6162e57",
    ),
)
_TWEETEVAL_FOLDER = "https://raw.githubusercontent.com/cardiffnlp/tweeteval/main/datasets/sentiment/"
_UMSAB_TERMS = "Repository under Apache-2.0; the source sets may restrict further; Twitter's terms apply."


def _publisher_csv(file: str, member: str | None = None, is_sorted: bool = False) -> Form:
    return Form(
        file,
        POLARITY,
        label_column="polarity",
        columns=_SENTIMENT140_COLUMNS,
        encoding="latin-1",
        member=member,
        is_sorted=is_sorted,
    )


def _umsab(language: str, held_out: tuple[str, ...] = ()) -> Source:
    return Source(
        name=f"umsab_{language}",
        forms=(Form(f"umsab_{language}.csv", WORDS, split_column="split"),),
        terms=_UMSAB_TERMS,
        origin=f"https://github.com/cardiffnlp/xlm-t, folder data/sentiment/{language}, as a csv split,label,text",
        held_out=held_out,
        splitting="published",
        has_written_escapes=True,
    )


SOURCES: tuple[Source, ...] = (
    Source(
        name="sentiment140",
        forms=(
            Form("sentiment140.parquet", BINARY),
            _publisher_csv(_SENTIMENT140_CSV, is_sorted=True),
            _publisher_csv(_SENTIMENT140_ZIP, member=_SENTIMENT140_CSV, is_sorted=True),
        ),
        terms=_SENTIMENT140_TERMS,
        origin=_SENTIMENT140_ORIGIN,
        downloads=_SENTIMENT140_DOWNLOADS,
        held_out=("sentiment140_manual",),
        # 1.42 % of 1.5 million is about 21,000: enough for 20,000 once the repeated ones are gone.
        test_share=0.0142,
        validation_share=0.0142,
        test_size=20_000,
    ),
    Source(
        name="sentiment140_manual",
        forms=(
            Form("sentiment140_manual.csv", POLARITY, label_column="polarity"),
            _publisher_csv(_MANUAL_CSV),
            _publisher_csv(_SENTIMENT140_ZIP, member=_MANUAL_CSV),
        ),
        terms=_SENTIMENT140_TERMS,
        origin=_SENTIMENT140_ORIGIN,
        downloads=_SENTIMENT140_DOWNLOADS,
        splitting="test_only",
    ),
    Source(
        name="us_airline",
        forms=tuple(Form(file, WORDS, label_column="airline_sentiment") for file in ("us_airline.csv", "Tweets.csv")),
        terms="CC BY-NC-SA 4.0 (CrowdFlower, on Kaggle): not for commercial use, share alike.",
        origin="https://www.kaggle.com/datasets/crowdflower/twitter-airline-sentiment (needs an account)",
        aliases=("us_airlines",),
        has_airline_artefacts=True,
    ),
    Source(
        name="semeval",
        forms=(Form("semeval_pool.parquet", WORDS),),
        terms="Free to use for those who accept Twitter's terms.",
        origin="SemEval 2013 to 2016, task 4A, pooled into semeval_pool.parquet (label, text)",
        aliases=("semeval_pool",),
        held_out=("tweeteval",),
        has_written_escapes=True,
    ),
    Source(
        name="tweeteval",
        forms=(
            Form("tweeteval_val.csv", WORDS),
            Form("tweeteval_val_text.txt", INDEXED, labels_file="tweeteval_val_labels.txt"),
        ),
        terms="Released without restrictions of its own; the single tasks or Twitter may restrict.",
        origin="https://github.com/cardiffnlp/tweeteval, folder datasets/sentiment",
        aliases=("tweeteval_val",),
        # The hashes are those of the set's own lines: tests/trainer/test_dataset_published.py makes them again.
        downloads=(
            Download(
                _TWEETEVAL_FOLDER + "val_text.txt",
                "tweeteval_val_text.txt",
                "e5b021e6fc45064c260b09814b803d8f56cada519c4d952d72f43d48a350a964",
            ),
            Download(
                _TWEETEVAL_FOLDER + "val_labels.txt",
                "tweeteval_val_labels.txt",
                "b4566926c72e2e4e2916c864def94e76c4cdde52446af2c7ba4fc2006e057e51",
            ),
        ),
        splitting="test_only",
        has_written_escapes=True,
    ),
    _umsab("french"),
    # Three quarters of it are tweets of TweetEval's validation set: what is left is little, and honest.
    _umsab("english", held_out=("tweeteval",)),
)

# Written for this repository, so it lies in it: data/sample/*.csv.
SAMPLE = Source(
    name="sample",
    forms=(),
    terms="Written for this repository, under its licence.",
    origin="the folder data/sample of the repository",
)


def find_source(name: str) -> Source | None:
    return next((source for source in (*SOURCES, SAMPLE) if name in (source.name, *source.aliases)), None)


def source_names() -> tuple[str, ...]:
    return tuple(source.name for source in (*SOURCES, SAMPLE))
