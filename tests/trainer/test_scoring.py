"""A file of tweets scored: the same rows come out, whatever is wrong with some of them, and never half a file."""

import csv
import gzip
import json
import os
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from trainer.__main__ import app
from trainer.bundle import Bundle, BundleRefused, load_bundle
from trainer.promotion import crown_first
from trainer.registry import connect, register
from trainer.scoring import Report, ScoringRefused, score_file
from trainer.scoring_input import open_source
from trainer.scoring_model import find_bundle
from trainer.served_model import Classifier
from trainer.settings import Settings
from trainer.sources import UnreadableFile

CHAMPION = Path(__file__).parents[2] / "models" / "champion"
ADDED = ["label", "p_negative", "p_positive", "abstained"]
TEXTS = ["the crew was lovely", 'they "lost" my bag,\nagain', "late late late 😡"]


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return load_bundle(CHAMPION).classifier


def write(path: Path, content: str | bytes) -> Path:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def reasons(report: Report) -> dict[int, str]:
    return {row.number: row.reason for row in report.first}


CSV = 'id,text\n007,the crew was lovely\n008,"they ""lost"" my bag,\nagain"\n570301083672813571,late late late 😡\n'
NDJSON = "".join(
    json.dumps({"id": number, "text": text}) + "\n"
    for number, text in zip(["007", "008", "570301083672813571"], TEXTS, strict=True)
)


def table(folder: Path) -> bytes:
    ids = ["007", "008", "570301083672813571"]
    pq.write_table(pa.table({"id": ids, "text": TEXTS}), folder / "made.parquet")
    return (folder / "made.parquet").read_bytes()


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.ndjson", "a.jsonl.gz", "a.parquet"])
@pytest.mark.parametrize("output", ["o.csv", "o.tsv", "o.ndjson", "o.parquet"])
def test_every_format_gives_the_same_rows_in_every_other(
    tmp_path: Path, classifier: Classifier, name: str, output: str
) -> None:
    content = CSV if ".csv" in name else NDJSON if "json" in name else table(tmp_path)
    report = score_file(write(tmp_path / name, content), tmp_path / output, classifier)
    assert (report.scored, report.bad) == (3, 0)
    assert not report.bad_file.exists()
    read = {
        "o.csv": lambda path: pd.read_csv(path, dtype={"id": str}),
        "o.tsv": lambda path: pd.read_csv(path, dtype={"id": str}, sep="\t", quoting=csv.QUOTE_NONE),
        "o.ndjson": lambda path: pd.read_json(path, lines=True, dtype={"id": str}),
        "o.parquet": pd.read_parquet,
    }[output]
    rows = read(tmp_path / output)
    assert list(rows.columns) == ["id", "text", *ADDED]
    assert rows["id"].tolist() == ["007", "008", "570301083672813571"]
    texts = [text.replace("\n", "\\n") for text in TEXTS] if output == "o.tsv" else TEXTS
    assert rows["text"].tolist() == texts
    probabilities = classifier.probabilities(TEXTS)
    assert rows["p_negative"].tolist() == pytest.approx(probabilities[:, 0].tolist(), abs=1e-7)
    chosen, abstained = classifier.decide(probabilities)
    assert rows["label"].tolist() == [classifier.labels[index] for index in chosen]
    assert rows["abstained"].tolist() == abstained.tolist()


def test_the_cells_of_a_csv_come_out_as_they_went_in(tmp_path: Path, classifier: Classifier) -> None:
    lines = [
        "id,text,price,note",
        "00123,late again,1.10,NA",
        '1e400,"two\nlines","1,000", spaced ',
        f"-0,{'long ' * 50_000},,null",
        'x,nul\0byte,"quoted ""so""",é',
        '9,late,"a\rb",\u2028',
    ]
    path = write(tmp_path / "a.csv", "\n".join(lines) + "\n")
    report = score_file(path, tmp_path / "o.csv", classifier)
    assert report.bad == 0
    before, after = rows_of(path), rows_of(tmp_path / "o.csv")
    assert [row[:4] for row in after] == before


def test_a_spreadsheets_file_keeps_its_mark_and_its_line_ends(tmp_path: Path, classifier: Classifier) -> None:
    path = write(tmp_path / "a.csv", "\ufefftext,id\r\nlate,1\r\n")
    score_file(path, tmp_path / "o.csv", classifier)
    written = (tmp_path / "o.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbftext,id,label,")
    assert written.count(b"\r\n") == written.count(b"\n") == 2


