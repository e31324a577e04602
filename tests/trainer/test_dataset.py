"""The dataset stage on small files of our own: every trap of real sets, one at a time."""

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trainer.cleaning import key
from trainer.dataset import Dataset, DatasetError, DatasetNotFound, Tweets, UnknownLabel, load_dataset
from trainer.errors import TrainerError
from trainer.splitting import fractions

THREE = ("negative", "neutral", "positive")


def csv_of(path: Path, rows: list[tuple[str, str]], columns: tuple[str, str] = ("text", "label")) -> str:
    pd.DataFrame(rows, columns=list(columns)).to_csv(path, index=False)
    return str(path)


def load(source: str, tmp_path: Path, **options: object) -> Dataset:
    return load_dataset(source, data_dir=tmp_path, **options)  # type: ignore[arg-type]


def all_rows(dataset: Dataset) -> dict[str, str]:
    return {
        text: dataset.labels[label]
        for side in (dataset.train, dataset.validation, dataset.test)
        for text, label in zip(side.texts, side.labels.tolist(), strict=True)
    }


def many(count: int) -> list[tuple[str, str]]:
    return [
        (f"flight number {n} was {'bad' if n % 2 else 'fine'}", "negative" if n % 2 else "positive")
        for n in range(count)
    ]


# --- labels ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [["negative", "positive"], ["Negative", " POSITIVE "], ["0", "1"], ["0", "4"], ["0.0", "4.0"]],
)
def test_labels_may_be_words_or_numbers(tmp_path: Path, written: list[str]) -> None:
    source = csv_of(tmp_path / "t.csv", [("awful", written[0]), ("lovely", written[1])])
    assert all_rows(load(source, tmp_path)) == {"awful": "negative", "lovely": "positive"}


def test_two_is_neutral(tmp_path: Path) -> None:
    source = csv_of(tmp_path / "t.csv", [("awful", "0"), ("there", "2"), ("lovely", "4")])
    assert all_rows(load(source, tmp_path, labels=THREE))["there"] == "neutral"


@pytest.mark.parametrize("strange", ["3", "mixed", "", "nan", "-1"])
def test_an_unknown_label_is_named_with_its_file_and_row(tmp_path: Path, strange: str) -> None:
    source = csv_of(tmp_path / "t.csv", [("awful", "0"), ("lovely", "1"), ("hm", strange)])
    with pytest.raises(UnknownLabel, match=rf"t\.csv, row 3: the label '{strange}' is none of"):
        load(source, tmp_path)


def test_zero_one_two_is_not_guessed(tmp_path: Path) -> None:
    source = csv_of(tmp_path / "t.csv", [("awful", "0"), ("hm", "1"), ("lovely", "2")])
    with pytest.raises(UnknownLabel, match="'2'"):
        load(source, tmp_path, labels=THREE)


def test_labels_not_asked_for_are_left_out_and_counted(tmp_path: Path) -> None:
    source = csv_of(tmp_path / "t.csv", [("awful", "negative"), ("there", "neutral"), ("lovely", "positive")])
    dataset = load(source, tmp_path)
    assert set(all_rows(dataset)) == {"awful", "lovely"}
    assert dataset.report.not_asked_for == 1


def test_the_order_of_the_labels_is_the_callers(tmp_path: Path) -> None:
    source = csv_of(tmp_path / "t.csv", [("awful", "0"), ("lovely", "1")])
    dataset = load(source, tmp_path, labels=("positive", "negative"))
    assert dataset.labels == ("positive", "negative")
    assert all_rows(dataset) == {"awful": "negative", "lovely": "positive"}


@pytest.mark.parametrize("labels", [("negative", "angry"), ("negative",), ("negative", "negative")])
def test_labels_that_cannot_be_asked_for(tmp_path: Path, labels: tuple[str, ...]) -> None:
    source = csv_of(tmp_path / "t.csv", [("awful", "0")])
    with pytest.raises(UnknownLabel):
        load(source, tmp_path, labels=labels)


# --- cleaning -------------------------------------------------------------------------------------------------------


