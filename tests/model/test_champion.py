"""The committed champion: what it promises on raw text, and whether the README says the same."""

import re
from pathlib import Path

import pytest

from trainer.bundle import Bundle, load_bundle
from trainer.card import Scores
from trainer.dataset import Dataset, load_dataset
from trainer.evaluation import evaluate
from trainer.figures import FIGURES, marks, table

ROOT = Path(__file__).resolve().parents[2]

# Minimum function: nobody would argue about these.
PLAIN = {
    "negative": [
        "My flight was cancelled and nobody answers the phone",
        "I hate this airline, worst experience ever",
        "they lost my bag and I am so angry",
        "I feel sick and sad today",
        "this is not good",
    ],
    "positive": [
        "I love this airline, best crew ever!",
        "thank you so much, great flight",
        "what a beautiful day, so happy",
        "can't wait to see you, so excited",
        "not bad at all, thanks",
    ],
}


@pytest.fixture(scope="module")
def champion() -> Bundle:
    return load_bundle(ROOT / "models" / "champion")


def label_of(champion: Bundle, text: str) -> str:
    chosen, _ = champion.classifier.decide(champion.classifier.probabilities([text]))
    return champion.card.labels[int(chosen[0])]


@pytest.mark.parametrize(("label", "text"), [(label, text) for label, texts in PLAIN.items() for text in texts])
def test_plain_tweets(champion: Bundle, label: str, text: str) -> None:
    assert label_of(champion, text) == label


@pytest.mark.parametrize(
    "change",
    [
        "@airparadis {}",
        "{} https://t.co/abc123",
        "{} www.example.com",
        "{} HTTPS://BIT.LY/XYZ1",
    ],
)
def test_names_and_addresses_do_not_turn_a_verdict(champion: Bundle, change: str) -> None:
    for label, texts in PLAIN.items():
        for text in texts:
            assert label_of(champion, change.format(text)) == label


def test_it_is_small(champion: Bundle) -> None:
    assert sum(file.stat().st_size for file in champion.folder.iterdir()) < 8_000_000


def test_it_says_how_to_make_it_again(champion: Bundle) -> None:
    assert champion.card.command.startswith("trainer train bigru_distilled --dataset sentiment140+us_airline")
    assert champion.card.dataset.train > 1_400_000


def test_its_recorded_scores_hold_the_promise(champion: Bundle) -> None:
    scores = {each.dataset: each for each in champion.card.metrics}
    assert (scores["sentiment140"].size, scores["sentiment140_manual"].size) == (20_000, 359)
    assert scores["sentiment140"].accuracy >= 0.842
    assert scores["sentiment140_manual"].accuracy >= 0.845
    assert scores["us_airline"].macro_f1 >= 0.89
    assert scores["sentiment140"].accuracy < 0.88, "too good to be true: look for a leak"


def test_the_readme_shows_the_recorded_scores(champion: Bundle) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    begin, end = marks(FIGURES)
    shown = re.search(f"{re.escape(begin)}\n(.*?)\n{re.escape(end)}", readme, re.DOTALL)
    assert shown is not None
    assert shown[1] == table(champion.card.metrics), "run `make figures`"


def assert_measured_again(scores: Scores, recorded: Scores) -> None:
    """Another processor rounds a network's sums otherwise: a tweet in a thousand may turn."""
    measured, expected = scores.model_dump(), recorded.model_dump(exclude_none=True)
    assert (measured["size"], measured["dataset"]) == (expected["size"], expected["dataset"])
    for name in expected.keys() - {"dataset", "split"}:
        assert measured[name] == pytest.approx(expected[name], abs=2e-3), name


def test_the_recorded_score_of_our_own_tweets_is_measured_again(champion: Bundle, tmp_path: Path) -> None:
    test = load_dataset("sample", data_dir=tmp_path, labels=tuple(champion.card.labels)).test
    recorded = next(each for each in champion.card.metrics if each.dataset == "sample")
    assert_measured_again(evaluate(champion, test, dataset="sample", split="test").scores, recorded)


@pytest.mark.data
def test_the_recorded_score_of_sentiment140_is_measured_again(champion: Bundle, sentiment140: Dataset) -> None:
    recorded = next(each for each in champion.card.metrics if each.dataset == "sentiment140")
    assert_measured_again(evaluate(champion, sentiment140.test, dataset="sentiment140", split="test").scores, recorded)


@pytest.mark.data
@pytest.mark.parametrize("name", ["sentiment140_manual", "us_airline"])
def test_the_recorded_scores_are_measured_again(champion: Bundle, data_dir: Path, name: str) -> None:
    test = load_dataset(name, data_dir=data_dir, labels=tuple(champion.card.labels)).test
    recorded = next(each for each in champion.card.metrics if each.dataset == name)
    assert_measured_again(evaluate(champion, test, dataset=name, split="test").scores, recorded)
