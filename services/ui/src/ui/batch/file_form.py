"""Where a file is chosen, and what is to be known of it before its tweets are analysed."""

import numpy as np
import streamlit as st

from ui.batch.board import BatchBoard, Chosen
from ui.batch.guesses import text_columns
from ui.batch.reading import MEGABYTES, SUFFIXES, Source
from ui.elements.grid import text_grid
from ui.elements.inert import plain_word, readable
from ui.words.language import wording

ROWS_SHOWN = 3
# Of one text, where many are shown.
LONGEST_SHOWN = 600


def file_form(board: BatchBoard) -> None:
    words = wording().batch
    st.caption(words.limits.format(megabytes=MEGABYTES, rows=wording().number(board.settings.batch_limit)))
    given = st.file_uploader(words.file, list(SUFFIXES), key="batch-file", max_upload_size=MEGABYTES)
    if given is not None and not board.knows(given.file_id):
        with st.spinner(words.reading):
            board.take(given.file_id, given.name, given.getvalue())


def choices(board: BatchBoard) -> None:
    """Before the start; each has a good answer already."""
    source = board.source
    # What is chosen below changes what is said here.
    said = st.container()
    if source is not None:
        _sheet_choice(board, source)
        if source.sheet.first is not None and board.problem is None:
            has_header = st.checkbox(wording().batch.has_header, source.sheet.has_header, key=_key(board, "header"))
            board.choose_header(has_header)
    with said:
        facts(board)
    if board.chosen is None:
        return
    _column_choice(board, board.chosen)
    _first_rows(board.chosen)
    label = wording().batch.start.format(count=wording().number(board.chosen.table.rows))
    st.button(label, key=_key(board, "start"), type="primary", on_click=board.start, width="stretch")


def facts(board: BatchBoard) -> None:
    """What is known of the file, and what is wrong with it."""
    if board.problem is not None:
        st.error(board.problem(wording()), icon=":material/error:")
    if board.source is None or board.chosen is None:
        return
    table = board.chosen.table
    said = wording().batch.read.format(
        name=board.source.name, rows=wording().number(table.rows), columns=wording().number(len(table.names))
    )
    st.text(readable(said))
    for note in board.source.sheet.notes:
        st.warning(note(wording()), icon=":material/info:")


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def _sheet_choice(board: BatchBoard, source: Source) -> None:
    names = list(source.sheet_names)
    if len(names) < 2:
        return
    place = st.selectbox(
        wording().batch.sheet,
        range(len(names)),
        index=names.index(source.sheet_name),
        format_func=lambda number: f"{plain_word(names[number])} ({number + 1})",
        key=_key(board, "sheet"),
    )
    board.choose_sheet(names[place])


def _column_choice(board: BatchBoard, chosen: Chosen) -> None:
    names = text_columns(chosen.table.columns)
    all_names = chosen.table.names
    place = st.selectbox(
        wording().batch.column,
        range(len(names)),
        index=names.index(chosen.column),
        format_func=lambda number: wording().batch.column_choice.format(
            name=plain_word(names[number]), number=all_names.index(names[number]) + 1
        ),
        # Other names, other choices.
        key=_key(board, f"column-{len(names)}-{hash(tuple(names))}"),
    )
    board.choose_column(names[place])


def _first_rows(chosen: Chosen) -> None:
    texts = chosen.texts
    rows = np.arange(min(ROWS_SHOWN, len(texts)))
    st.caption(wording().batch.first_rows)
    shown = [(wording().number(row), shortened(text)) for row, text in enumerate(texts.at(rows), 1)]
    text_grid("batch-first", (wording().batch.row, wording().batch.text), shown)


def _key(board: BatchBoard, name: str) -> str:
    return f"batch-{name}-{board.number}"
