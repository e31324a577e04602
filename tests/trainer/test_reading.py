"""Every format a file of tweets may come in, and every way it can be spoilt."""

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from trainer.reading import RawTweets, read_tweets
from trainer.sources import Form, UnreadableFile

FORM = Form("")
TWO = RawTweets(["fine day", "bad, day"], ["positive", "negative"], [])


def write(path: Path, content: str | bytes) -> Path:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def parquet_of(table: pd.DataFrame, folder: Path) -> bytes:
    table.to_parquet(folder / "plain.parquet")
    return (folder / "plain.parquet").read_bytes()


CSV = 'text,label\nfine day,positive\n"bad, day",negative\n'
NDJSON = '{"text": "fine day", "label": "positive", "id": 1}\n\n{"text": "bad, day", "label": "negative"}\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV),
        ("a.csv.gz", CSV),
        ("bom.csv", "\ufeff" + CSV),
        ("a.tsv", "label\ttext\npositive\tfine day\nnegative\tbad, day\n"),
        ("a.ndjson", NDJSON),
        ("a.jsonl.gz", NDJSON),
    ],
)
def test_text_formats_give_the_same_rows(tmp_path: Path, name: str, content: str) -> None:
    assert read_tweets(write(tmp_path / name, content), FORM) == TWO


@pytest.mark.parametrize("name", ["a.parquet", "a.parquet.gz"])
def test_parquet_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    table = pd.DataFrame({"label": TWO.labels, "text": TWO.texts, "id": [1, 2]})
    assert read_tweets(write(tmp_path / name, parquet_of(table, tmp_path)), FORM) == TWO


def test_numbers_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = write(tmp_path / "ids.csv", "text,label\n570301083672813571,0\n007,4\n")
    assert read_tweets(path, FORM) == RawTweets(["570301083672813571", "007"], ["0", "4"], [])
    path = write(tmp_path / "ids.ndjson", '{"text": 570301083672813571.0, "label": 0}\n')
    assert read_tweets(path, FORM) == RawTweets(["570301083672813571.0"], ["0"], [])


def test_words_that_look_missing_are_words(tmp_path: Path) -> None:
    path = write(tmp_path / "na.csv", "text,label\nNA,negative\nnull,negative\nNone,negative\n")
    assert read_tweets(path, FORM).texts == ["NA", "null", "None"]


def test_a_null_is_an_empty_text(tmp_path: Path) -> None:
    path = write(tmp_path / "null.ndjson", '{"text": null, "label": "negative"}\n')
    assert read_tweets(path, FORM).texts == [""]
    table = pd.DataFrame({"text": ["a", None], "label": ["negative", "negative"]})
    assert read_tweets(write(tmp_path / "n.parquet", parquet_of(table, tmp_path)), FORM).texts == ["a", ""]


def test_a_quotation_mark_in_a_tsv_swallows_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "q.tsv", 'label\ttext\nnegative\t"so he said\npositive\tand "left"\n')
    assert read_tweets(path, FORM).texts == ['"so he said', 'and "left"']


def test_a_line_end_inside_quotes_belongs_to_the_text(tmp_path: Path) -> None:
    path = write(tmp_path / "l.csv", 'text,label\n"one\ntwo",negative\n')
    assert read_tweets(path, FORM).texts == ["one\ntwo"]


def test_limit_takes_the_first_rows(tmp_path: Path) -> None:
    for name, content in (("a.csv", CSV), ("a.ndjson", NDJSON)):
        assert read_tweets(write(tmp_path / name, content), FORM, limit=1).texts == ["fine day"]


def test_plain_lines_meet_their_labels(tmp_path: Path) -> None:
    texts = write(tmp_path / "t.txt", "one\u2028still one\ntwo\n")
    write(tmp_path / "l.txt", "0\n2\n")
    rows = read_tweets(texts, Form("t.txt", labels_file="l.txt"))
    assert (rows.texts, rows.labels) == (["one\u2028still one", "two"], ["0", "2"])


def test_plain_lines_without_their_labels_are_refused(tmp_path: Path) -> None:
    texts = write(tmp_path / "t.txt", "one\ntwo\n")
    form = Form("t.txt", labels_file="l.txt")
    with pytest.raises(UnreadableFile, match="needs its labels beside it, in l.txt"):
        read_tweets(texts, form)
    write(tmp_path / "l.txt", "0\n")
    with pytest.raises(UnreadableFile, match=r"2 lines, l\.txt has 1"):
        read_tweets(texts, form)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "tweet,label\nx,0\n", "no column 'text'"),
        ("a.csv", "text,mood\nx,0\n", "no column 'label'"),
        ("a.csv", "", "is empty"),
        ("a.csv", b"text,label\ncaf\xe9,0\n", "is not utf-8"),
        ("a.csv.gz", None, "cannot be read"),
        ("a.parquet", b"not parquet", "cannot be read"),
        ("a.ndjson", '{"text": "x", "label": 0}\n{oops\n', "line 2, is not JSON"),
        ("a.ndjson", "[1]\n", "line 1, is not a JSON object"),
        ("a.ndjson", json.dumps({"text": "x"}), "no column 'label'"),
        ("a.xlsx", "x", "ends in .csv, .tsv"),
    ],
)
def test_a_spoilt_file_is_refused_with_the_reason(
    tmp_path: Path, name: str, content: str | bytes | None, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"not gzip") if content is None else write(path, content)
    with pytest.raises(UnreadableFile, match=reason):
        read_tweets(path, FORM)


def test_a_column_that_holds_no_text_is_named_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame({"text": [["a", "b"]], "label": ["0"]}).to_parquet(path)
    with pytest.raises(UnreadableFile, match=r"t\.parquet cannot be read"):
        read_tweets(path, FORM)


def test_half_a_character_becomes_the_sign_for_one(tmp_path: Path) -> None:
    path = tmp_path / "t.ndjson"
    path.write_text('{"text": "cut \\ud83d", "label": "0"}\n{"text": "whole \\ud83d\\ude00", "label": "1"}\n')
    assert read_tweets(path, Form("t.ndjson")).texts == ["cut \ufffd", "whole 😀"]
