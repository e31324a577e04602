"""Folders of tweets in every format, of which tests of bulk scoring know each row."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

WORDS = ["late again", "lovely crew", "lost my bag", "thank you", "never again 😡", 'they "lost" it,\nagain']


def texts(count: int) -> list[str]:
    return [f"{WORDS[number % len(WORDS)]} {number % 7}" for number in range(count)]


def write_csv(path: Path, rows: list[tuple[int, str]], end: str = "\n", mark: str = "") -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(mark)
        writer = csv.writer(stream, lineterminator=end)
        writer.writerow(["id", "text"])
        writer.writerows(rows)


def write_folder(source: Path) -> Path:
    """2,500 tweets, some in each format, one of them gzipped and one deeper; ids run on from file to file."""
    (source / "day=1").mkdir(parents=True)
    rows = list(enumerate(texts(2_500)))
    write_csv(source / "a.csv", rows[:600], end="\r\n", mark="\ufeff")
    lines = [json.dumps({"id": number, "text": text}) + "\n" for number, text in rows[600:1_200]]
    (source / "b.ndjson").write_text("\n".join(lines), encoding="utf-8")  # with blank lines
    with gzip.open(source / "c.ndjson.gz", "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps({"id": number, "text": text}) + "\n" for number, text in rows[1_200:1_400])
    table = pa.table(
        {"id": [number for number, _ in rows[1_400:2_400]], "text": [text for _, text in rows[1_400:2_400]]}
    )
    pq.write_table(
        table.cast(pa.schema([("id", pa.int64()), ("text", pa.string())])), source / "d.parquet", row_group_size=300
    )
    write_csv(source / "day=1" / "e.tsv.csv", rows[2_400:])
    (source / "README.txt").write_text("not tweets")
    (source / "_plan.json").write_text("of an earlier run")
    return source


def read(output: Path) -> list[dict[str, Any]]:
    """All rows, in the order in which a reader of folders finds them; ids as numbers."""
    files = sorted(str(path.relative_to(output)) for path in output.rglob("*.parquet"))
    assert files == sorted(str(Path(name).relative_to(output)) for name in ds.dataset(output).files)
    rows = [row for file in files for row in pq.read_table(output / file, partitioning=None).to_pylist()]
    return [row | {"id": int(row["id"])} for row in rows]


def contents(output: Path) -> dict[str, bytes]:
    return {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*") if path.is_file()}
