"""The last drift report: whether the tweets that come in are still like those of the training, and what moved."""

import streamlit as st

from ui.facts import fact_list
from ui.grid import text_grid
from ui.inert import readable
from ui.model_answers import DriftMonitor, DriftReport
from ui.moments import moment
from ui.wording import ENGLISH

MARKS = {
    "stable": ("green", ":material/check_circle:"),
    "moved": ("orange", ":material/trending_up:"),
    "drifted": ("red", ":material/error:"),
}


def drift_state(report: DriftReport | None, champion: str | None) -> None:
    st.subheader(ENGLISH.models.drift, anchor=False)
    if report is None:
        st.markdown(ENGLISH.models.drift_none)
        return
    colour, icon = MARKS[report.state]
    word, sentence = ENGLISH.models.drift_states[report.state], ENGLISH.models.drift_words[report.state]
    st.markdown(f":{colour}[{icon} **{word}**: {sentence}]")
    if report.model_version != champion:
        st.caption(ENGLISH.models.drift_other)
    with st.container(key="drift-reasons", gap="xxsmall"):
        for reason in report.reasons:
            st.text(readable(f"• {reason}"), width="stretch")
    facts = {
        ENGLISH.models.when: moment(report.at),
        ENGLISH.models.drift_model: report.model_version,
        ENGLISH.models.drift_looked: ENGLISH.models.drift_looked_words.format(
            predictions=f"{report.predictions:,}", windows=f"{report.windows:,}"
        ),
        ENGLISH.models.drift_reference: report.reference,
    }
    if report.link:
        # As text: where it leads is for the reader to see first.
        facts[ENGLISH.models.drift_link] = report.link
    fact_list("drift", facts)
    _monitors(report.monitors)


def _monitors(monitors: list[DriftMonitor]) -> None:
    if not monitors:
        return
    headings = (ENGLISH.models.monitor, ENGLISH.models.monitor_found, ENGLISH.models.monitor_limit, "")
    rows = [(each.name, f"{each.statistic:.3g}", f"{each.threshold:.3g}", _outcome(each)) for each in monitors]
    with st.expander(ENGLISH.models.monitors.format(count=len(monitors)), key="monitors"):
        text_grid("monitors", headings, rows)


def _outcome(monitor: DriftMonitor) -> str:
    return f"{ENGLISH.models.drift_states['moved']}: {monitor.words}" if monitor.moved else monitor.words
