"""Whatever goes wrong while a page is drawn: the trace is for the log, and people get words that they can use."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

import streamlit as st

from ui.words.language import wording

logger = logging.getLogger(__name__)


@contextmanager
def without_traces() -> Iterator[None]:
    # What Streamlit raises to end a run is no Exception, and passes.
    try:
        yield
    except Exception:
        logger.exception("page_failed")
        st.error(wording().broken, icon=":material/error:")


def part_of_page(part: Callable[[], None], *, run_every: float | None = None) -> None:
    """A part that is drawn anew by itself: then nobody else stands around it."""

    @wraps(part)
    def safe() -> None:
        with without_traces():
            part()

    st.fragment(safe, run_every=run_every)()
