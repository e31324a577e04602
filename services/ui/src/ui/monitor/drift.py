"""Drift on the page Monitor: the last report, refreshed by itself, and kept while the API is away."""

import streamlit as st

from ui.api.errors import ApiUnavailable
from ui.elements.failure import show_failure
from ui.elements.moments import clock
from ui.monitor.drift_board import DriftBoard
from ui.monitor.drift_state import drift_state
from ui.words.language import wording


def drift(board: DriftBoard) -> None:
    with board.lock:
        board.refresh()
        draw(board)


def draw(board: DriftBoard) -> None:
    if board.refreshed_at is not None:
        report = board.report
        # Where nobody says which version answers, nothing is said of another one.
        served = board.served if report is None else board.served or report.model_version
        drift_state(report, served)
    with st.container(key="drift-freshness"):
        _freshness(board)


def _freshness(board: DriftBoard) -> None:
    """That the API is away stands in red above, once for the whole page."""
    if board.failure is None:
        return
    seconds = f"{board.settings.refresh_seconds:g}"
    words = wording().monitor
    if not isinstance(board.failure, ApiUnavailable):
        kept = wording().kept_nothing.format(seconds=seconds)
        show_failure(board.failure, api_url=board.settings.api_url, kept=kept, refused=words.refused_drift)
    elif board.refreshed_at is not None:
        sentence = words.not_refreshed.format(clock=clock(board.refreshed_at), seconds=seconds)
        st.caption(f":material/cloud_off: {sentence}")
