"""The results as a file: made when the button is pressed, not before."""

from functools import partial

import streamlit as st

from ui.batch.board import BatchBoard
from ui.batch.excel import LONGEST_CELL, MOST_COLUMNS
from ui.batch.export_files import csv_file, parquet_file, xlsx_file
from ui.batch.export_table import Export
from ui.elements.inert import plain_word
from ui.words.language import wording
from ui.words.wording import Wording

# For what is added behind the columns of the file.
ROOM = 100
TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


def downloads(board: BatchBoard, export: Export) -> None:
    words, name = wording().batch, "" if board.source is None else board.source.name
    st.subheader(words.download, anchor=False)
    with st.container(key="batch-downloads", horizontal=True):
        for kind in TYPES:
            if kind == "xlsx" and export.table.columns.num_columns > MOST_COLUMNS - ROOM:
                continue
            st.download_button(
                words.download_kinds[kind],
                # In the language of now: when it is pressed nobody can be asked.
                partial(write, export, kind, wording()),
                f"{stem(name)}-sentiment.{kind}",
                TYPES[kind],
                key=f"batch-download-{kind}",
                on_click="ignore",
                icon=":material/download:",
            )
    _notes(export)


def write(export: Export, kind: str, words: Wording) -> bytes:
    columns = export.columns(words)
    match kind:
        case "csv":
            return csv_file(columns, export.table.delimiter)
        case "xlsx":
            return xlsx_file(columns)
        case _:
            return parquet_file(columns)


def _notes(export: Export) -> None:
    words, number = wording().batch, wording().number
    marked = export.dangerous_cells
    st.caption(words.csv_marked.format(count=number(marked)) if marked else words.csv_unmarked)
    if cut := export.long_cells:
        st.caption(words.xlsx_cut.format(count=number(cut), limit=number(LONGEST_CELL)))


def stem(name: str) -> str:
    """Of a file's name, what can stand in another one's on every system."""
    return plain_word(name.rpartition(".")[0]).replace(" ", "-") or "tweets"
