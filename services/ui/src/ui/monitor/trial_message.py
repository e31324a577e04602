"""A test message to everybody who is told of alerts: did it arrive, and if not, why?"""

import streamlit as st

from ui.elements.failure import show_failure
from ui.elements.moments import clock
from ui.monitor.alert_board import AlertBoard
from ui.monitor.deliveries import delivery_list
from ui.people.permission import is_offered
from ui.people.person import Role
from ui.words.language import wording


def trial_message(board: AlertBoard) -> None:
    st.subheader(wording().alerts.trial, anchor=False)
    st.caption(wording().alerts.trial_intro)
    if not is_offered(board.client.person, Role.REVIEWER):
        return
    st.button(wording().alerts.trial_send, key="send-test", on_click=send_test, args=(board,))
    trial = board.trial
    if trial.failure is not None:
        show_failure(
            trial.failure,
            api_url=board.settings.api_url,
            kept=wording().alerts.kept_trial,
            refused=wording().alerts.refused_trial,
        )
    if trial.sent_at is None:
        return
    st.caption(wording().alerts.trial_sent.format(clock=clock(trial.sent_at)))
    delivery_list(trial.deliveries)
    if any(delivery.state == "waiting" for delivery in trial.deliveries):
        st.caption(wording().alerts.trial_waits)


def send_test(board: AlertBoard) -> None:
    with board.lock:
        board.trial.send(board.client)
