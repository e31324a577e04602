"""The replay of real tweets: nothing drifts before the switch, and it is found within two windows behind it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench import drift_null, drift_replay
from bench.drift_replay import AFTER, BEFORE, Row, read_options, replay, right_share, summary, table
from bench.drift_stream import AIRLINE, END, POSITIVE_FROM, TIMES, TWEETS, load_replay, load_timed
from bench.texts import CHAMPION
from trainer.dataset import DatasetNotFound
from trainer.drift import DriftState


@pytest.fixture
def made_data(tmp_path: Path) -> Path:
    """Four thousand made rows in the publisher's order, and their times; tweets to an airline behind them."""
    size = 2_000
    rows = np.concatenate([np.arange(size), POSITIVE_FROM + np.arange(size)])
    texts = [f"a tweet about {'rain' if row < POSITIVE_FROM else 'sun'}, number {row}" for row in rows]
    tweets = pd.DataFrame({"label": (rows >= POSITIVE_FROM).astype(np.int8), "text": texts, "orig_row": rows})
    tweets.sample(frac=1, random_state=1).to_parquet(tmp_path / TWEETS)
    # The negative ones go on after the end.
    times = [f"Mon Jun 15 {hour:02}:00:00 PDT 2009" for hour in range(20)]
    anchors = pd.DataFrame(
        {
            "orig_row": [*range(0, size, 100), *range(POSITIVE_FROM, POSITIVE_FROM + size, 100), size - 1],
            "created_at_pdt": [*times, *times, "Wed Jun 24 00:00:00 PDT 2009"],
        }
    )
    anchors.to_csv(tmp_path / TIMES, index=False, compression="gzip")
    airline = pd.DataFrame(
        {
            "text": [f"@united my flight number {number} is late" for number in range(200)],
            "airline_sentiment": ["negative", "neutral"] * 100,
            "tweet_created": [f"2015-02-17 {23 - number // 9:02}:00:00 -0800" for number in range(200)],
        }
    )
    airline.to_csv(tmp_path / AIRLINE, index=False)
    return tmp_path


def test_tweets_are_put_into_the_order_of_time_up_to_the_end(made_data: Path) -> None:
    table = load_timed(made_data)
    assert table["time"].is_monotonic_increasing
    assert table["time"].max() < END
    # Between two known times the rows lie evenly.
    assert set(table["label"].iloc[:1_000].value_counts()) == {500}


def test_nothing_is_both_learned_and_streamed(made_data: Path) -> None:
    data = load_replay(made_data, share=0.2, train=1_000, validation=500, seed=1)
    streamed = set(data.stationary.texts)
    assert len(streamed) > 500
    assert not streamed & {*data.train.texts, *data.validation.texts}
    assert not set(data.train.texts) & set(data.validation.texts)
    assert (np.diff(data.stationary.times) >= 0).all() and (np.diff(data.switched.times) >= 0).all()
    assert set(data.switched.labels.tolist()) == {0, -1}


def test_a_file_that_is_missing_is_named(made_data: Path) -> None:
    (made_data / TIMES).unlink()
    with pytest.raises(DatasetNotFound, match=f"{TIMES} is not there: set TRAINER_DATA_DIR"):
        load_replay(made_data, share=0.2, train=10, validation=10, seed=1)


def test_tweets_without_a_label_are_neither_right_nor_wrong() -> None:
    assert right_share(np.array([0, 1, 1], np.int8), np.array([0, 0, -1])) == 0.5
    assert np.isnan(right_share(np.array([0], np.int8), np.array([-1])))


def test_the_replay_prints_its_windows(
    made_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAINER_DATA_DIR", str(made_data))
    monkeypatch.setattr(drift_replay, "TRAIN", 1_500)
    monkeypatch.setattr(drift_replay, "VALIDATION", 800)
    assert drift_replay.main(["--share", "0.2", "--window", "60"]) == 0
    printed = capsys.readouterr().out
    assert "0 times drifted" in printed and "Drifted in window 1 after the switch." in printed
    assert "% of the tweets name somebody (@), 0 % did" in printed


def test_without_the_data_it_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAINER_DATA_DIR", str(tmp_path))
    assert drift_replay.main([]) == 1
    assert "error: " in capsys.readouterr().err


def test_the_simulation_writes_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift_null, "SIZES", (50,))
    monkeypatch.setattr(drift_null, "WINDOWS_OF_WORDS", 10)
    document = tmp_path / "drift.md"
    document.write_text("<!-- written by `make drift-null` -->\n<!-- end of drift-null -->\n", encoding="utf-8")
    assert drift_null.main(["--runs", "100", "--write", str(document)]) == 0
    assert "| 50 | 100 | " in document.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def real(data_dir: Path) -> list[Row]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRAINER_DATA_DIR", str(data_dir))
        return replay(read_options(["--champion", str(CHAMPION), "--into", "250"]))


@pytest.mark.data
def test_nothing_drifts_in_two_months_of_real_tweets(real: list[Row]) -> None:
    before = [row.state for row in real if row.part == BEFORE]
    assert len(before) > 70
    assert DriftState.DRIFTED not in before
    assert before.count(DriftState.MOVED) <= 4


@pytest.mark.data
def test_a_switch_to_an_airlines_tweets_is_found_within_two_windows_and_named(real: list[Row]) -> None:
    """In the first of them only half of the tweets are new."""
    switched = [row for row in real if row.part != BEFORE]
    assert DriftState.DRIFTED in [row.state for row in switched[:2]]
    assert all(row.state is DriftState.DRIFTED for row in switched if row.part == AFTER)
    assert {"handles", "words", "share negative"} <= set(switched[1].looked.moved)
    words = next(monitor.words for monitor in switched[1].looked.monitors if monitor.name == "words")
    assert "flight" in words
    assert summary(real)[1] in ("Drifted in window 1 after the switch.", "Drifted in window 2 after the switch.")
    assert any("after" in line for line in table(real))
