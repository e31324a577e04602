"""Parts of a file hold the rows of the file, wherever it is cut."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.trainer.tweet_folders import write_folder
from trainer.scoring_input import open_source
from trainer.scoring_rows import Part


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("parts") / "tweets")


@pytest.mark.parametrize("rows", [1, 7, 250, 10_000])
@pytest.mark.parametrize("name", ["a.csv", "b.ndjson", "d.parquet", "day=1/e.tsv.csv"])
def test_parts_are_the_file(folder: Path, name: str, rows: int) -> None:
    source = open_source(folder / name, "text")
    whole = [text for chunk in source.chunks() for text in chunk.texts]
    parts = list(source.parts(rows))
    assert [text for part in parts for chunk in source.chunks(part) for text in chunk.texts] == whole
    assert all(part.rows == rows for part in parts[:-1])
    assert sum(part.rows or 0 for part in parts) == len(whole)


# What a csv may hold: quotation marks that are never closed, blank lines, line ends of all kinds, broken bytes.
PIECES = [b"late", b",", b'"', b'""', b"\n", b"\r\n", b"\r", b"\xff", "é😡".encode(), b"0", b" "]


@given(content=st.lists(st.sampled_from(PIECES), max_size=60), rows=st.integers(1, 5), has_mark=st.booleans())
@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_csv_holds_its_parts_are_the_file(
    tmp_path: Path, content: list[bytes], rows: int, has_mark: bool
) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes((b"\xef\xbb\xbf" if has_mark else b"") + b"id,text\n" + b"".join(content))
    source = open_source(path, "text")

    def found(part: Part) -> list[Any]:
        chunks = list(source.chunks(part))
        bad = {row.number: (row.reason, row.content) for chunk in chunks for row in chunk.bad}
        rows = [row for chunk in chunks if not isinstance(chunk.rows, list) for row in chunk.rows.to_pylist()]
        return [(number, row, bad.get(number)) for number, row in enumerate(rows, start=part.first + 1)]

    assert [row for part in source.parts(rows) for row in found(part)] == found(Part())


def test_parquet_of_few_large_row_groups_is_read_in_small_pieces(tmp_path: Path) -> None:
    long = "word " * 20_000
    pq.write_table(
        pa.table({"text": [f"{number} {long}" for number in range(300)]}),
        tmp_path / "a.parquet",
        compression="none",
        use_dictionary=False,
    )
    chunks = list(open_source(tmp_path / "a.parquet", "text").chunks())
    assert len(chunks) > 1 and sum(len(chunk.texts) for chunk in chunks) == 300