def test_one_tweet_under_two_labels_goes_with_all_its_copies(tmp_path: Path) -> None:
    source = csv_of(tmp_path / "t.csv", [("So late!", "0"), ("@a so LATE", "1"), ("so late URL", "0"), ("fine", "1")])
    dataset = load(source, tmp_path)
    assert all_rows(dataset) == {"fine": "positive"}
    assert dataset.report.conflicting == 3


def test_of_copies_the_first_stays(tmp_path: Path) -> None:
    source = csv_of(tmp_path / "t.csv", [("@a So late!", "0"), ("so late", "0"), ("SO LATE...", "0")])
    dataset = load(source, tmp_path)
    assert list(all_rows(dataset)) == ["@a So late!"]
    assert dataset.report.duplicate == 2


def test_a_tweet_that_says_nothing_goes(tmp_path: Path) -> None:
    source = csv_of(tmp_path / "t.csv", [("@a http://t.co/b", "0"), ("", "1"), ("USER", "0"), (":(", "0"), ("😡", "0")])
    dataset = load(source, tmp_path)
    assert set(all_rows(dataset)) == {":(", "😡"}
    assert dataset.report.empty == 3


def test_texts_come_repaired_but_keep_handles_and_case(tmp_path: Path) -> None:
    source = csv_of(tmp_path / "t.csv", [("@Crew cafÃ© &amp; LATE ", "0"), ("fine ", "1")])
    dataset = load(source, tmp_path)
    assert set(all_rows(dataset)) == {"@Crew café & LATE", "fine"}
    assert dataset.report.repaired == 1


