"""Where a person confirms or rejects an answer, sees what was stored, and may change it."""

import streamlit as st

from ui.analyse.session import Entry, Judgement, Session
from ui.api.predictions import StoredFeedback
from ui.elements.failure import can_be_retried, show_failure
from ui.elements.inert import readable
from ui.elements.labels import label_word
from ui.people.nameplate import name_objection
from ui.people.permission import is_offered
from ui.people.person import Role
from ui.words.language import wording


def verdict_form(session: Session, entry: Entry) -> None:
    st.markdown(f"**{wording().question}**")
    if not is_offered(session.client.person, Role.REVIEWER):
        return
    with st.container(horizontal=True, key="verdict-buttons"):
        st.button(
            wording().correct,
            key=f"correct-{entry.prediction.prediction_id}",
            icon=":material/check:",
            on_click=confirm,
            args=(session, entry),
            disabled=entry.is_settled,
        )
        st.button(
            wording().wrong,
            key=f"wrong-{entry.prediction.prediction_id}",
            icon=":material/close:",
            on_click=entry.start_rejecting,
            disabled=entry.is_settled or entry.is_rejecting,
        )
    if entry.is_rejecting:
        _rejection_form(session, entry)
    _problem(session, entry)
    if entry.is_changing:
        st.caption(wording().changing)
        st.button(wording().keep, key="keep", type="tertiary", on_click=keep, args=(session, entry))
    elif entry.stored is not None:
        _thanks(entry, entry.stored)


def confirm(session: Session, entry: Entry) -> None:
    with session.lock:
        if not entry.is_settled:
            entry.is_rejecting = False
            entry.send(session.client, Judgement("confirmed", reviewer=session.plate.given))


def reject(session: Session, entry: Entry) -> None:
    # One read without a point at which Streamlit could end this callback.
    typed = st.session_state.to_dict()
    label, comment = typed.get(_label_field(entry)), str(typed.get(_comment_field(entry)) or "")
    name = str(typed.get(_name_field(entry), session.plate.name)).strip()
    entry.draft = comment
    count, limit = len(comment), session.settings.comment_limit
    if label is None:
        entry.notice = lambda words: words.right_label_missing
    elif count > limit:
        entry.notice = lambda words: words.comment_too_long.format(count=words.number(count), limit=words.number(limit))
    elif (objection := name_objection(name)) is not None:
        entry.notice = objection
    else:
        session.plate.name = name
        kept = comment if comment.strip() else None
        with session.lock:
            entry.send(session.client, Judgement("rejected", str(label), kept, session.plate.given))


def send_again(session: Session, entry: Entry) -> None:
    with session.lock:
        if entry.attempt is not None:
            entry.send(session.client, entry.attempt)


def keep(session: Session, entry: Entry) -> None:
    with session.lock:
        entry.keep(session.client)


def _rejection_form(session: Session, entry: Entry) -> None:
    others, attempt = entry.other_labels, entry.attempt or Judgement("rejected")
    with st.form(f"rejection-{entry.prediction.prediction_id}"):
        st.radio(
            wording().right_label,
            others,
            index=others.index(attempt.label) if attempt.label in others else 0 if len(others) == 1 else None,
            format_func=label_word,
            horizontal=True,
            key=_label_field(entry),
        )
        st.text_area(
            wording().comment,
            entry.draft or attempt.comment or "",
            key=_comment_field(entry),
            height=80,
            placeholder=wording().comment_placeholder,
        )
        if session.client.person.name is None:
            st.text_input(wording().names.optional, session.plate.name, key=_name_field(entry))
        st.form_submit_button(
            wording().send if entry.failure is None else wording().try_again,
            key=f"send-{entry.prediction.prediction_id}",
            type="primary",
            on_click=reject,
            args=(session, entry),
        )


def _problem(session: Session, entry: Entry) -> None:
    if entry.notice is not None:
        st.warning(entry.notice(wording()), icon=":material/edit:")
    if entry.failure is None:
        return
    show_failure(
        entry.failure, api_url=session.settings.api_url, kept=wording().kept_verdict, refused=wording().refused_verdict
    )
    # A rejection is sent again by its own form, which shows what is being sent.
    if can_be_retried(entry.failure) and not entry.is_rejecting:
        st.button(wording().try_again, key="send-again", type="primary", on_click=send_again, args=(session, entry))


def _thanks(entry: Entry, stored: StoredFeedback) -> None:
    st.success(_thanks_words(stored), icon=":material/check_circle:")
    if stored.comment:
        with st.container(key="stored-comment"):
            st.caption(wording().thanks_comment)
            st.text(readable(stored.comment))
    st.button(wording().change, key="change", type="tertiary", icon=":material/edit:", on_click=entry.start_changing)


def _thanks_words(stored: StoredFeedback) -> str:
    if stored.verdict == "confirmed":
        return wording().thanks_confirmed
    if stored.label is None:
        return wording().thanks_rejected
    return wording().thanks_label.format(label=label_word(stored.label).lower())


def _label_field(entry: Entry) -> str:
    return f"label-{entry.prediction.prediction_id}"


def _comment_field(entry: Entry) -> str:
    return f"comment-{entry.prediction.prediction_id}"


def _name_field(entry: Entry) -> str:
    return f"name-{entry.prediction.prediction_id}"
