"""The facts that hold for the published sets themselves; each test skips where its set is absent."""

import os
from functools import cache
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from trainer.cleaning import keys
from trainer.dataset import Dataset, DatasetNotFound, load_dataset
from trainer.finding import locate
from trainer.reading import RawTweets, read_tweets
from trainer.sources import find_source

pytestmark = pytest.mark.data

REPOSITORY = Path(__file__).resolve().parents[2]
DATA_DIR = Path(os.environ.get("TRAINER_DATA_DIR", REPOSITORY / "data" / "raw"))
THREE = ("negative", "neutral", "positive")


@cache
def load(name: str, labels: tuple[str, ...]) -> Dataset:
    try:
        return load_dataset(name, data_dir=DATA_DIR, labels=labels)
    except DatasetNotFound as absent:
        pytest.skip(str(absent))


def raw(name: str) -> RawTweets:
    load(name, THREE)
    located = locate(name, DATA_DIR)
    return read_tweets(located.paths[0], located.form)


@pytest.fixture(scope="module")
def sentiment140_keys(sentiment140: Dataset) -> list[frozenset[str]]:
    return [frozenset(keys(side.texts)) for side in (sentiment140.train, sentiment140.validation, sentiment140.test)]


def shares(dataset: Dataset) -> list[float]:
    return [side.labels.mean() for side in (dataset.train, dataset.validation, dataset.test)]


def all_keys(dataset: Dataset) -> list[str]:
    return keys([*dataset.train.texts, *dataset.validation.texts, *dataset.test.texts])


def test_sentiment140_test_is_twenty_thousand(sentiment140: Dataset) -> None:
    assert len(sentiment140.test) == 20_000
    assert len(sentiment140.validation) == pytest.approx(21_500, abs=1_500)
    assert len(sentiment140.train) > 1_400_000


def test_sentiment140_is_balanced_on_every_side(sentiment140: Dataset) -> None:
    assert shares(sentiment140) == pytest.approx([0.5, 0.5, 0.5], abs=0.015)


def test_sentiment140_has_no_tweet_twice_nor_on_two_sides(
    sentiment140: Dataset, sentiment140_keys: list[frozenset[str]]
) -> None:
    assert len(frozenset.union(*sentiment140_keys)) == sentiment140.report.kept


def test_sentiment140_holds_no_tweet_of_its_manual_test(
    sentiment140: Dataset, sentiment140_keys: list[frozenset[str]]
) -> None:
    manual = frozenset(keys(load("sentiment140_manual", THREE).test.texts))
    assert {"loves twitter", "eating cake"} <= manual
    assert not manual & frozenset.union(*sentiment140_keys)
    assert sentiment140.report.held_out >= 7


def test_sentiment140_had_copies_contradictions_and_empty_tweets(sentiment140: Dataset) -> None:
    report = sentiment140.report
    assert report.read in (1_580_000, 1_600_000)
    assert report.duplicate > 45_000
    assert report.conflicting > 3_050
    assert report.empty > 2_700


def test_sentiment140_is_repaired_where_it_can_be(sentiment140: Dataset) -> None:
    broken = sum("Ã" in text for text in sentiment140.train.texts)
    assert sentiment140.report.repaired > 12_000
    assert broken < 500


def test_a_prefix_of_sentiment140_is_balanced_and_on_the_same_sides(
    sentiment140: Dataset, sentiment140_keys: list[frozenset[str]]
) -> None:
    prefix = load_dataset("sentiment140", data_dir=DATA_DIR, limit=20_000)
    assert prefix.report.read == 20_000
    assert prefix.train.labels.mean() == pytest.approx(0.5, abs=0.01)
    assert not frozenset(keys(prefix.test.texts)) & sentiment140_keys[0]
    assert not frozenset(keys(prefix.train.texts)) & sentiment140_keys[2]


def test_the_manual_test_has_its_359_binary_tweets() -> None:
    binary = load("sentiment140_manual", ("negative", "positive"))
    assert (len(binary.test), len(binary.train)) == (359, 0)
    assert [count.tweets for count in binary.report.splits[2].labels] == [177, 182]
    assert len(load("sentiment140_manual", THREE).test) == 498


