"""The page Monitor: open alerts, what comes in, how often people reject it, drift, and what alerts leave behind.

Each part refreshes by itself and keeps what it knows, so that none waits for another's answer longer than one question
takes, and none takes the others with it.
"""

import streamlit as st

from ui.elements.safety import part_of_page
from ui.monitor.activity import activity
from ui.monitor.activity_board import ActivityBoard
from ui.monitor.alert_board import AlertBoard
from ui.monitor.drift import drift
from ui.monitor.drift_board import DriftBoard
from ui.monitor.open_alerts import open_alerts
from ui.monitor.past_alerts import past_alerts
from ui.monitor.trial_message import trial_message
from ui.people.nameplate import current_nameplate
from ui.people.visitor import kept_for_visitor
from ui.words.language import wording


def monitor_page() -> None:
    st.title(wording().monitor.page, anchor=False)
    seconds = kept_for_visitor("alert_board", AlertBoard).settings.refresh_seconds
    # The alerts come first: they are asked for, and stand there, before anything else is.
    for part in (alert_part, activity_part, drift_part, message_part):
        part_of_page(part, run_every=seconds)


def alert_part() -> None:
    board = kept_for_visitor("alert_board", AlertBoard)
    board.plate = current_nameplate()
    open_alerts(board)


def activity_part() -> None:
    activity(kept_for_visitor("activity_board", ActivityBoard))


def drift_part() -> None:
    drift(kept_for_visitor("drift_board", DriftBoard))


def message_part() -> None:
    """Of the alerts as the first part has just read them."""
    board = kept_for_visitor("alert_board", AlertBoard)
    with board.lock:
        trial_message(board)
        if board.past:
            past_alerts(board)


# Streamlit runs this file by itself where /monitor is the first address opened after a start, as it often is: messages
# lead here. It is then the app that runs, as always, and finds this page by its address.
if __name__ == "__main__":
    from ui.app import main

    main()
