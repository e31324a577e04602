"""What comes in over time, and how often people reject it: figures, charts, and the same as a table."""

import streamlit as st

from ui.api.errors import ApiUnavailable
from ui.elements.failure import show_failure
from ui.elements.moments import zone_of
from ui.monitor.activity_board import ActivityBoard, ActivityPicture
from ui.monitor.activity_table import activity_table
from ui.monitor.charts import rejection_chart, share_chart, volume_chart
from ui.monitor.figures import rejection_figures, volume_figures
from ui.monitor.periods import PERIODS, USUAL
from ui.monitor.signs import zone_word
from ui.words.language import wording


def activity(board: ActivityBoard) -> None:
    st.subheader(wording().monitor.volume, anchor=False)
    name = st.segmented_control(
        wording().monitor.period,
        list(PERIODS),
        key="period",
        default=USUAL,
        format_func=lambda each: wording().monitor.periods[each],
        label_visibility="collapsed",
        required=True,
        persist_state="session",
    )
    with board.lock:
        board.refresh(PERIODS[name], zone_of(st.context.timezone))
        picture = board.pictures.get(name)
        with st.container(key="activity-freshness"):
            _freshness(board, picture)
        if picture is not None:
            draw(picture)


def draw(picture: ActivityPicture) -> None:
    with st.container(key="volume"):
        _volume(picture)
    with st.container(key="rejections"):
        _rejections(picture)


def _volume(picture: ActivityPicture) -> None:
    if not picture.total.predictions:
        st.markdown(f"**{wording().monitor.no_tweets}**")
        st.markdown(wording().monitor.no_tweets_what)
        return
    volume_figures(picture)
    st.caption(wording().monitor.volume_chart)
    volume_chart(picture)
    st.caption(wording().monitor.share_chart)
    share_chart(picture)
    activity_table(picture)


def _rejections(picture: ActivityPicture) -> None:
    st.subheader(wording().monitor.rejections, anchor=False)
    if not picture.said.judged:
        st.markdown(f"**{wording().monitor.nobody_judged}**")
        st.markdown(wording().monitor.nobody_judged_what)
        return
    st.caption(wording().monitor.rejections_what)
    rejection_figures(picture)
    st.caption(wording().monitor.rejections_chart)
    rejection_chart(picture)


def _freshness(board: ActivityBoard, picture: ActivityPicture | None) -> None:
    """That the API is away stands in red above, once for the whole page; what it refused is said here."""
    words, seconds = wording().monitor, f"{board.settings.refresh_seconds:g}"
    clock = "" if picture is None else f"{picture.taken_at.astimezone(picture.zone):%H:%M:%S}"
    if board.failure is None and picture is not None:
        sentence = words.days if picture.period.by_day else words.hours
        st.caption(sentence.format(zone=zone_word(picture.zone), clock=clock))
    elif isinstance(board.failure, ApiUnavailable):
        sentence = words.not_known if picture is None else words.not_refreshed
        st.caption(f":material/cloud_off: {sentence.format(clock=clock, seconds=seconds)}")
    elif board.failure is not None:
        kept = wording().kept_nothing if picture is None else words.not_refreshed
        show_failure(
            board.failure,
            api_url=board.settings.api_url,
            kept=kept.format(clock=clock, seconds=seconds),
            refused=words.refused,
        )