def test_a_bad_row_of_a_csv_stays_without_a_label(tmp_path: Path, classifier: Classifier) -> None:
    lines = [b"id,text", b"1,late", b"2,", b"3,caf\xe9", b"4", b"5,a,b", b"6,  ", b'7,"never closed', b"8,fine"]
    path = write(tmp_path / "a.csv", b"\n".join(lines) + b"\n")
    report = score_file(path, tmp_path / "o.csv", classifier)
    assert (report.scored, report.bad) == (2, 6)
    rows = rows_of(tmp_path / "o.csv")[1:]
    assert [row[0] for row in rows] == list("12345678")
    assert [row[0] for row in rows if row[2:] == ["", "", "", ""]] == list("234567")
    assert rows[2][1] == "caf\ufffd"
    assert rows[4][1] == "a"
    assert reasons(report) == {
        2: "the text is empty",
        3: "not UTF-8",
        4: "number of fields: 1, of the header: 2",
        5: "number of fields: 3, of the header: 2",
        6: "the text is empty",
        7: "a quotation mark is never closed, or a field is longer than 4,194,304 characters",
    }
    kept = {row[0]: row[2] for row in rows_of(report.bad_file)[1:]}
    assert kept == {"2": "2,", "3": "3,caf\\xe9", "4": "4", "5": "5,a,b", "6": "6,  ", "7": '7,"never closed'}


def test_a_bad_line_of_ndjson_stays_without_a_label(tmp_path: Path, classifier: Classifier) -> None:
    lines = [
        b'{"text": "late", "n": 1.10, "id": 570301083672813571.0}',
        b'{"text": null}',
        b'{"text": 7, "n": 1e400}',
        b"{oops",
        b"[1]",
        b"",
        b'{"text": "caf\xe9"}',
        b'{"n": 2}',
        b"[" * 100_000,
        b'{"text": "cut \\ud83d"}',
    ]
    path = write(tmp_path / "a.ndjson", b"\n".join(lines))
    report = score_file(path, tmp_path / "o.ndjson", classifier)
    written = (tmp_path / "o.ndjson").read_text(encoding="utf-8").splitlines()
    assert written[0].startswith('{"text": "late", "n": 1.10, "id": 570301083672813571.0, "label": "negative", ')
    assert written[2].startswith('{"text": 7, "n": 1e400, "label": null, ')
    assert written[-1].startswith('{"text": "cut \\ud83d", "label": ')
    labels = [json.loads(line)["label"] is not None for line in written]
    assert labels == [True, *[False] * 7, True]
    assert list(json.loads(written[3])) == ADDED
    assert reasons(report) == {
        2: "the text is missing",
        3: "the text is no string",
        4: "not JSON: Expecting property name enclosed in double quotes",
        5: "no JSON object",
        7: "not UTF-8",
        8: "the text is missing",
        9: "not JSON that can be read: nested too deep",
    }
    assert [row[2] for row in rows_of(report.bad_file)[1:]][2:5] == ["{oops", "[1]", '{"text": "caf\\xe9"}']


def test_json_becomes_columns_digit_for_digit(tmp_path: Path, classifier: Classifier) -> None:
    path = write(
        tmp_path / "a.ndjson",
        '{"text": "late", "id": 570301083672813571.0}\n'
        '{"text": "fine", "user": {"id": 1.10, "tags": ["a", true, null]}, "ok": true}\n',
    )
    score_file(path, tmp_path / "o.csv", classifier)
    header, *rows = rows_of(tmp_path / "o.csv")
    assert header == ["text", "id", "user", "ok", *ADDED]
    assert [row[:4] for row in rows] == [
        ["late", "570301083672813571.0", "", ""],
        ["fine", "", '{"id": 1.10, "tags": ["a", true, null]}', "true"],
    ]


def typed() -> pa.Table:
    return pa.table(
        {
            "id": pa.array([1, None, 2**63], pa.uint64()),
            "text": pa.array(["late", None, "fine"]).dictionary_encode(),
            "at": pa.array([datetime(2015, 2, 24, 11, 35)] * 3, pa.timestamp("ns", "UTC")),
            "score": pa.array([0.1, float("nan"), 1e300]),
            "tags": pa.array([["a"], [], None], pa.list_(pa.string())),
        }
    ).replace_schema_metadata({"made": "by a test"})


def test_parquet_keeps_its_types(tmp_path: Path, classifier: Classifier) -> None:
    pq.write_table(typed(), tmp_path / "a.parquet")
    report = score_file(tmp_path / "a.parquet", tmp_path / "o.parquet", classifier)
    assert reasons(report) == {2: "the text is missing"}
    after = pq.read_table(tmp_path / "o.parquet")
    own = after.select(typed().column_names)
    assert own.schema.equals(typed().schema)
    assert str(own.to_pylist()) == str(typed().to_pylist())  # in words, because nan is not nan
    assert after.schema.metadata[b"made"] == b"by a test"
    assert [str(after.schema.field(name).type) for name in ADDED] == ["string", "float", "float", "bool"]
    assert after["abstained"].to_pylist()[1] is None


