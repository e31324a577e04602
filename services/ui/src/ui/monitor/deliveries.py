"""Messages on their way: for each destination whether it arrived, or why not."""

from collections.abc import Sequence

import streamlit as st

from ui.api.alert_answers import Delivery
from ui.elements.inert import plain_word, readable
from ui.elements.moments import moment
from ui.words.language import wording

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
    purpose = wording().alerts.purposes.get(delivery.purpose) or plain_word(delivery.purpose).capitalize()
    if delivery.delivered_at is not None:
        return wording().alerts.delivered.format(purpose=purpose, moment=moment(delivery.delivered_at))
    words = wording().alerts.waiting if delivery.state == "waiting" else wording().alerts.given_up
    return words.format(purpose=purpose)


def trouble(delivery: Delivery) -> str:
    """What the last attempt said."""
    if not delivery.attempts:
        return wording().alerts.no_attempt
    last = delivery.attempts[-1]
    return wording().alerts.attempt.format(number=len(delivery.attempts), moment=moment(last.at), error=last.error)
