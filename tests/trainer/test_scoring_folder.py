"""Folders of tweets scored: every row comes out once, in order, however often the run is cut."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tests.trainer.tweet_folders import contents, read, texts, write_csv, write_folder
from trainer.__main__ import app
from trainer.bundle import Bundle, load_bundle
from trainer.errors import TrainerError
from trainer.scoring import ScoringRefused, score_file
from trainer.scoring_folder import FolderReport, score_folder
from trainer.scoring_partition import score_partition
from trainer.scoring_plan import Order
from trainer.served_model import Classifier
from trainer.sources import UnreadableFile

CHAMPION = Path(__file__).parents[2] / "models" / "champion"


@pytest.fixture(scope="session")
def champion() -> Bundle:
    return load_bundle(CHAMPION)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "tweets")


def run(source: Path, output: Path, champion: Bundle, **options: Any) -> FolderReport:
    order = Order(model=champion.digest, text_column="text", prefix="", partition_rows=options.pop("rows", 250))
    return score_folder(source, output, champion, order, **options)


def test_every_row_of_every_file_comes_out_once_and_in_order(folder: Path, tmp_path: Path, champion: Bundle) -> None:
    report = run(folder, tmp_path / "out", champion)
    rows = read(tmp_path / "out")
    assert [row["id"] for row in rows] == list(range(2_500))
    assert [row["text"] for row in rows] == texts(2_500)
    assert report.summary.model_dump() == {"rows": 2_500, "bad": 0}
    assert not (tmp_path / "out" / "_bad_rows.csv").exists()
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names >= {
        "a.csv-00000.parquet",
        "a.csv-00002.parquet",
        "c.ndjson.gz-00000.parquet",
        "_SUCCESS",
        "_plan.json",
    }
    expected = champion.classifier.probabilities(texts(2_500))
    assert [row["p_negative"] for row in rows] == pytest.approx(expected[:, 0].tolist(), abs=1e-5)


def test_a_folder_says_the_same_as_a_file(folder: Path, tmp_path: Path, champion: Bundle) -> None:
    run(folder / "d.parquet", tmp_path / "out", champion, rows=300)
    score_file(folder / "d.parquet", tmp_path / "one.parquet", champion.classifier)
    one = pq.read_table(tmp_path / "one.parquet")
    parts = ds.dataset(tmp_path / "out").to_table()
    assert parts.schema == one.schema
    assert parts["label"].to_pylist() == one["label"].to_pylist()


def test_rows_that_cannot_be_scored_are_named_by_file_and_row(tmp_path: Path, champion: Bundle) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    good = "late"
    huge = "word " * 200_000  # a million characters
    write_csv(source / "a.csv", [(0, good), (1, ""), (2, huge), (3, good)])
    with (source / "a.csv").open("ab") as stream:
        stream.write(b"4,broken \xe9\n5,late\n")
    column = pa.array([b"late", None, b"broken \xff", huge.encode(), b"late"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"id": [6, 7, 8, 9, 10], "text": column}), source / "b.parquet")
    lines = [b'{"id": 11, "text": "late"}', b'{"id": 12, "text": null}', b'{"id": 13, "text": "\xff"}', b"nothing"]
    (source / "c.ndjson").write_bytes(b"\n".join(lines) + b"\n")
    report = run(source, output, champion, rows=3)
    assert report.summary.model_dump() == {"rows": 15, "bad": 9}
    rows = [
        row
        for path in sorted(output.glob("*.parquet"))
        for row in pq.read_table(path).select(["id", "label"]).to_pylist()
    ]
    assert [row["id"] and int(row["id"]) for row in rows] == [*range(14), None]
    scored = {0, 3, 5, 6, 10, 11}
    assert [row["label"] is not None for row in rows] == [number in scored for number in range(15)]
    with (output / "_bad_rows.csv").open(encoding="utf-8", newline="") as stream:
        csv.field_size_limit(1 << 24)
        bad = [(row["file"], int(row["row"]), row["reason"]) for row in csv.DictReader(stream)]
    long = "the text is longer than 250,000 characters"
    assert bad == [
        ("a.csv", 2, "the text is empty"),
        ("a.csv", 3, long),
        ("a.csv", 5, "not UTF-8"),
        ("b.parquet", 2, "the text is missing"),
        ("b.parquet", 3, "not UTF-8"),
        ("b.parquet", 4, long),
        ("c.ndjson", 2, "the text is missing"),
        ("c.ndjson", 3, "not UTF-8"),
        ("c.ndjson", 4, "not JSON: Expecting value"),
    ]
    assert [(row["file"], int(row["row"])) for row in report.first] == [(file, row) for file, row, _ in bad]


def test_a_run_that_was_cut_goes_on_and_the_result_is_the_same(
    folder: Path, tmp_path: Path, champion: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder, tmp_path / "whole", champion)
    begun: list[str] = []

    def cut(partition: Any, *others: Any) -> Any:
        begun.append(partition.name)
        if len(begun) == 6:
            raise KeyboardInterrupt
        return score_partition(partition, *others)

    monkeypatch.setattr("trainer.scoring_folder.score_partition", cut)
    with pytest.raises(KeyboardInterrupt):
        run(folder, tmp_path / "cut", champion)
    assert not (tmp_path / "cut" / "_SUCCESS").exists()
    report = run(folder, tmp_path / "cut", champion)
    assert report.found == 5 and len(begun) == 6 + report.partitions - 5
    assert len(set(begun)) == report.partitions
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")
    # And a run that is whole is left as it is.
    assert run(folder, tmp_path / "cut", champion).found == report.partitions
    assert len(begun) == 6 + report.partitions - 5


def test_a_killed_process_leaves_whole_partitions_only(tmp_path: Path, champion: Bundle) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    write_csv(source / "a.csv", list(enumerate(texts(60_000))))
    words = ["score", str(source), str(output), "--model", str(CHAMPION), "--partition-rows", "2000"]
    child = subprocess.Popen([sys.executable, "-m", "trainer", *words])
    wait_for(output, 3)
    child.send_signal(signal.SIGKILL)
    child.wait(timeout=30)
    there = sorted(output.glob("*.parquet"))
    assert 3 <= len(there) < 30 and not (output / "_SUCCESS").exists()
    assert all(pq.read_metadata(path).num_rows == 2_000 for path in there)
    (output / ".a.csv-00029.parquet.cafe.part").write_bytes(b"half")
    report = run(source, output, champion, rows=2_000)
    assert report.found >= len(there)
    assert [row["id"] for row in read(output)] == list(range(60_000))
    assert [path.name for path in output.iterdir() if path.name.startswith(".")] == []


def wait_for(output: Path, files: int) -> None:
    deadline = time.monotonic() + 60
    while len(list(output.glob("*.parquet"))) < files:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_damaged_file_stops_no_other(folder: Path, tmp_path: Path, champion: Bundle) -> None:
    packed = (folder / "c.ndjson.gz").read_bytes()
    parquet = bytearray((folder / "d.parquet").read_bytes())
    parquet[200:400] = b"\0" * 200  # within its first rows: its footer is well
    (folder / "d.parquet").write_bytes(parquet)
    with pytest.raises(UnreadableFile, match=r"of 12 partitions could not be scored, all others are: .*d\.parquet"):
        run(folder, tmp_path / "out", champion)
    ids = {row["id"] for row in read(tmp_path / "out")}
    assert set(range(1_400)) | set(range(2_400, 2_500)) <= ids
    assert not (tmp_path / "out" / "_SUCCESS").exists()
    (folder / "c.ndjson.gz").write_bytes(packed[:-50])
    with pytest.raises(UnreadableFile, match=r"c\.ndjson\.gz cannot be read to its end"):
        run(folder, tmp_path / "other", champion)
    assert not (tmp_path / "other").exists()


def test_another_order_is_not_mixed_into_a_run(folder: Path, tmp_path: Path, champion: Bundle) -> None:
    output = tmp_path / "out"
    run(folder, output, champion)
    before = contents(output)
    with pytest.raises(ScoringRefused, match="was begun with partition_rows 250, not 300: --overwrite begins anew"):
        run(folder, output, champion, rows=300)
    other = Order(model="another", text_column="text", prefix="", partition_rows=250)
    with pytest.raises(ScoringRefused, match="was begun with model"):
        score_folder(folder, output, champion, other)
    os.utime(folder / "a.csv", (1, 1))
    with pytest.raises(ScoringRefused, match=r"a\.csv changed or went since"):
        run(folder, output, champion)
    assert contents(output) == before
    report = run(folder, output, champion, rows=300, overwrite=True)
    assert report.found == 0 and (output / "d.parquet-00003.parquet").exists()
    assert [row["id"] for row in read(output)] == list(range(2_500))


def test_what_is_in_the_way_is_said_before_anything_is_written(folder: Path, tmp_path: Path, champion: Bundle) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(ScoringRefused, match="is not empty, and of no earlier run"):
        run(folder, tmp_path / "full", champion, overwrite=True)
    for output in (folder, folder / "scored", tmp_path):
        with pytest.raises(ScoringRefused, match="lie in one another"):
            run(folder, output, champion)
    (tmp_path / "file").write_text("")
    with pytest.raises(ScoringRefused, match="is a file"):
        run(folder, tmp_path / "file", champion)
    write_csv(folder / "z.csv", [(1, "late")])
    (folder / "z.csv").write_text("tweet\nlate\n")
    with pytest.raises(UnreadableFile, match=r"z\.csv has no column 'text'"):
        run(folder, tmp_path / "out", champion)
    (folder / "z.csv").write_text("text,label\nlate,1\n")
    with pytest.raises(ScoringRefused, match=r"z\.csv has 'label' already"):
        run(folder, tmp_path / "out", champion)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableFile, match="nowhere is not there"):
        run(tmp_path / "nowhere", tmp_path / "out", champion)
    with pytest.raises(UnreadableFile, match="holds no file of tweets"):
        run(tmp_path / "empty", tmp_path / "out", champion)
    assert not (tmp_path / "out").exists()


def test_a_partition_that_lost_rows_is_no_success(folder: Path, tmp_path: Path, champion: Bundle) -> None:
    run(folder, tmp_path / "out", champion)
    (tmp_path / "out" / "_SUCCESS").unlink()
    target = tmp_path / "out" / "d.parquet-00001.parquet"
    pq.write_table(pq.read_table(target, partitioning=None)[:-1], target)
    with pytest.raises(ScoringRefused, match=r"d\.parquet-00001\.parquet has 249 rows of 250"):
        run(folder, tmp_path / "out", champion)
    target.unlink()
    assert run(folder, tmp_path / "out", champion).found == 11


def typed_in(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, ["score", *map(str, arguments), "--model", str(CHAMPION)])


def test_the_command_says_what_it_did(folder: Path, tmp_path: Path) -> None:
    with (folder / "a.csv").open("ab") as stream:
        stream.write(b"9,\r\n" * 25)
    answer = typed_in(folder, tmp_path / "out")
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.startswith(f"2,500 tweets scored into {tmp_path / 'out'} by bigru_distilled ")
    said = answer.stderr.splitlines()
    assert "left out, no file of rows: README.txt" in said
    assert "a.csv, row 601 is not scored: the text is empty" in said
    assert f"5 more; all 25 rows that are not scored lie in {tmp_path / 'out' / '_bad_rows.csv'}" in said
    again = typed_in(folder, tmp_path / "out")
    assert again.exit_code == 0 and "5 of 5 partitions were there already" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["out.csv"], "would be a file: name a folder"),
        (["out", "--workers", "2"], "are for --engine ray"),
        (["out", "--address", "auto"], "are for --engine ray"),
    ],
)
def test_options_that_do_not_fit_are_explained(folder: Path, tmp_path: Path, arguments: list[str], reason: str) -> None:
    answer = typed_in(folder, tmp_path / arguments[0], *arguments[1:])
    assert isinstance(answer.exception, TrainerError) and reason in str(answer.exception)
    one = typed_in(folder / "a.csv", tmp_path / "o.csv", "--engine", "ray")
    assert isinstance(one.exception, ScoringRefused) and "name a folder" in str(one.exception)


def test_labels_do_not_depend_on_the_partitions(folder: Path, tmp_path: Path, champion: Bundle) -> None:
    for rows in (100, 1_000):
        run(folder, tmp_path / f"out{rows}", champion, rows=rows)
    labels = [[row["label"] for row in read(tmp_path / f"out{rows}")] for rows in (100, 1_000)]
    assert labels[0] == labels[1] and isinstance(champion.classifier, Classifier)
