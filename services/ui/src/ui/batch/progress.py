"""How far the work is, drawn anew every second while it runs; and the button that ends it."""

import time

import streamlit as st

from ui.batch.board import BatchBoard
from ui.batch.job import Job
from ui.words.language import wording

EVERY_SECONDS = 1.0
MINUTE = 60.0
# From then on whole minutes say enough.
TWO_MINUTES = 2 * MINUTE


def progress(board: BatchBoard, job: Job) -> None:
    total = len(job.texts)
    said = wording().batch.progress.format(done=wording().number(job.done), total=wording().number(total))
    st.progress(job.done / total if total else 1.0, text=said)
    st.caption(pace_words(job))
    if job.is_waiting:
        st.warning(wording().batch.api_waits, icon=":material/hourglass_top:")
    if job.is_stopping:
        st.caption(wording().batch.stopping)
    else:
        st.button(wording().batch.cancel, key="batch-cancel", icon=":material/close:", on_click=board.cancel)
    st.caption(wording().batch.stays)


def pace_words(job: Job) -> str:
    speed = job.pace.per_second(time.monotonic())
    if speed is None:
        return wording().batch.speed_unknown
    said = wording().batch.speed.format(count=wording().number(speed))
    return f"{said}, {wording().batch.remaining.format(time=time_words(job.left / speed))}"


def time_words(seconds: float) -> str:
    if seconds < TWO_MINUTES:
        return wording().batch.seconds.format(count=wording().number(max(1.0, seconds)))
    return wording().batch.minutes.format(count=wording().number(seconds / MINUTE))
