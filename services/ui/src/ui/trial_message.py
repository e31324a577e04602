"""A test message to everybody who is told of alerts: did it arrive, and if not, why?"""

import streamlit as st

from ui.alert_board import AlertBoard
from ui.deliveries import delivery_list
from ui.failure import show_failure
from ui.moments import clock
from ui.wording import ENGLISH


def trial_message(board: AlertBoard) -> None:
    st.subheader(ENGLISH.alerts.trial, anchor=False)
    st.caption(ENGLISH.alerts.trial_intro)
    st.button(ENGLISH.alerts.trial_send, key="send-test", on_click=send_test, args=(board,))
    trial = board.trial
    if trial.failure is not None:
        show_failure(
            trial.failure,
            api_url=board.settings.api_url,
            kept=ENGLISH.alerts.kept_trial,
            refused=ENGLISH.alerts.refused_trial,
        )
    if trial.sent_at is None:
        return
    st.caption(ENGLISH.alerts.trial_sent.format(clock=clock(trial.sent_at)))
    delivery_list(trial.deliveries)
    if any(delivery.state == "waiting" for delivery in trial.deliveries):
        st.caption(ENGLISH.alerts.trial_waits)


def send_test(board: AlertBoard) -> None:
    with board.lock:
        board.trial.send(board.client)
