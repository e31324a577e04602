"""Label noise: labels that were turned on purpose are found, and what is written holds no tweet unless asked."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from trainer.__main__ import app
from trainer.dataset import DatasetError, Tweets, load_dataset
from trainer.errors import TrainerError
from trainer.noise import Effect, build_features, find_suspects, measure_effect, require_enough, write_suspects

pytest.importorskip("cleanlab", reason="the extra study is not installed")

TURNED = [3, 14, 27, 41]


@pytest.fixture
def noisy(tweets: Tweets) -> Tweets:
    labels = tweets.labels.copy()
    labels[TURNED] = 1 - labels[TURNED]
    return Tweets(tweets.texts, labels)


def test_labels_turned_on_purpose_are_found_and_the_right_ones_suggested(noisy: Tweets, tweets: Tweets) -> None:
    features = build_features(noisy, {"clean": tweets})
    suspects = find_suspects(features.train, noisy.labels, seed=7)
    assert sorted(suspects.rows.tolist()) == TURNED
    assert (suspects.suggested == tweets.labels[suspects.rows]).all()
    assert (np.diff(suspects.scores) >= 0).all() and (suspects.scores < 0.5).all()
    (effect,) = measure_effect(features, noisy, {"clean": tweets}, suspects, seed=7)
    assert effect.right_with <= effect.right_without == effect.size == 50


def test_an_effect_is_told_with_its_intervals() -> None:
    told = str(Effect("validation", 1_000, 800, 820, 0.012))
    assert told == (
        "validation, 1,000 tweets: with 0.8000 (0.7741 to 0.8236), without 0.8200 (0.7950 to 0.8426), McNemar p = 0.012"
    )


def test_our_own_tweets_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINER_DATA_DIR", str(tmp_path))
    file = tmp_path / "suspects" / "sample.csv"
    answer = CliRunner().invoke(app, ["noise", "sample", "--output", str(file)])
    assert answer.exit_code == 0, answer.output
    assert "validation, 180 tweets: with 0." in answer.output
    assert "sentiment140_manual is not here" in answer.output
    table = pd.read_csv(file)
    assert list(table.columns) == ["row", "label", "suggested", "score"], "no tweets unless asked for"
    train = load_dataset("sample", data_dir=tmp_path).train
    labels = np.array(["negative", "positive"])[train.labels[table["row"]]]
    assert (table["label"] == labels).all()
    assert (table["suggested"] != table["label"]).all()
    assert 0 < len(table) < len(train) / 2


def test_tweets_are_written_on_request(noisy: Tweets, tmp_path: Path) -> None:
    features = build_features(noisy, {})
    suspects = find_suspects(features.train, noisy.labels, seed=7)
    write_suspects(tmp_path / "a.csv", suspects, noisy, ["negative", "positive"], with_texts=True)
    table = pd.read_csv(tmp_path / "a.csv")
    assert table["text"].tolist() == [noisy.texts[row] for row in table["row"]]


def test_too_few_tweets_are_refused_before_anything_is_fitted(tmp_path: Path) -> None:
    lines = "\n".join(f"late {turn},negative\ngreat {turn},positive" for turn in range(2))
    (tmp_path / "few.csv").write_text(f"text,label\n{lines}\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="few is too small: 5 folds need 5 tweets of each label"):
        require_enough(load_dataset(str(tmp_path / "few.csv"), data_dir=tmp_path))


def test_without_cleanlab_the_error_says_how_to_have_it(noisy: Tweets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cleanlab.filter", None)
    with pytest.raises(TrainerError, match="--extra study"):
        find_suspects(build_features(noisy, {}).train, noisy.labels, seed=7)
