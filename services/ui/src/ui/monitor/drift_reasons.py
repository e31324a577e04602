"""What a drift alert was opened for, as the API words it: what has moved, a line each, then what was compared."""

import streamlit as st

from ui.api.alert_answers import AlertDetails
from ui.elements.inert import readable
from ui.words.language import wording

LINK = "Report: "


def drift_reasons(alert: AlertDetails) -> None:
    """Plain text, and the address too: where it leads is for the reader to see before anything is opened."""
    note = next((event.note for event in alert.history if event.event == "opened"), None) or ""
    lines = [readable(line) for line in note.splitlines()]
    st.markdown(f"**{wording().alerts.moved}**")
    with st.container(key=f"moved-{alert.alert_id}", gap="xxsmall"):
        for line in lines:
            if not line.startswith(LINK):
                st.text(line.replace("- ", "• ", 1) if line.startswith("- ") else line, width="stretch")
    for line in lines:
        if line.startswith(LINK):
            st.caption(wording().alerts.report)
            st.code(line.removeprefix(LINK), language=None, wrap_lines=True)
