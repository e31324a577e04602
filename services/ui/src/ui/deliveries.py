"""Messages on their way: for each destination whether it arrived, or why not."""

from collections.abc import Sequence

import streamlit as st

from ui.alert_answers import Delivery
from ui.inert import plain_word, readable
from ui.moments import moment
from ui.wording import ENGLISH

ICONS = {"delivered": ":material/check_circle:", "waiting": ":material/schedule:", "given_up": ":material/error:"}
COLOURS = {"delivered": "green", "waiting": "orange", "given_up": "red"}


def delivery_list(deliveries: Sequence[Delivery]) -> None:
    for delivery in deliveries:
        with st.container(gap="xxsmall"):
            st.text(readable(delivery.destination), width="stretch")
            st.markdown(f":{COLOURS[delivery.state]}[{ICONS[delivery.state]} {state_words(delivery)}]")
            if delivery.state != "delivered":
                st.text(readable(trouble(delivery)), width="stretch")


def state_words(delivery: Delivery) -> str:
    purpose = ENGLISH.alerts.purposes.get(delivery.purpose) or plain_word(delivery.purpose).capitalize()
    if delivery.delivered_at is not None:
        return ENGLISH.alerts.delivered.format(purpose=purpose, moment=moment(delivery.delivered_at))
    words = ENGLISH.alerts.waiting if delivery.state == "waiting" else ENGLISH.alerts.given_up
    return words.format(purpose=purpose)


def trouble(delivery: Delivery) -> str:
    """What the last attempt said."""
    if not delivery.attempts:
        return ENGLISH.alerts.no_attempt
    last = delivery.attempts[-1]
    return ENGLISH.alerts.attempt.format(number=len(delivery.attempts), moment=moment(last.at), error=last.error)
