"""The alerts that are open, each with the form to acknowledge it and what is behind it."""

import streamlit as st

from ui.api.alert_answers import AlertDetails
from ui.elements.freshness import freshness
from ui.monitor.acknowledge_form import acknowledge_form
from ui.monitor.alert_board import AlertBoard
from ui.monitor.alert_facts import alert_facts, alert_words
from ui.monitor.alert_record import alert_record
from ui.words.language import wording


def open_alerts(board: AlertBoard) -> None:
    with board.lock:
        board.refresh()
        draw(board)


def draw(board: AlertBoard) -> None:
    # In boxes of their own, so that what somebody types into does not move when they grow.
    with st.container(key="freshness"):
        freshness(board, wording().alerts.refused)
    with st.container(key="open-alerts"):
        if board.refreshed_at is not None:
            _open_alerts(board)


def _open_alerts(board: AlertBoard) -> None:
    with st.container():
        if not board.open:
            word = wording().alerts.none_open if board.past else wording().alerts.none_yet
            st.subheader(word, anchor=False)
            if not board.past:
                st.caption(wording().alerts.when_one_comes)
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