def test_parquet_becomes_text(tmp_path: Path, classifier: Classifier) -> None:
    pq.write_table(typed(), tmp_path / "a.parquet")
    score_file(tmp_path / "a.parquet", tmp_path / "o.csv", classifier)
    assert rows_of(tmp_path / "o.csv")[3][:5] == [str(2**63), "fine", "2015-02-24 11:35:00.000000000Z", "1e+300", ""]
    score_file(tmp_path / "a.parquet", tmp_path / "o.ndjson", classifier)
    second, third = map(json.loads, (tmp_path / "o.ndjson").read_text(encoding="utf-8").splitlines()[1:])
    assert (second["id"], second["score"], second["tags"], second["label"]) == (None, None, [], None)
    assert (third["id"], third["score"]) == (2**63, 1e300)


def test_broken_bytes_in_parquet_cost_their_row_only(tmp_path: Path, classifier: Classifier) -> None:
    texts = pa.array([b"late", b"caf\xe9"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    report = score_file(tmp_path / "a.parquet", tmp_path / "o.csv", classifier)
    assert [row[0] for row in rows_of(tmp_path / "o.csv")] == ["text", "late", "caf\ufffd"]
    assert reasons(report) == {2: "not UTF-8"}


@pytest.mark.parametrize("output", ["o.csv", "o.ndjson", "o.parquet"])
def test_rows_of_many_chunks_keep_their_order_and_numbers(
    tmp_path: Path, classifier: Classifier, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("csv", "ndjson", "input"):
        monkeypatch.setattr(f"trainer.scoring_{module}.CHUNK_ROWS", 7)
    ids = range(50)
    lines = [f"{number},{'' if number == 40 else f'late {number}'}" for number in ids]
    path = write(tmp_path / "a.csv", "id,text\n" + "\n".join(lines) + "\n")
    report = score_file(path, tmp_path / output, classifier)
    assert reasons(report) == {41: "the text is empty"}
    again = score_file(tmp_path / output, tmp_path / "again.csv", classifier, prefix="again_")
    assert reasons(again) == {41: "the text is empty"}
    rows = rows_of(tmp_path / "again.csv")
    assert [row[0] for row in rows[1:]] == [str(number) for number in ids]
    assert rows[0] == ["id", "text", *ADDED, *(f"again_{name}" for name in ADDED)]
    assert [row[3] for row in rows[1:]] == [row[7] for row in rows[1:]]


def test_long_texts_make_small_chunks(tmp_path: Path, classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.scoring_csv.CHUNK_CHARACTERS", 1000)
    source = write(tmp_path / "a.csv", "text\n" + f"{'late ' * 100}\n" * 10)
    chunks = list(open_source(source, "text", as_written=False).chunks())
    assert [len(chunk.texts) for chunk in chunks] == [3, 3, 3, 1]
    assert sum(chunk.size for chunk in chunks) == source.stat().st_size


cells = st.text(st.characters(codec="utf-8"), max_size=8)


@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=5), line_end=st.sampled_from(["\n", "\r\n"]))
def test_whatever_a_csv_holds_comes_out_again(
    tmp_path: Path, classifier: Classifier, rows: list[tuple[str, str]], line_end: str
) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator=line_end)
        writer.writerows([("text", "note"), *rows])
    score_file(path, tmp_path / "o.csv", classifier, overwrite=True)
    assert [tuple(row[:2]) for row in rows_of(tmp_path / "o.csv")[1:]] == rows


def test_nothing_is_written_over_without_being_told(tmp_path: Path, classifier: Classifier) -> None:
    path = write(tmp_path / "a.csv", "text\nlate\n\n")
    output = write(tmp_path / "o.csv", "mine")
    with pytest.raises(ScoringRefused, match=r"o\.csv is there already: .* --overwrite"):
        score_file(path, output, classifier)
    assert output.read_text() == "mine"
    with pytest.raises(ScoringRefused, match="is the file to be scored"):
        score_file(path, path, classifier, overwrite=True)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ScoringRefused, match="is a folder"):
        score_file(path, tmp_path / "folder.csv", classifier, overwrite=True)
    stale = write(tmp_path / "o.csv.bad.csv", "of an earlier run")
    score_file(path, output, classifier, overwrite=True)
    assert len(rows_of(output)) == 2
    assert not stale.exists()


