"""A short list of what is known of one thing: a label of ours, and beside it what was found, as plain text."""

from collections.abc import Mapping

import streamlit as st

from ui.elements.inert import readable

LABEL_PIXELS = 120


def fact_list(name: str, facts: Mapping[str, str]) -> None:
    with st.container(key=f"facts-{name}", gap="xxsmall"):
        for number, (label, value) in enumerate(facts.items()):
            with st.container(horizontal=True, gap="small", key=f"fact-{name}-{number}"):
                st.caption(label, width=LABEL_PIXELS)
                st.text(readable(value), width="stretch")