def test_a_file_without_rows_is_empty(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\n")
    with pytest.raises(DatasetError, match=r"t is empty: .*t\.csv"):
        load(str(tmp_path / "t.csv"), tmp_path)


def test_nothing_left_is_an_error_that_counts(tmp_path: Path) -> None:
    source = csv_of(tmp_path / "t.csv", [("@a", "0")])
    with pytest.raises(DatasetError, match="no tweet left: read=1 .*empty=1"):
        load(source, tmp_path)


# --- splits ---------------------------------------------------------------------------------------------------------


def test_shares_are_those_of_the_source(tmp_path: Path) -> None:
    dataset = load(csv_of(tmp_path / "t.csv", many(4000)), tmp_path)
    assert len(dataset.test) == pytest.approx(800, abs=80)
    assert len(dataset.validation) == pytest.approx(400, abs=60)
    assert len(dataset.train) + len(dataset.validation) + len(dataset.test) == dataset.report.kept == 4000


def test_a_tweet_stays_on_its_side_whatever_else_is_there(tmp_path: Path) -> None:
    whole = load(csv_of(tmp_path / "whole.csv", many(400)), tmp_path)
    dressed = [(f"@friend {text.upper()}!!", label) for text, label in reversed(many(100))]
    part = load(csv_of(tmp_path / "part.csv", dressed), tmp_path)
    for name in ("train", "validation", "test"):
        part_keys = {key(text) for text in getattr(part, name).texts}
        assert part_keys <= {key(text) for text in getattr(whole, name).texts}


def test_the_hash_of_a_key_never_changes() -> None:
    # Were these to move, every test set would leak into every model trained before.
    assert fractions(["late", "fine", "😡"]).tolist() == pytest.approx(
        [0.8558461993, 0.8285475533, 0.0722623570], abs=1e-9
    )


def test_limit_takes_the_first_rows_before_anything_else(tmp_path: Path) -> None:
    dataset = load(csv_of(tmp_path / "t.csv", [("@a", "0"), ("one", "0"), ("two", "1")]), tmp_path, limit=2)
    assert (dataset.report.read, list(all_rows(dataset))) == (2, ["one"])


def test_a_published_split_is_respected(tmp_path: Path) -> None:
    rows = [("train" if n % 4 else "val", "negative" if n % 2 else "positive", f"le vol {n}") for n in range(200)]
    pd.DataFrame(rows, columns=["split", "label", "text"]).to_csv(tmp_path / "umsab_french.csv", index=False)
    dataset = load("umsab_french", tmp_path, labels=THREE)
    assert set(dataset.test.texts) == {text for split, _, text in rows if split == "val"}
    assert 0 < len(dataset.validation) < 40


def test_of_copies_on_both_published_sides_the_tests_own_stays(tmp_path: Path) -> None:
    rows = [
        ("train", "negative", "late"),
        ("val", "negative", "Late!"),
        ("val", "negative", "LATE"),
        ("train", "positive", "ok"),
    ]
    pd.DataFrame(rows, columns=["split", "label", "text"]).to_csv(tmp_path / "umsab_french.csv", index=False)
    dataset = load("umsab_french", tmp_path)
    assert dataset.test.texts == ["Late!"]
    assert "late" not in dataset.train.texts


def test_an_unknown_published_split_is_refused(tmp_path: Path) -> None:
    (tmp_path / "umsab_english.csv").write_text("split,label,text\ntrain,positive,yes\ndev,positive,no\n")
    with pytest.raises(UnknownLabel, match=r"umsab_english\.csv, row 2: the split 'dev'"):
        load("umsab_english", tmp_path)


def test_sides_are_texts_and_label_numbers(tmp_path: Path) -> None:
    dataset = load(csv_of(tmp_path / "t.csv", many(50)), tmp_path)
    assert isinstance(dataset.train, Tweets)
    assert dataset.train.labels.dtype == np.int64
    assert len(dataset.train) == len(dataset.train.texts) == len(dataset.train.labels)


# --- fingerprint and report -----------------------------------------------------------------------------------------


def test_the_fingerprint_is_of_what_the_tweets_say(tmp_path: Path) -> None:
    plain = load(csv_of(tmp_path / "a.csv", [("So late", "0"), ("fine", "1")]), tmp_path)
    dressed = load(csv_of(tmp_path / "b.csv", [("@x so late!", "negative"), ("Fine", "positive")]), tmp_path)
    assert plain.fingerprint == dressed.fingerprint
    assert plain.fingerprint == "4c842fe93adf5fc4d9dd88e95ebda385450d4f7a46358bacc99a43003c466bc2"


@pytest.mark.parametrize(
    "other", [[("so late", "1"), ("fine", "1")], [("fine", "1"), ("so late", "0")], [("so late", "0")]]
)
def test_another_label_order_or_row_gives_another_fingerprint(tmp_path: Path, other: list[tuple[str, str]]) -> None:
    plain = load(csv_of(tmp_path / "a.csv", [("so late", "0"), ("fine", "1")]), tmp_path)
    assert load(csv_of(tmp_path / "b.csv", other), tmp_path).fingerprint != plain.fingerprint


def test_the_report_adds_up_and_prints(tmp_path: Path) -> None:
    rows = [("a", "0"), ("A!", "0"), ("@b", "1"), ("c", "1"), ("c", "0"), ("d", "1"), ("e", "neutral")]
    report = load(csv_of(tmp_path / "t.csv", rows), tmp_path).report
    dropped = report.not_asked_for + report.empty + report.conflicting + report.duplicate + report.held_out
    assert report.read == dropped + report.kept == 7
    assert [line.split()[:2] for line in str(report).splitlines()][0] == ["read", "7"]
    assert "d" not in report.one_line().split()
    assert [split.split for split in report.splits] == ["train", "validation", "test"]


# --- published sets -------------------------------------------------------------------------------------------------

PUBLISHED = ["polarity", "id", "date", "query", "user", "text"]


def published_csv(rows: list[tuple[str, str]]) -> bytes:
    table = pd.DataFrame([(label, "1467810369", "Mon", "NO_QUERY", "someone", text) for text, label in rows])
    return table.to_csv(index=False, header=False, quoting=1).encode("latin-1")


def sorted_rows(count: int) -> list[tuple[str, str]]:
    return [(f"tweet {n} caf\xe9", "0" if n < count // 2 else "4") for n in range(count)]


def test_the_publishers_csv_has_no_header_and_is_latin_1(tmp_path: Path) -> None:
    (tmp_path / "training.1600000.processed.noemoticon.csv").write_bytes(published_csv(sorted_rows(40)))
    dataset = load("sentiment140", tmp_path)
    assert all_rows(dataset)["tweet 0 café"] == "negative"
    assert all_rows(dataset)["tweet 39 café"] == "positive"
    assert not any("someone" in text for text in all_rows(dataset))


def test_a_limit_on_the_publishers_sorted_csv_is_a_fair_sample(tmp_path: Path) -> None:
    (tmp_path / "training.1600000.processed.noemoticon.csv").write_bytes(published_csv(sorted_rows(1000)))
    dataset, again = load("sentiment140", tmp_path, limit=200), load("sentiment140", tmp_path, limit=200)
    assert dataset.report.read == 200
    assert sum(label == "negative" for label in all_rows(dataset).values()) == pytest.approx(100, abs=25)
    assert dataset.fingerprint == again.fingerprint


def test_the_publishers_zip_is_read_as_it_is_and_holds_the_manual_set_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "trainingandtestdata.zip", "w") as archive:
        rows = [("@x Loves twitter!", "4"), ("hates rain", "0"), ("eating cake", "4")]
        archive.writestr("training.1600000.processed.noemoticon.csv", published_csv(rows))
        manual = [("loves twitter", "4"), ("Eating cake :)", "4"), ("so so", "2")]
        archive.writestr("testdata.manual.2009.06.14.csv", published_csv(manual))
    dataset = load("sentiment140", tmp_path)
    assert list(all_rows(dataset)) == ["hates rain"]
    assert dataset.report.held_out == 2
    manual_set = load("sentiment140_manual", tmp_path, labels=THREE)
    assert (len(manual_set.train), len(manual_set.test)) == (0, 3)


def test_a_zip_without_the_manual_set_does_not_pass_for_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "trainingandtestdata.zip", "w") as archive:
        archive.writestr("training.1600000.processed.noemoticon.csv", published_csv([("hates rain", "0")]))
    assert list(all_rows(load("sentiment140", tmp_path))) == ["hates rain"]
    with pytest.raises(DatasetNotFound):
        load("sentiment140_manual", tmp_path)


def test_a_damaged_zip_is_named(tmp_path: Path) -> None:
    (tmp_path / "trainingandtestdata.zip").write_bytes(b"PK no zip")
    with pytest.raises(DatasetError, match=r"trainingandtestdata\.zip cannot be read"):
        load("sentiment140", tmp_path)


def test_without_the_held_out_set_the_log_warns(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pd.DataFrame({"label": [0, 1], "text": ["hates rain", "eating cake"]}).to_parquet(tmp_path / "sentiment140.parquet")
    assert load("sentiment140", tmp_path).report.held_out == 0
    assert "held_out_missing dataset=sentiment140 held_out=sentiment140_manual" in caplog.text


def test_a_repeated_tweet_is_no_test_tweet_and_does_not_move_to_train(tmp_path: Path) -> None:
    texts = [f"tweet {n}" for n in range(3000)]
    test_side = [text for text, place in zip(texts, fractions(texts), strict=True) if place < 0.0142]
    repeated, single = test_side[0], test_side[1]
    rows = pd.DataFrame({"label": 0, "text": [*texts, f"@a {repeated}!"]})
    rows.to_parquet(tmp_path / "sentiment140.parquet")
    dataset = load("sentiment140", tmp_path)
    assert single in dataset.test.texts
    assert repeated not in all_rows(dataset)
    assert (dataset.report.duplicate, dataset.report.not_fair_tests) == (1, 1)


def test_semeval_is_kept_apart_from_tweeteval(tmp_path: Path) -> None:
    pd.DataFrame({"label": ["neutral", "positive"], "text": ["@a it\u2019s ok", "great"]}).to_parquet(
        tmp_path / "semeval_pool.parquet"
    )
    csv_of(tmp_path / "tweeteval_val.csv", [(r"@user it\u2019s ok", "neutral")])
    for name in ("semeval", "semeval_pool"):
        assert list(all_rows(load(name, tmp_path, labels=THREE))) == ["great"]


def test_tweeteval_as_fetched_is_two_plain_files_and_all_of_it_is_test(tmp_path: Path) -> None:
    (tmp_path / "tweeteval_val_text.txt").write_text("so bad \nso so \nso good \n")
    (tmp_path / "tweeteval_val_labels.txt").write_text("0\n1\n2\n")
    dataset = load("tweeteval", tmp_path, labels=THREE)
    assert (dataset.test.texts, dataset.test.labels.tolist()) == (["so bad", "so so", "so good"], [0, 1, 2])
    assert len(dataset.train) == len(dataset.validation) == 0


def test_the_published_airline_file_loses_its_artefacts(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "tweet_id": ["5.70301E+17"],
            "airline_sentiment": ["negative"],
            "name": ["someone"],
            "text": ["@a Late Flightr &amp; Cancelled Flightled"],
            "tweet_coord": ["[1, 2]"],
        }
    )
    table.to_csv(tmp_path / "Tweets.csv", index=False)
    assert list(all_rows(load("us_airline", tmp_path))) == ["@a later & cancelled"]


def test_a_file_may_lie_gzipped(tmp_path: Path) -> None:
    (tmp_path / "sentiment140_manual.csv.gz").write_bytes(gzip.compress(b"polarity,id,text\n4,3,yes\n0,4,no\n"))
    assert len(load("sentiment140_manual", tmp_path).test) == 2


def test_the_sample_is_found_from_anywhere_in_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data" / "sample").mkdir(parents=True)
    (tmp_path / "data" / "sample" / "a.csv").write_text("text,label,language,phenomenon\nlate,negative,en,plain\n")
    (tmp_path / "data" / "sample" / "b.csv").write_text("text,label,language,phenomenon\nravi,positive,fr,plain\n")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    assert all_rows(load("sample", tmp_path)) == {"late": "negative", "ravi": "positive"}


def test_a_part_of_the_sample_is_of_all_its_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        csv_of(tmp_path / f"{name}.csv", [(f"{name} number {n}", "negative") for n in range(50)])
    part = all_rows(load("sample", tmp_path, sample_dir=tmp_path, limit=40))
    assert 10 < sum(text.startswith("a") for text in part) < 30


def test_the_sample_may_lie_elsewhere(tmp_path: Path) -> None:
    csv_of(tmp_path / "mine.csv", [("late", "negative")])
    assert list(all_rows(load("sample", tmp_path, sample_dir=tmp_path))) == ["late"]
    with pytest.raises(DatasetNotFound, match="no csv of the sample; looked in .*nowhere"):
        load("sample", tmp_path, sample_dir=tmp_path / "nowhere")


# --- not there ------------------------------------------------------------------------------------------------------


def test_a_set_that_is_not_here_says_both_ways_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound) as refusal:
        load("sentiment140", tmp_path)
    for part in (
        "trainer dataset fetch sentiment140",
        "TRAINER_DATA_DIR=",
        str(tmp_path),
        "sentiment140.parquet",
        ".zip",
    ):
        assert part in str(refusal.value)
    assert isinstance(refusal.value, TrainerError)


