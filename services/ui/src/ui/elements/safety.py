"""Whatever goes wrong while a page is drawn: the trace is for the log, and people get words that they can use."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

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
