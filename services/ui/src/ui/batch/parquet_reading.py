"""parquet: columns with their types, none of them changed, once it is known that they do not unfold beyond measure."""

from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ui.batch.guesses import text_columns
from ui.batch.sheet import Sheet, Unreadable, unique_names
from ui.batch.workbook_guard import CELL_LIMIT, UNFOLDED_LIMIT

BYTES_A_VALUE = 8


def read_parquet(data: bytes, limit: int) -> Sheet:
    try:
        columns = _read(data, limit)
    except (pa.ArrowException, OSError, OverflowError):
        # Its own words may repeat what the file holds.
        raise Unreadable(lambda words: words.batch.broken_parquet) from None
    if not text_columns(columns):
        raise Unreadable(lambda words: words.batch.no_text_column)
    return Sheet(columns, np.zeros(columns.num_rows, np.bool_))


def _read(data: bytes, limit: int) -> pa.Table:
    file = pq.ParquetFile(BytesIO(data))
    if file.metadata.num_rows > limit:
        raise Unreadable(lambda words: words.batch.too_many_rows.format(limit=words.number(limit)))
    if _is_too_large(file.metadata):
        raise Unreadable(lambda words: words.batch.unfolds_too_far.format(limit=UNFOLDED_LIMIT >> 20))
    # A long string that is repeated is written once: it stays so until it is known what all of them take.
    schema = file.schema_arrow
    folded = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    columns = pq.ParquetFile(BytesIO(data), read_dictionary=folded).read()
    if sum(_unfolded_bytes(column) for column in columns.columns) > UNFOLDED_LIMIT:
        raise Unreadable(lambda words: words.batch.unfolds_too_far.format(limit=UNFOLDED_LIMIT >> 20))
    return _unique(columns.cast(_unfolded(schema)))


def _is_too_large(metadata: pq.FileMetaData) -> bool:
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    values = sum(group.column(number).num_values for group in groups for number in range(group.num_columns))
    return bool(sum(group.total_byte_size for group in groups) > UNFOLDED_LIMIT or values > CELL_LIMIT * 4)


def _unfolded_bytes(column: pa.ChunkedArray) -> int:
    return sum(_chunk_bytes(chunk) for chunk in column.chunks)


def _chunk_bytes(chunk: pa.Array) -> int:
    if not pa.types.is_dictionary(chunk.type) or not _is_stringy(chunk.type.value_type):
        return int(chunk.nbytes)
    lengths = pc.binary_length(chunk.dictionary.cast(pa.large_binary()))
    return int(pc.sum(lengths.take(chunk.indices)).as_py() or 0) + BYTES_A_VALUE * len(chunk)


def _is_stringy(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _unfolded(schema: pa.Schema) -> pa.Schema:
    """Columns that were written as dictionaries too: their strings are looked for and shown as those of others."""
    fields = [_unfolded_field(field) for field in schema]
    return pa.schema(fields, metadata=schema.metadata)


def _unfolded_field(field: pa.Field) -> pa.Field:
    kind = field.type
    return field.with_type(kind.value_type) if pa.types.is_dictionary(kind) and _is_stringy(kind.value_type) else field


def _unique(columns: pa.Table) -> pa.Table:
    names = columns.column_names
    return columns if len(set(names)) == len(names) else columns.rename_columns(unique_names(names))
