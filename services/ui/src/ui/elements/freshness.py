"""Of when a part of a page is that asks anew by itself, and what became of its last question."""

from datetime import datetime
from typing import Protocol

import streamlit as st

from ui.api.errors import ApiError
from ui.elements.failure import show_failure
from ui.elements.moments import clock
from ui.settings import Settings
from ui.words.language import wording


class Refreshed(Protocol):
    @property
    def settings(self) -> Settings: ...

    # None before the first answer.
    @property
    def refreshed_at(self) -> datetime | None: ...

    @property
    def failure(self) -> ApiError | None: ...


def freshness(board: Refreshed, refused: str) -> None:
    """`refused`: what it means that the API does not give this."""
    at = None if board.refreshed_at is None else clock(board.refreshed_at)
    seconds = f"{board.settings.refresh_seconds:g}"
    if board.failure is None:
        st.caption(wording().refreshed.format(seconds=seconds, clock=at))
        return
    kept = wording().kept_nothing if at is None else wording().kept
    show_failure(
        board.failure,
        api_url=board.settings.api_url,
        kept=kept.format(seconds=seconds, clock=at),
        refused=refused,
    )
