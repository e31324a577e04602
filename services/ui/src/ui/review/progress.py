"""How much of the day's goal is done, by everybody together, and how much of it here."""

import streamlit as st

from ui.review.desk import Desk
from ui.words.language import wording


def progress(desk: Desk) -> None:
    if desk.told_today is None:
        return
    done, goal = desk.done_today, desk.settings.review_goal
    words = wording().review.progress if done < goal else wording().review.progress_reached
    said = [words.format(done=wording().number(done), goal=wording().number(goal))]
    if desk.own_count:
        said.append(wording().review.own.format(count=wording().number(desk.own_count)))
    with st.container(key="review-progress"):
        st.progress(min(done / goal, 1.0), text=" · ".join(said))
