"""Where a person says that they look after an alert, with a name and, if they like, a note."""

import streamlit as st

from ui.api.alert_answers import Alert
from ui.elements.failure import can_be_retried, show_failure
from ui.monitor.alert_board import AlertBoard, Reply
from ui.people.nameplate import NAME_LIMIT
from ui.people.permission import is_offered, show_name
from ui.people.person import Role
from ui.words.language import Notice, wording


def acknowledge_form(board: AlertBoard, alert: Alert) -> None:
    if not is_offered(board.client.person, Role.REVIEWER):
        return
    reply = board.reply_to(alert)
    if reply.is_stored:
        st.success(wording().alerts.thanks, icon=":material/check_circle:")
        st.button(wording().alerts.add_note, key=f"add-{alert.alert_id}", type="tertiary", on_click=reply.start_another)
        return
    _fields(board, alert, reply)
    if reply.notice is not None:
        st.warning(reply.notice(wording()), icon=":material/edit:")
    if reply.failure is not None:
        show_failure(
            reply.failure,
            api_url=board.settings.api_url,
            kept=wording().alerts.kept_reply,
            refused=wording().alerts.refused_reply,
        )


def acknowledge(board: AlertBoard, reply: Reply) -> None:
    # One read without a point at which Streamlit could end this callback.
    typed = st.session_state.to_dict()
    name = board.client.person.name or str(typed.get(_name_field(reply)) or "").strip()
    note = str(typed.get(_note_field(reply)) or "").strip()
    with board.lock:
        reply.notice = _objection(name, note, board.settings.comment_limit)
        if reply.notice is None:
            board.plate.name = name
            reply.send(board.client, name, note or None)


def _fields(board: AlertBoard, alert: Alert, reply: Reply) -> None:
    # The fields and their places stay whatever comes in meanwhile: somebody may be typing.
    is_first = alert.acknowledged_at is None
    retries = reply.failure is not None and can_be_retried(reply.failure)
    with st.form(f"reply-{alert.alert_id}", border=False):
        st.caption(wording().alerts.reply_intro if is_first else wording().alerts.reply_intro_again)
        if board.client.person.name is None:
            st.text_input(wording().alerts.name, board.plate.name, key=_name_field(reply), persist_state="session")
        else:
            show_name(board.client.person.name)
        st.text_area(wording().alerts.note, key=_note_field(reply), height=80, persist_state="session")
        st.form_submit_button(
            wording().try_again if retries else wording().alerts.acknowledge,
            key=f"acknowledge-{alert.alert_id}",
            type="primary",
            on_click=acknowledge,
            args=(board, reply),
        )


def _objection(name: str, note: str, note_limit: int) -> Notice | None:
    if not name:
        return lambda words: words.alerts.name_missing
    if len(name) > NAME_LIMIT:
        return lambda words: words.alerts.name_too_long.format(
            count=words.number(len(name)), limit=words.number(NAME_LIMIT)
        )
    if len(note) > note_limit:
        return lambda words: words.alerts.note_too_long.format(
            count=words.number(len(note)), limit=words.number(note_limit)
        )
    return None


def _name_field(reply: Reply) -> str:
    return f"name-{reply.alert_id}-{reply.number}"


def _note_field(reply: Reply) -> str:
    return f"note-{reply.alert_id}-{reply.number}"
