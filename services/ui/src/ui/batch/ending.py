"""Why the work is not going on, and the button with which it does."""

import streamlit as st

from ui.batch.board import BatchBoard
from ui.batch.job import Ending, Job
from ui.batch.texts import Fate
from ui.elements.failure import show_failure
from ui.words.language import wording


def ending(board: BatchBoard, job: Job) -> None:
    if job.left == 0:
        _done(job)
        return
    _stopped(board, job)
    label = wording().batch.go_on.format(count=wording().number(job.left))
    st.button(label, key="batch-go-on", type="primary", icon=":material/play_arrow:", on_click=board.go_on)


def _done(job: Job) -> None:
    answered = job.answers.count(Fate.ANSWERED)
    problems = len(job.texts) - answered
    words = wording().batch.done_but if problems else wording().batch.done
    number = wording().number
    st.success(
        words.format(count=number(answered), answered=number(answered), problems=number(problems)),
        icon=":material/check_circle:",
    )


def _stopped(board: BatchBoard, job: Job) -> None:
    words = wording().batch
    if job.failure is not None:
        show_failure(job.failure, api_url=board.settings.api_url, kept=words.kept, refused=words.refused)
        return
    if job.ending is Ending.BROKEN:
        st.error(words.broken, icon=":material/error:")
        return
    said = words.unwatched if job.ending is Ending.UNWATCHED else words.stopped
    st.warning(
        said.format(done=wording().number(job.done), total=wording().number(len(job.texts))),
        icon=":material/pause_circle:",
    )
