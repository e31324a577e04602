"""The keys and buttons with which a tweet is judged, put off, or taken up again.

Each button belongs to the tweet it stands under: a click that waited is for the tweet that the person saw.
"""

import streamlit as st

from ui.elements.labels import label_wording
from ui.people.person import Role
from ui.review.answer import Answer
from ui.review.desk import Desk, Turn
from ui.words.language import wording

# Neither letters, which screen readers jump with, nor what a browser takes for itself.
SKIP_KEY, UNDO_KEY = "0", "Backspace"
MOST_KEYS = 9


def answer_form(desk: Desk, turn: Turn, *, single_keys: bool) -> None:
    if not desk.may_answer:
        role = wording().roles[Role.REVIEWER.name]
        st.info(f"{wording().review.read_only} {wording().not_allowed.format(role=role)}", icon=":material/lock:")
    st.markdown(f"**{wording().review.question}**")
    with st.container(horizontal=True, key="review-answers", gap="small"):
        for number, label in enumerate(turn.item.probabilities, 1):
            _answer_button(desk, turn, label, number, has_key=single_keys and number <= MOST_KEYS)
    if desk.may_answer:
        with st.container(key="review-comment"):
            words = wording().review.comment if single_keys else wording().comment
            st.text_input(words, key=_comment_field(turn), persist_state="session")
    if desk.notice is not None:
        st.warning(desk.notice(wording()), icon=":material/edit:")


def steps(desk: Desk, turn: Turn | None, *, single_keys: bool) -> None:
    last = desk.answers[-1] if desk.answers else None
    with st.container(horizontal=True, key="review-steps", gap="small"):
        if turn is not None:
            st.button(
                wording().review.skip if turn.before is None else wording().review.keep,
                key=f"skip-{_occasion(turn)}",
                icon=":material/skip_next:",
                shortcut=SKIP_KEY if single_keys else None,
                on_click=skip,
                args=(desk, turn),
            )
        if last is not None:
            st.button(
                wording().review.undo,
                key=f"undo-{last.idempotency_key}",
                icon=":material/undo:",
                shortcut=UNDO_KEY if single_keys else None,
                on_click=undo,
                args=(desk, last),
            )


def judge(desk: Desk, turn: Turn, label: str) -> None:
    # One read without a point at which Streamlit could end this callback.
    comment = str(st.session_state.to_dict().get(_comment_field(turn)) or "").strip()
    count, limit = len(comment), desk.settings.comment_limit
    with desk.lock:
        if count > limit:
            desk.notice = lambda words: words.comment_too_long.format(
                count=words.number(count), limit=words.number(limit)
            )
        else:
            desk.judge(turn, label, comment or None)


def skip(desk: Desk, turn: Turn) -> None:
    with desk.lock:
        desk.skip(turn)


def undo(desk: Desk, answer: Answer) -> None:
    with desk.lock:
        desk.undo(answer)


def _answer_button(desk: Desk, turn: Turn, label: str, number: int, *, has_key: bool) -> None:
    written = label_wording(label)
    st.button(
        written.word,
        key=f"answer-{number}-{_occasion(turn)}",
        icon=written.icon,
        shortcut=str(number) if has_key else None,
        on_click=judge,
        args=(desk, turn, label),
        disabled=not desk.may_answer,
        width="stretch",
    )


def _occasion(turn: Turn) -> str:
    """One look at a tweet: it has buttons of its own each time it comes."""
    return f"{turn.idempotency_key}-{turn.skipped}"


def _comment_field(turn: Turn) -> str:
    return f"comment-{turn.prediction_id}"
