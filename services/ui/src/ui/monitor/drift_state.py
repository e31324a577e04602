"""The last drift report: whether the tweets that come in are still like those of the training, and what moved."""

import streamlit as st

from ui.api.model_answers import DriftMonitor, DriftReport
from ui.elements.facts import fact_list
from ui.elements.grid import text_grid
from ui.elements.inert import readable
from ui.elements.moments import moment
from ui.words.language import wording

MARKS = {
    "stable": ("green", ":material/check_circle:"),
    "moved": ("orange", ":material/trending_up:"),
    "drifted": ("red", ":material/error:"),
}


def drift_state(report: DriftReport | None, champion: str | None) -> None:
    st.subheader(wording().models.drift, anchor=False)
    if report is None:
        st.markdown(wording().models.drift_none)
        return
    colour, icon = MARKS[report.state]
    word, sentence = wording().models.drift_states[report.state], wording().models.drift_words[report.state]
    st.markdown(f":{colour}[{icon} **{word}**: {sentence}]")
    if report.model_version != champion:
        st.caption(wording().models.drift_other)
    with st.container(key="drift-reasons", gap="xxsmall"):
        for reason in report.reasons:
            st.text(readable(f"• {reason}"), width="stretch")
    facts = {
        wording().models.when: moment(report.at),
        wording().models.drift_model: report.model_version,
        wording().models.drift_looked: wording().models.drift_looked_words.format(
            predictions=wording().number(report.predictions), windows=wording().number(report.windows)
        ),
        wording().models.drift_reference: report.reference,
    }
    if report.link:
        # As text: where it leads is for the reader to see first.
        facts[wording().models.drift_link] = report.link
    fact_list("drift", facts)
    _monitors(report.monitors)


def _monitors(monitors: list[DriftMonitor]) -> None:
    if not monitors:
        return
    headings = (wording().models.monitor, wording().models.monitor_found, wording().models.monitor_limit, "")
    rows = [(each.name, f"{each.statistic:.3g}", f"{each.threshold:.3g}", _outcome(each)) for each in monitors]
    with st.expander(wording().models.monitors.format(count=len(monitors)), key="monitors"):
        text_grid("monitors", headings, rows)


def _outcome(monitor: DriftMonitor) -> str:
    return f"{wording().models.drift_states['moved']}: {monitor.words}" if monitor.moved else monitor.words
