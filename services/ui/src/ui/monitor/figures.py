"""The figures above the charts: of the whole period, and beside the period before."""

import streamlit as st

from ui.api.activity import Judgement
from ui.monitor.activity_board import ActivityPicture
from ui.monitor.intervals import difference
from ui.monitor.signs import point_words, share_words
from ui.words.language import wording


def volume_figures(picture: ActivityPicture) -> None:
    words, total = wording().monitor, picture.total
    change = difference(total, picture.before)
    points = None if change is None else words.points.format(points=point_words(wording(), change.value))
    is_unsure = change is None or change.low <= 0 <= change.high
    first, second, third = st.columns(3)
    first.metric(words.tweets, wording().number(total.predictions))
    second.metric(
        words.negative_share,
        share_words(wording(), total.negative_share),
        points,
        delta_color="off" if is_unsure else "inverse",
    )
    third.metric(words.abstained, share_words(wording(), total.abstained_share))
    st.caption(compared_words(picture))


def compared_words(picture: ActivityPicture) -> str:
    words, before = wording().monitor, picture.before
    change, period = difference(picture.total, before), words.before[picture.period.name]
    if change is None:
        return words.not_compared.format(before=period)
    sentence = words.compared_unsure if change.low <= 0 <= change.high else words.compared
    return sentence.format(
        points=point_words(wording(), change.value),
        low=point_words(wording(), change.low),
        high=point_words(wording(), change.high),
        before=period,
        share=share_words(wording(), before.negative_share),
        count=wording().number(before.predictions),
    )


def rejection_figures(picture: ActivityPicture) -> None:
    words = wording().monitor
    everything, by_lot = st.columns(2)
    with everything:
        _rejection_figure(words.all_verdicts, picture.said)
    with by_lot:
        _rejection_figure(words.by_lot, picture.audit)
    st.caption(words.by_lot_what)


def _rejection_figure(label: str, said: Judgement) -> None:
    with st.container(gap="xxsmall"):
        st.metric(label, share_words(wording(), said.rejected_share))
        st.caption(rejected_words(said))


def rejected_words(said: Judgement) -> str:
    if not said.judged:
        return wording().monitor.nothing_by_lot
    return wording().monitor.rejected_of.format(
        rejected=wording().number(said.rejected),
        judged=wording().number(said.judged),
        low=wording().percent(said.rejected_share_low, 1),
        high=wording().percent(said.rejected_share_high, 1),
    )
