"""Alerts that are over, each folded: what is behind one is asked for when it is unfolded."""

import streamlit as st

from ui.api.alert_answers import Alert
from ui.elements.moments import moment
from ui.monitor.alert_board import LISTED, AlertBoard
from ui.monitor.alert_facts import alert_facts, alert_words
from ui.monitor.alert_record import alert_record
from ui.words.language import wording


def past_alerts(board: AlertBoard) -> None:
    st.subheader(wording().alerts.past, anchor=False)
    for alert in board.past:
        label = wording().alerts.past_one.format(moment=moment(alert.since), rule=alert_words(alert))
        fold = st.expander(label, key=f"past-alert-{alert.alert_id}", on_change="rerun")
        with fold:
            if fold.open:
                _unfolded(board, alert)
    if len(board.open) + len(board.past) >= LISTED:
        st.caption(wording().alerts.past_limit.format(count=LISTED))


def _unfolded(board: AlertBoard, alert: Alert) -> None:
    details = board.look_at(alert)
    alert_facts(details or alert)
    if details is None:
        st.caption(wording().alerts.past_unread)
    else:
        alert_record(details)