def test_columns_in_the_way_are_named_before_anything_is_written(tmp_path: Path, classifier: Classifier) -> None:
    path = write(tmp_path / "a.csv", "text,label,p_positive\nlate,negative,0.1\n")
    with pytest.raises(ScoringRefused, match=r"has 'label', 'p_positive' already: .* --prefix"):
        score_file(path, tmp_path / "new" / "o.csv", classifier)
    assert not (tmp_path / "new").exists()
    score_file(path, tmp_path / "new" / "o.csv", classifier, prefix="model_")
    assert rows_of(tmp_path / "new" / "o.csv")[0][3:] == [f"model_{name}" for name in ADDED]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "tweet,id\nx,0\n", r"no column 'text': name the text with --text-column \('tweet', 'id'\)"),
        ("a.csv", "text,id,id\nx,0,1\n", r"two columns of the same name: rename one \('id'\)"),
        ("a.csv", "", "is empty"),
        ("a.csv", "text\nlate\n".encode("utf-16"), "not UTF-8"),
        ("a.ndjson", "", "is empty"),
        ("a.ndjson", "[1]\n", "none of its lines is a JSON object"),
        ("a.ndjson", '{"tweet": "x"}\n', "no column 'text'"),
        ("a.parquet", b"not parquet", "cannot be read"),
        ("a.xlsx", b"x", "ends in .csv, .tsv"),
        ("a.parquet.gz", b"x", "unpack it"),
    ],
)
def test_a_file_without_tweets_is_refused_with_the_reason(
    tmp_path: Path, classifier: Classifier, name: str, content: str | bytes, reason: str
) -> None:
    path = write(tmp_path / name, content)
    with pytest.raises(UnreadableFile, match=reason):
        score_file(path, tmp_path / "o.csv", classifier)
    assert list(tmp_path.iterdir()) == [path]


def test_numbers_are_no_texts(tmp_path: Path, classifier: Classifier) -> None:
    pq.write_table(pa.table({"text": [1, 2]}), tmp_path / "a.parquet")
    with pytest.raises(UnreadableFile, match="the column 'text' holds int64, not text"):
        score_file(tmp_path / "a.parquet", tmp_path / "o.csv", classifier)


def test_a_file_that_was_cut_leaves_nothing(tmp_path: Path, classifier: Classifier) -> None:
    rows = "".join(f"late {os.urandom(8).hex()}\n" for _ in range(2_000))
    path = write(tmp_path / "a.csv.gz", f"text\n{rows}")
    path.write_bytes(path.read_bytes()[:-2_000])
    with pytest.raises(UnreadableFile, match="cannot be read to its end, nothing was written"):
        score_file(path, tmp_path / "o.csv", classifier)
    assert list(tmp_path.iterdir()) == [path]


def typed_in(*arguments: str | Path) -> Result:
    """What `trainer score` does with these arguments."""
    return CliRunner().invoke(app, ["score", *map(str, arguments), "--model", str(CHAMPION)])


def test_the_command_says_what_it_did_and_what_it_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "tweet,id\nlate,1\n" + ",2\n" * 25)
    answer = typed_in(path, tmp_path / "o.csv", "--text-column", "tweet")
    assert answer.exit_code == 0
    assert answer.stdout.startswith(f"1 tweets scored into {tmp_path / 'o.csv'} by ")
    said = answer.stderr.splitlines()
    assert said[0] == "row 2 is not scored: the text is empty"
    assert said[20:] == [f"5 more; all 25 rows that are not scored lie in {tmp_path / 'o.csv.bad.csv'}"]
    assert len(rows_of(tmp_path / "o.csv.bad.csv")) == 26


def test_an_interrupt_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.csv", "text\nlate\n")
    output = write(tmp_path / "o.csv", "of an earlier run")
    decide = Classifier.decide

    def interrupted(*arguments: Any) -> Any:
        assert len(list(tmp_path.iterdir())) == 3  # what is written so far has another name
        os.kill(os.getpid(), signal.SIGINT)  # Ctrl-C, in the middle of the work
        return decide(*arguments)

    monkeypatch.setattr(Classifier, "decide", interrupted)
    assert typed_in(path, output, "--overwrite").exit_code == 130
    assert sorted(tmp_path.iterdir()) == [path, output]
    assert output.read_text() == "of an earlier run"


def test_a_model_of_the_registry_is_found_by_its_address(bundle: Bundle, settings: Settings) -> None:
    client = connect(settings)
    version = register(bundle, client, settings).version
    crown_first(version, client, settings)
    run_id = client.get_model_version(settings.model_name, version).run_id
    for reference in (f"models:/{settings.model_name}@champion", f"models:/{settings.model_name}/1"):
        assert find_bundle(reference, settings).digest == bundle.digest
    assert find_bundle(f"runs:/{run_id}/model", settings).digest == bundle.digest
    assert find_bundle(str(bundle.folder), settings).digest == bundle.digest


def test_a_model_that_is_not_there_is_said_in_one_line(settings: Settings) -> None:
    for reference, reason in (
        (f"models:/{settings.model_name}@champion", "is not to be had from sqlite"),
        ("runs:/0123456789abcdef0123456789abcdef/model", "is not to be had from sqlite"),
        ("nowhere", "not a bundle"),
    ):
        with pytest.raises(BundleRefused, match=reason):
            find_bundle(reference, settings)
