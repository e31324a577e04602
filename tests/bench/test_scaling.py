"""The bench of bulk scoring: its tweets, what it asks of a run, and its tables."""

from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from bench import scaling_rows
from bench.scaling_bare import Bare
from bench.scaling_database import measure_database
from bench.scaling_files import measure_formats
from bench.scaling_report import bare_table, engine_table, worker_table
from bench.scaling_rows import Tweets, read_tweets
from bench.scaling_runs import Run, RunFailed, require_rows, run_score
from bench.scaling_storage import database_table, format_table

TWEETS = Tweets(["late again", "thank you", "never again"], "made up")


def test_tweets_are_repeated_under_ids_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling_rows, "FILE_ROWS", 400)
    table = ds.dataset(TWEETS.write(tmp_path / "in", 1_000)).to_table()
    assert len(list((tmp_path / "in").iterdir())) == 3
    assert table["id"].to_pylist() == list(range(1_000))
    assert table["text"].to_pylist() == TWEETS.texts(1_000)


def test_without_published_sets_the_samples_tweets_are_taken(tmp_path: Path) -> None:
    tweets = read_tweets(str(tmp_path))
    assert len(tweets.once) > 2_000 and "data/sample" in tweets.origin


def test_a_run_counts_its_rows_its_seconds_and_its_memory(tmp_path: Path) -> None:
    source = TWEETS.write(tmp_path / "in", 3_000)
    run = run_score(source, tmp_path / "out", 3_000, engine="local")
    assert (run.engine, run.workers, run.rows) == ("local", 1, 3_000)
    assert 0 < run.seconds < 100 and 50 < run.megabytes < 2_000
    with pytest.raises(RunFailed, match="3,000 rows of 3,001"):
        require_rows(tmp_path / "out", 3_001)
    part = next((tmp_path / "out").glob("*.parquet"))
    pq.write_table(pq.read_table(part).take(list(range(2_999, -1, -1))), part)
    with pytest.raises(RunFailed, match="the ids are not those that went in"):
        require_rows(tmp_path / "out", 3_000)
    with pytest.raises(RunFailed, match="has 'abstained', 'label'"):
        run_score(tmp_path / "out", tmp_path / "other", 1, engine="local", bundle=Path("models/champion"))


def test_tables_say_what_was_measured() -> None:
    one, two = Run("ray", 1, 1_000_000, 90, 400), Run("ray", 2, 1_000_000, 50, 410)
    assert "| ray | 2 | 1,000,000 | 50.0 | 50.0 | 20,000 | 410 |" in list(engine_table([one, two]))
    assert list(worker_table([(one, two)]))[-1] == "Two workers are 1.80 times as fast as one (median)."
    assert list(bare_table([Bare(10_000, 12_000, 9_000)]))[-1].startswith("0.90 of the bare loop, 0.75 of one")


def test_each_format_is_looked_at_read_and_written(tmp_path: Path) -> None:
    formats = list(measure_formats(TWEETS.texts(9_000), tmp_path))
    assert [each.suffix for each in formats] == [".csv", ".ndjson", ".parquet"]
    assert all(each.looked > 0 and each.read > 0 and each.written > 0 for each in formats)
    # An id of up to four digits, a text of ten letters, and what the format puts around them.
    assert 14 < formats[0].bytes_in < 20 and 28 < formats[1].bytes_in < 50
    assert list(format_table(formats, 9_000))[-1].startswith("| parquet | ")


def test_the_database_is_a_real_one_and_takes_every_row() -> None:
    written = measure_database(TWEETS.texts(1_200))
    assert written.rows == 1_200 and written.seconds > 0
    assert 200 < written.bytes_a_row < 1_000
    assert list(database_table(written))[-1].startswith("| 1,200 | ")