def test_airline_artefacts_are_gone() -> None:
    texts = " ".join(load("us_airline", THREE).train.texts)
    for artefact in ("Cancelled Flight", "Late Flight", "Flight Booking Problems", "&amp;"):
        assert artefact not in texts


def test_airline_tweets_are_counted_as_published() -> None:
    assert load("us_airline", THREE).report.read in (7_432, 14_640)
    assert set(raw("us_airline").labels) == set(THREE)


def test_airline_tweets_on_one_side_only() -> None:
    found = all_keys(load("us_airline", THREE))
    assert len(found) == len(set(found))


def test_semeval_and_tweeteval_share_no_tweet() -> None:
    test = frozenset(keys(load("tweeteval", THREE).test.texts))
    assert not test & frozenset(all_keys(load("semeval", THREE)))


def test_semeval_pool_is_the_one_described() -> None:
    found = pd.Series(raw("semeval").labels).value_counts()
    assert [int(found[label]) for label in THREE] == [7_430, 21_308, 18_816]


def test_tweeteval_is_all_test() -> None:
    dataset = load("tweeteval", THREE)
    assert [count.tweets for count in dataset.report.splits[2].labels] == [312, 869, 819]
    assert len(dataset.train) == 0


def test_tweeteval_fetched_is_the_tweeteval_here() -> None:
    found, number = raw("tweeteval"), {label: str(index) for index, label in enumerate(THREE)}
    texts, labels = find_source("tweeteval").downloads
    for download, lines in ((texts, found.texts), (labels, [number[label] for label in found.labels])):
        assert sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest() == download.sha256


@pytest.mark.parametrize("name", ["umsab_french", "umsab_english"])
def test_umsab_keeps_its_published_test(name: str) -> None:
    dataset, published = load(name, THREE), raw(name)
    assert (published.splits.count("train"), published.splits.count("val")) == (1_839, 324)
    assert len(dataset.test) == pytest.approx(324, abs=8)
    assert not frozenset(keys(dataset.test.texts)) & frozenset(keys(dataset.train.texts))


@pytest.mark.parametrize("name", ["semeval", "tweeteval", "umsab_english"])
def test_no_escape_is_left_written_out(name: str) -> None:
    dataset = load(name, THREE)
    assert not [text for text in (*dataset.train.texts, *dataset.test.texts) if r"\u20" in text]


def test_the_repositorys_own_sample_loads() -> None:
    dataset = load_dataset("sample", data_dir=DATA_DIR, sample_dir=REPOSITORY / "data" / "sample", labels=THREE)
    assert dataset.report.conflicting == dataset.report.duplicate == dataset.report.empty == 0


def test_umsab_english_trains_on_nothing_that_tweeteval_tests_with() -> None:
    english, tweeteval = load("umsab_english", THREE), load("tweeteval", THREE)
    assert english.report.held_out > 1_000
    assert set(keys([*english.train.texts, *english.validation.texts])).isdisjoint(all_keys(tweeteval))


def test_positives_of_sentiment140_end_days_before_its_negatives() -> None:
    """Why nothing here splits by time: after the cut every tweet is negative."""
    dates = DATA_DIR / "sentiment140_dates.csv.gz"
    tweets = DATA_DIR / "sentiment140.parquet"
    if not (dates.is_file() and tweets.is_file()):
        pytest.skip(f"no {dates.name} or {tweets.name} in {DATA_DIR}")
    labels = pd.read_parquet(tweets, columns=["orig_row", "label"])
    dated = pd.read_csv(dates).merge(labels, on="orig_row")
    created_at = pd.to_datetime(dated.created_at_pdt, format="%a %b %d %H:%M:%S PDT %Y")
    after = created_at > created_at[dated.label == 1].max()
    assert set(dated.loc[after, "label"]) == {0}
    # Rows of one label are in the order of time: from the first dated one after the cut on, all are later.
    cut = dated.loc[after, "orig_row"].min()
    negatives = labels.loc[labels.label == 0, "orig_row"]
    assert (negatives >= cut).mean() == pytest.approx(0.344, abs=0.005)