def test_a_set_without_a_download_does_not_offer_one(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match="no direct download we know of; get it from: SemEval") as refusal:
        load("semeval", tmp_path)
    assert "dataset fetch" not in str(refusal.value)
    assert "TRAINER_DATA_DIR=" in str(refusal.value)


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match=r"no dataset 'imdb': give one of sentiment140, .*sample, or the path"):
        load("imdb", tmp_path)


def test_a_path_without_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match="there is no file .*absent.csv"):
        load(str(tmp_path / "absent.csv"), tmp_path)


@pytest.mark.parametrize("name", ["semeval_pool.csv", "umsab_english.csv", "sentiment140.csv.gz"])
def test_a_published_set_is_not_read_by_its_path(tmp_path: Path, name: str) -> None:
    """It would lose its own split, and what is kept out of its training."""
    source = csv_of(tmp_path / name, many(3))
    with pytest.raises(DatasetNotFound, match=r"is called like the published set .*: give the name, TRAINER_DATA_DIR="):
        load(source, tmp_path)


def test_a_file_called_sample_is_a_file(tmp_path: Path) -> None:
    assert load(csv_of(tmp_path / "sample.csv", many(30)), tmp_path).name == "sample_file"


def test_columns_of_a_file_can_be_named(tmp_path: Path) -> None:
    source = csv_of(tmp_path / "own.v2.csv", [("awful", "0"), ("lovely", "1")], ("body", "mood"))
    dataset = load(source, tmp_path, text_column="body", label_column="mood")
    assert dataset.name == "own.v2"
    assert set(all_rows(dataset)) == {"awful", "lovely"}
