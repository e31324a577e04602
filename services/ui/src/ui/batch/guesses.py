"""What is guessed of a file, for people to correct: whether its first row holds names, and which column the text."""

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

NAMES = (
    *("text", "tweet", "full_text", "tweet_text", "message", "content", "body", "comment", "review"),
    *("texte", "contenu", "commentaire", "avis"),
)
LONGEST_NAME = 60
MOST_WORDS = 5
ROWS_LOOKED_AT = 1000
NUMBER = re.compile(r"[+-]?[\d.,:/ -]*\d[\d.,:/ -]*")


def looks_like_header(first: Sequence[str]) -> bool:
    """No name is a figure or a date, or as long as a tweet."""
    if any(name.strip().casefold() in NAMES for name in first):
        return True
    return any(name.strip() for name in first) and not any(_is_content(name.strip()) for name in first)


def _is_content(name: str) -> bool:
    return len(name) > LONGEST_NAME or len(name.split()) > MOST_WORDS or NUMBER.fullmatch(name) is not None


def text_columns(columns: pa.Table) -> list[str]:
    return [column.name for column in columns.schema if is_text(column.type)]


def is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_string_view(value))


def guess_text_column(columns: pa.Table) -> str:
    """The usual names first, else where the longest strings are."""
    offered = text_columns(columns)
    by_name = {name.strip().casefold(): name for name in reversed(offered)}
    known = [by_name[name] for name in NAMES if name in by_name]
    return known[0] if known else max(offered, key=lambda name: _mean_length(columns[name]))


def _mean_length(column: pa.ChunkedArray) -> float:
    # As bytes: a file may hold what is no text at all.
    lengths = pc.binary_length(column.slice(0, ROWS_LOOKED_AT).cast(pa.large_string()).cast(pa.large_binary()))
    return float(pc.mean(lengths).as_py() or 0.0)
