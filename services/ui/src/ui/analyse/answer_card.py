"""What the model says about one tweet: sentiment, probabilities, doubt, and which model said it."""

import streamlit as st

from ui.analyse.session import Entry
from ui.elements.inert import readable
from ui.elements.labels import label_markup, label_wording, percent
from ui.words.language import wording


def answer_card(entry: Entry) -> None:
    prediction = entry.prediction
    with st.container(key="sentiment", gap="xxsmall"):
        st.caption(wording().answer_title)
        st.subheader(label_markup(prediction.label), anchor=False)
    if prediction.abstained:
        st.warning(wording().unsure, icon=":material/visibility:")
    with st.container(key="bars", gap="xsmall"):
        for number, (label, probability) in enumerate(prediction.probabilities.items()):
            _bar(number, label, probability)
    with st.container(key="model"):
        model = wording().model.format(name=prediction.model.name, version=prediction.model.version)
        st.text(readable(model))
        st.caption(wording().calibrated)


def _bar(number: int, label: str, probability: float) -> None:
    written = label_wording(label)
    with st.container(key=f"bar-{written.tone}-{number}"):
        st.progress(min(max(probability, 0.0), 1.0), text=f"{written.word} **{percent(probability)}**")
