"""The page of alerts: those that are open, whether messages arrive, and those that are over."""

import streamlit as st

from ui.api.alert_answers import AlertDetails
from ui.api.client import Client
from ui.elements.failure import show_failure
from ui.elements.moments import clock
from ui.monitor.acknowledge_form import acknowledge_form
from ui.monitor.alert_board import AlertBoard
from ui.monitor.alert_facts import alert_facts, alert_words
from ui.monitor.alert_record import alert_record
from ui.monitor.past_alerts import past_alerts
from ui.monitor.trial_message import trial_message
from ui.settings import Settings
from ui.words.language import wording


def alerts_page() -> None:
    st.title(wording().alerts.page, anchor=False)
    st.fragment(overview, run_every=current_board().settings.refresh_seconds)()


def overview() -> None:
    board = current_board()
    with board.lock:
        board.refresh()
        draw(board)


def draw(board: AlertBoard) -> None:
    # In boxes of their own, so that what somebody types into does not move when they grow.
    with st.container(key="freshness"):
        _freshness(board)
    with st.container(key="open-alerts"):
        if board.refreshed_at is not None:
            _open_alerts(board)
    trial_message(board)
    if board.past:
        past_alerts(board)


def _freshness(board: AlertBoard) -> None:
    at = None if board.refreshed_at is None else clock(board.refreshed_at)
    if board.failure is None:
        st.caption(wording().alerts.refreshed.format(seconds=f"{board.settings.refresh_seconds:g}", clock=at))
        return
    kept = wording().alerts.kept_nothing if at is None else wording().alerts.kept
    show_failure(
        board.failure,
        api_url=board.settings.api_url,
        kept=kept.format(seconds=f"{board.settings.refresh_seconds:g}", clock=at),
        refused=wording().alerts.refused,
    )


def _open_alerts(board: AlertBoard) -> None:
    with st.container():
        if not board.open:
            st.subheader(wording().alerts.none_open if board.past else wording().alerts.none_yet, anchor=False)
            st.markdown(wording().alerts.when_one_comes)
    alerts = {alert.alert_id: alert for alert in board.open}
    for place in board.places.arrange(list(alerts)):
        with st.container():
            if place is not None:
                _card(board, alerts[place])


def _card(board: AlertBoard, alert: AlertDetails) -> None:
    with st.container(border=True, key=f"alert-{alert.alert_id}"):
        st.subheader(f":red[:material/notifications_active:] {alert_words(alert)}", anchor=False)
        alert_facts(alert)
        acknowledge_form(board, alert)
        st.divider()
        alert_record(alert)


def current_board() -> AlertBoard:
    if "alert_board" not in st.session_state:
        settings = Settings()
        st.session_state["alert_board"] = AlertBoard(settings, Client(settings))
    board = st.session_state["alert_board"]
    assert isinstance(board, AlertBoard), "the key `alert_board` belongs to this page"
    return board


# Streamlit runs this file by itself where /alerts is the first address opened after a start, as it often is: messages
# lead here. It is then the app that runs, as always, and finds this page by its address.
if __name__ == "__main__":
    from ui.app import main

    main()
