"""The page where a whole file of tweets is analysed."""

import streamlit as st

from ui.batch.board import BatchBoard
from ui.batch.distribution import distribution
from ui.batch.downloads import downloads
from ui.batch.ending import ending
from ui.batch.file_form import choices, facts, file_form
from ui.batch.progress import EVERY_SECONDS, progress
from ui.batch.results import results
from ui.elements.safety import part_of_page
from ui.people.visitor import kept_for_visitor
from ui.words.language import wording


def batch_page() -> None:
    st.title(wording().batch.page_title, anchor=False)
    st.caption(wording().batch.intro)
    board = current_board()
    with board.lock:
        draw(board)


def draw(board: BatchBoard) -> None:
    file_form(board)
    if board.job is None:
        choices(board)
        return
    facts(board)
    st.caption(wording().batch.replaces)
    if board.job.is_running:
        part_of_page(work, run_every=EVERY_SECONDS)
    else:
        part_of_page(outcome)


def work() -> None:
    board = current_board()
    with board.lock:
        job = board.job
        if job is None or not job.is_running:
            st.rerun()
        job.watch()
        progress(board, job)


def outcome() -> None:
    board = current_board()
    with board.lock:
        if board.job is None or board.export is None:
            return
        if board.job.is_running:
            # It goes on: its button has drawn this part anew, and no more than this part.
            st.rerun()
        ending(board, board.job)
        distribution(board.job.answers)
        downloads(board, board.export)
        results(board, board.job.texts, board.job.answers)


def current_board() -> BatchBoard:
    return kept_for_visitor("batch_board", BatchBoard)


# Streamlit runs this file by itself where /batch is the first address opened after a start. It is then the app that
# runs, as always, and finds this page by its address.
if __name__ == "__main__":
    from ui.app import main

    main()
