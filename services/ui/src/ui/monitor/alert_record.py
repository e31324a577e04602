"""What is behind an alert: the rejected answers, who was told, and what became of it since."""

import streamlit as st

from ui.api.alert_answers import AlertDetails, AlertEvent, AlertExample
from ui.elements.inert import plain_word, readable
from ui.elements.labels import label_markup, percent
from ui.elements.moments import moment
from ui.monitor.deliveries import delivery_list
from ui.monitor.drift_reasons import drift_reasons
from ui.words.language import wording

# So many rejected answers are read at once; the others are folded, as what comes in stands below them.
SHOWN = 3


def alert_record(alert: AlertDetails) -> None:
    if alert.rule == "drift":
        drift_reasons(alert)
    else:
        _examples(alert)
    st.markdown(f"**{wording().alerts.told}**")
    if alert.deliveries:
        delivery_list(alert.deliveries)
    else:
        st.caption(wording().alerts.nobody_told)
    st.markdown(f"**{wording().alerts.history}**")
    for event in alert.history:
        _event(event)


def _examples(alert: AlertDetails) -> None:
    st.markdown(f"**{wording().alerts.examples}**")
    if not alert.examples:
        st.caption(wording().alerts.no_examples)
    _quotes(alert, range(min(SHOWN, len(alert.examples))))
    others = range(SHOWN, len(alert.examples))
    if others:
        with st.expander(wording().alerts.more_examples.format(count=len(others)), key=f"more-{alert.alert_id}"):
            _quotes(alert, others)


def _quotes(alert: AlertDetails, places: range) -> None:
    for place in places:
        with st.container(key=f"quoted-{alert.alert_id}-{place}", gap="xxsmall"):
            _example(alert.examples[place])


def _example(example: AlertExample) -> None:
    if example.text is None:
        st.caption(wording().alerts.text_not_kept)
    else:
        st.text(readable(example.text), width="stretch")
    label, probability = label_markup(example.predicted_label), percent(example.probability)
    model = wording().alerts.model_said.format(label=label, probability=probability)
    corrected = example.corrected_label
    people = wording().alerts.people_reject
    if corrected is not None:
        people = wording().alerts.people_say.format(label=label_markup(corrected))
    st.markdown(f"{model} · {people}")


def _event(event: AlertEvent) -> None:
    with st.container(gap="xxsmall"):
        st.caption(moment(event.at))
        st.text(readable(event_words(event)), width="stretch")


def event_words(event: AlertEvent) -> str:
    word = wording().alerts.events.get(event.event) or plain_word(event.event).capitalize()
    said = wording().alerts.event_by.format(event=word, name=event.by) if event.by else word
    # Why it was opened stands above.
    return f"{said}: {event.note}" if event.note and event.event != "opened" else said
