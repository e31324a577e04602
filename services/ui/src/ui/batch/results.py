"""The rows with their answers, in pages: which are shown is chosen above them."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui.batch.answers import NO_LABEL, Answers
from ui.batch.board import BatchBoard
from ui.batch.export_table import problem_of
from ui.batch.file_form import shortened
from ui.batch.selection import Filter, Order, orders, select_rows, surest
from ui.batch.texts import Texts
from ui.elements.grid import text_grid
from ui.elements.labels import label_word
from ui.words.language import wording

ROWS_A_PAGE = 20
UNANSWERED = "unanswered"


def results(board: BatchBoard, texts: Texts, answers: Answers) -> None:
    words = wording().batch
    st.subheader(words.results, anchor=False)
    wanted = _filter(board, answers)
    rows = select_rows(texts, answers, wanted)
    if len(rows) == 0:
        st.caption(words.found_none)
        return
    st.caption(words.found.format(count=wording().number(len(rows)), total=wording().number(len(texts))))
    page = _page(board, wanted, len(rows))
    _table(texts, answers, rows[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE])


def _filter(board: BatchBoard, answers: Answers) -> Filter:
    words = wording().batch
    kinds: list[str | None] = [None, *answers.labels, UNANSWERED]
    places = range(len(kinds))

    def kind_word(place: int) -> str:
        if place == 0:
            return words.show_all
        return words.unanswered_short if place == len(kinds) - 1 else label_word(str(kinds[place]))

    with st.container(key="batch-filter", horizontal=True, vertical_alignment="bottom"):
        place = st.selectbox(words.show, places, format_func=kind_word, key=f"batch-show-{board.number}-{len(kinds)}")
        order = st.selectbox(
            words.order,
            orders(answers),
            format_func=lambda each: words.orders[each.value],
            key=f"batch-order-{board.number}-{len(kinds)}",
        )
        contains = st.text_input(words.contains, key=f"batch-contains-{board.number}")
    is_unsure = st.checkbox(words.only_unsure, key=f"batch-unsure-{board.number}")
    is_last = place == len(kinds) - 1
    return Filter(None if is_last else kinds[place], is_last, is_unsure, contains, Order(order))


def _page(board: BatchBoard, wanted: Filter, rows: int) -> int:
    pages = -(-rows // ROWS_A_PAGE)
    if pages == 1:
        return 1
    # Other rows begin at their first page.
    return st.pagination(pages, key=f"batch-page-{board.number}-{abs(hash(wanted))}", width="stretch")


def _table(texts: Texts, answers: Answers, rows: NDArray[np.int64]) -> None:
    own = surest(answers)
    shown = [
        (wording().number(row + 1), shortened(text), _answer(int(row), answers, own))
        for row, text in zip(rows, texts.at(rows), strict=True)
    ]
    words = wording().batch
    text_grid("batch-rows", (words.row, words.text, words.answer), shown)


def _answer(row: int, answers: Answers, own: NDArray[np.float64]) -> str:
    number = int(answers.label_numbers[row])
    if number == NO_LABEL:
        return problem_of(row, answers, wording())
    said = f"{label_word(answers.labels[number])} {wording().percent(float(own[row]), 1)}"
    return f"{said}\n{wording().batch.unsure_mark}" if answers.abstained[row] else said
