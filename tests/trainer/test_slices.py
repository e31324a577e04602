"""Slices: which tweets they hold, and that their scores are those of exactly these tweets."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from trainer.__main__ import app
from trainer.bundle import Bundle
from trainer.dataset import Tweets
from trainer.evaluation import evaluate
from trainer.slices import SLICES, is_french, score_slices, words

ROOT = Path(__file__).resolve().parents[2]
BY_NAME = {each.name.partition(" (")[0]: each.holds for each in SLICES}


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("short", ["late again @airparadis https://t.co/x", "😡", ""], ["the crew was very kind today"]),
        ("long", ["late " * 20], ["late " * 19]),
        ("negation", ["I can't wait", "NOT good", "isn’t it", "plus jamais", "never"], ["a knot", "pass me the note"]),
        ("contrast", ["small but nice", "Mais non"], ["button"]),
        ("question", ["where?"], ["where", "see www.example.org/?id=2"]),
        ("exclamation", ["yes!"], ["yes"]),
        ("emoji", ["late 😡", "✈", "☀️"], ["late :(", "café"]),
        ("emoticon", ["late :(", "love <3", ":-D"], ["at 10:30", "http://x.org/a:)", "note: do"]),
        ("in capitals", ["THIS IS SO BAD", "MY BAG is LOST"], ["OK", "USER lost my bag", "I am in the USA"]),
        ("held letters", ["sooo late"], ["soo late", "see www.example.org", "1000"]),
        ("handle or address", ["@airparadis hi", "USER hi", "see https://t.co/x"], ["mail me at home", "users"]),
        ("hashtag", ["#late again"], ["a#b", "# 1"]),
        ("airline words", ["my flight", "Valise perdue", "the crew", "cancelled"], ["gatekeeper", "a light lunch"]),
        ("French", ["Très déçu de ce vol", "c'est très nul", "merci"], ["the crew was great", "my café is closed", ""]),
    ],
)
def test_a_slice_holds_what_its_name_says(name: str, inside: list[str], outside: list[str]) -> None:
    assert [text for text in inside if not BY_NAME[name](text)] == []
    assert [text for text in outside if BY_NAME[name](text)] == []


def test_names_and_addresses_are_no_words() -> None:
    assert words("RT @airparadis I can't wait https://t.co/x 2026") == ["I", "can't", "wait"]


def test_french_is_found_in_our_own_tweets() -> None:
    sample = pd.concat(
        pd.read_csv(file, dtype=str, keep_default_na=False) for file in (ROOT / "data" / "sample").glob("*.csv")
    )
    found, french = sample["text"].map(is_french), sample["language"] == "fr"
    assert found[french].mean() >= 0.95
    assert found[~french].mean() <= 0.001


@pytest.mark.data
def test_french_is_found_in_published_tweets(data_dir: Path) -> None:
    french, english = (pd.read_csv(data_dir / f"umsab_{name}.csv", dtype=str)["text"] for name in ("french", "english"))
    assert french.map(is_french).mean() >= 0.95
    assert english.map(is_french).mean() <= 0.005


def test_a_slice_is_scored_on_its_own_tweets(bundle: Bundle, tweets: Tweets) -> None:
    evaluation = evaluate(bundle, tweets, dataset="lines", split="test")
    scores = {each.name.partition(" (")[0]: each for each in score_slices(evaluation, tweets.texts)}
    inside = np.array(["never" in text for text in tweets.texts])
    assert scores["negation"].size == inside.sum() == 5
    right = (evaluation.truth == evaluation.chosen)[inside].mean()
    assert scores["negation"].accuracy == right
    assert scores["negation"].accuracy_low <= right <= scores["negation"].accuracy_high
    assert "emoji" not in scores, "a slice without tweets has no score"


def test_evaluate_prints_slices_and_draws_curves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINER_DATA_DIR", str(tmp_path))
    arguments = ["evaluate", str(ROOT / "models" / "champion"), "--dataset", "sample"]
    answer = CliRunner().invoke(app, [*arguments, "--slices", "--curves", str(tmp_path / "curves")])
    assert answer.exit_code == 0, answer.output
    assert "| sample, test | tweets | accuracy (95 % interval) |" in answer.output
    assert "| French | " in answer.output
    assert "| test set | left to a person |" in answer.output
    assert [file.name for file in (tmp_path / "curves").iterdir()] == ["sample.test.risk_coverage.png"]


def test_recorded_figures_have_no_slices() -> None:
    answer = CliRunner().invoke(app, ["evaluate", str(ROOT / "models" / "champion"), "--recorded", "--slices"])
    assert answer.exit_code == 2
    assert "--recorded measures nothing" in answer.output
