"""The page of review: the tweets that are most worth a person's minute, one at a time, judged by keys."""

import streamlit as st

from ui.elements.safety import part_of_page
from ui.people.name_field import name_field
from ui.people.nameplate import current_nameplate
from ui.people.visitor import kept_for_visitor
from ui.review.answer_form import answer_form, steps
from ui.review.desk import Desk
from ui.review.errands import every, run_errands, show_errands, warn_once
from ui.review.keyboard import listen_to_keys
from ui.review.progress import progress
from ui.review.tweet_card import tweet_card
from ui.words.language import wording

SINGLE_KEYS = "review-keys"


def review_page() -> None:
    desk = current_desk()
    st.title(wording().review.page, anchor=False)
    st.caption(wording().review.intro)
    desk.is_told = desk.current is None
    if desk.is_told:
        # There is nothing to read meanwhile.
        run_errands(desk)
    with desk.lock:
        draw(desk)
        desk.look()
    place = st.container()
    _key_switch()
    # Last, so that nobody waits for the API before the next tweet is there.
    with place:
        part_of_page(errands, run_every=desk.settings.refresh_seconds)


def draw(desk: Desk) -> None:
    if desk.may_answer:
        name_field(desk.question, desk.client.person)
    progress(desk)
    turn, single_keys = desk.current, bool(st.session_state.get(SINGLE_KEYS, True))
    if turn is None:
        if desk.told_today is not None:
            _nothing(desk)
    else:
        with st.container(border=True, key="review-desk"):
            tweet_card(turn)
            answer_form(desk, turn, single_keys=single_keys)
    steps(desk, turn, single_keys=single_keys)
    listen_to_keys(turn.prediction_id if turn is not None else None, single_keys=single_keys)


def errands() -> None:
    desk = current_desk()
    if not desk.is_told:
        run_errands(desk)
    desk.is_told = False
    with desk.lock:
        if desk.has_changed:
            st.rerun()
        show_errands(desk)
        warn_once(desk)


def _nothing(desk: Desk) -> None:
    has_begun = bool(desk.told_today or desk.own_count)
    with st.container(border=True, key="review-nothing"):
        words = wording().review.none_left if has_begun else wording().review.none_yet
        st.subheader(f":green[:material/task_alt:] {words}", anchor=False)
        st.markdown(wording().review.none_what.format(seconds=every(desk)))
        if not desk.has_model:
            st.markdown(wording().review.no_model)
        elif not has_begun:
            st.markdown(wording().review.none_source)


def _key_switch() -> None:
    st.toggle(
        wording().review.single_keys,
        value=True,
        key=SINGLE_KEYS,
        help=wording().review.single_keys_help,
        persist_state="session",
    )


def current_desk() -> Desk:
    desk = kept_for_visitor("review_desk", Desk)
    desk.question.plate = current_nameplate()
    return desk


# Streamlit runs this file by itself where /review is the first address opened after a start. It is then the app that
# runs, as always, and finds this page by its address.
if __name__ == "__main__":
    from ui.app import main

    main()
