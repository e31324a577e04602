"""What goes on beside the judging: answers are sent, tweets are fetched, and what is in their way is said."""

import streamlit as st

from ui.elements.failure import show_failure
from ui.elements.inert import readable
from ui.elements.labels import label_word
from ui.review.answer import Answer
from ui.review.desk import Desk
from ui.review.outbox import Outbox
from ui.words.language import wording

# So many refusals are shown at once; the next ones follow.
SHOWN = 3
EXCERPT = 90


def run_errands(desk: Desk) -> None:
    desk.outbox.send()
    # Where the API is away, one wait is enough.
    if desk.outbox.failure is None:
        desk.refill()


def show_errands(desk: Desk) -> None:
    outbox = desk.outbox
    with st.container(key="review-last", gap="xxsmall"):
        if desk.answers:
            _last_answer(desk.answers[-1])
    with st.container(key="review-waiting"):
        if outbox.waiting:
            _waiting(desk, outbox)
        failure = outbox.failure or desk.failure
        if failure is not None:
            show_failure(
                failure,
                api_url=desk.settings.api_url,
                kept="" if outbox.waiting else kept_words(desk),
                refused=wording().review.refused_queue,
            )
    with st.container(key="review-refused"):
        if outbox.refused:
            _refused(desk, outbox)
    if desk.not_kept:
        st.caption(wording().review.not_kept.format(count=wording().number(len(desk.not_kept))))


def warn_once(desk: Desk) -> None:
    """Over the page, since what waits is told at its end, which may be out of sight."""
    has_failed = bool(desk.outbox.waiting) and desk.outbox.failure is not None
    if has_failed and not desk.is_warned:
        st.toast(waiting_words(desk.outbox), icon=":material/outbox:")
    desk.is_warned = has_failed


def waiting_words(outbox: Outbox) -> str:
    count = len(outbox.waiting)
    words = wording().review.waits_one if count == 1 else wording().review.waits_many
    return words.format(count=wording().number(count))


def kept_words(desk: Desk) -> str:
    words = wording().kept_nothing if desk.current is None else wording().review.kept
    return words.format(seconds=every(desk))


def every(desk: Desk) -> str:
    return f"{desk.settings.refresh_seconds:g}"


def excerpt(text: str) -> str:
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT].rstrip()}…"


def send_now(outbox: Outbox) -> None:
    outbox.send(is_asked_for=True)


def _last_answer(answer: Answer) -> None:
    if answer.is_refused:
        return
    words = wording().review.last_waits if answer.stored_at is None else wording().review.last_stored
    st.caption(words.format(label=label_word(answer.label).lower()))
    st.text(readable(excerpt(answer.item.text or "")), width="stretch")


def _waiting(desk: Desk, outbox: Outbox) -> None:
    said = waiting_words(outbox)
    st.warning(f"**{said}** {wording().review.waits_what.format(seconds=every(desk))}", icon=":material/outbox:")
    st.button(wording().review.send_now, key="send-now", icon=":material/send:", on_click=send_now, args=(outbox,))


def _refused(desk: Desk, outbox: Outbox) -> None:
    for answer in outbox.refused[:SHOWN]:
        assert answer.failure is not None, "a refused answer has a reason"
        show_failure(answer.failure, api_url=desk.settings.api_url, kept="", refused=wording().review.refused)
        st.text(readable(excerpt(answer.item.text or "")), width="stretch")
    st.button(wording().review.seen, key="seen", type="tertiary", on_click=outbox.forget_refused)
