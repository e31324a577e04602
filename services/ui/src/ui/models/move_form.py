"""The forms that promote and roll back: a reason and a name are asked, what will happen is said, then it is sent."""

import streamlit as st

from ui.api.model_answers import RegisteredVersion
from ui.elements.failure import show_failure
from ui.elements.inert import plain_word, readable
from ui.models.model_board import ModelBoard
from ui.models.model_picture import Picture
from ui.models.move import Draft, Move
from ui.people.nameplate import NAME_LIMIT
from ui.people.permission import is_offered, show_name
from ui.people.person import Role
from ui.words.language import Notice, wording

REASON_LIMIT = 1000


def promotion_form(board: ModelBoard, picture: Picture) -> None:
    move, versions = board.promotion, picture.promotable
    st.subheader(wording().moves.promote, anchor=False)
    if not is_offered(board.client.person, Role.OWNER):
        return
    _outcome(move)
    if move.draft is not None:
        _confirmation(board, move, move.draft, promotion_words(move.draft))
        return
    if not versions:
        st.markdown(wording().moves.nothing_to_promote)
        return
    with st.form(_key("promotion", move), border=False):
        st.caption(wording().moves.promote_intro)
        names = {version.version: _choice(picture, version) for version in versions}
        st.selectbox(
            wording().moves.version,
            list(names),
            # Whoever wants another version than the challenger says so.
            0 if versions[0].version == picture.models.challenger else None,
            format_func=lambda number: names.get(number, number),
            key=_key("version", move),
            persist_state="session",
        )
        _fields(board, move, wording().moves.promote_asks)


def rollback_form(board: ModelBoard, picture: Picture) -> None:
    move = board.rollback
    st.subheader(wording().moves.roll_back, anchor=False)
    if not is_offered(board.client.person, Role.OWNER):
        return
    _outcome(move)
    if move.draft is not None:
        _confirmation(board, move, move.draft, rollback_words(move.draft))
        return
    if picture.models.champion is None or picture.has_no_way_back:
        st.markdown(wording().moves.no_way_back)
        return
    with st.form(_key("rollback", move), border=False):
        known = picture.step_back
        words = wording().moves.roll_back_intro_unknown if known is None else wording().moves.roll_back_intro
        st.caption(words.format(version=plain_word(known or "")))
        _fields(board, move, wording().moves.roll_back_asks)


def consider(board: ModelBoard, move: Move, picture: Picture) -> None:
    """`picture` is the one that the person looked at."""
    # One read without a point at which Streamlit could end this callback.
    typed = st.session_state.to_dict()
    reason = str(typed.get(_key("reason", move)) or "").strip()
    name = board.client.person.name or str(typed.get(_key("name", move)) or "").strip()
    is_promotion = move.kind == "promotion"
    version = chosen_version(picture, typed.get(_key("version", move))) if is_promotion else picture.step_back
    with board.lock:
        move.done, move.has_changed = None, False
        move.notice = _objection(move, version, reason, name)
        if move.notice is None:
            board.plate.name = name
            move.consider(Draft(reason, name, version, picture.models.champion, picture.latest_move_at))


def chosen_version(picture: Picture, chosen: object) -> str | None:
    """The browser sends what it shows. Where that was worded anew meanwhile it is no version: it is asked for again."""
    return next((each.version for each in picture.promotable if each.version == chosen), None)


def send(board: ModelBoard, move: Move, draft: Draft) -> None:
    with board.lock:
        board.send(move, draft)


def promotion_words(draft: Draft) -> str:
    version, champion = plain_word(draft.version or ""), plain_word(draft.champion or "")
    words = wording().moves.promote_confirm if champion else wording().moves.promote_first_confirm
    return words.format(version=version, champion=champion)


def rollback_words(draft: Draft) -> str:
    version, champion = plain_word(draft.version or ""), plain_word(draft.champion or "")
    words = wording().moves.roll_back_confirm if version else wording().moves.roll_back_confirm_unknown
    return words.format(version=version, champion=champion)


def _fields(board: ModelBoard, move: Move, asks: str) -> None:
    st.text_area(wording().moves.reason, key=_key("reason", move), height=80, persist_state="session")
    _name_field(board, move)
    st.form_submit_button(asks, key=_key("consider", move), on_click=consider, args=(board, move, board.picture))


def _name_field(board: ModelBoard, move: Move) -> None:
    if board.client.person.name is not None:
        show_name(board.client.person.name)
        return
    name = _key("name", move)
    # A default would count for the first drawing only, and the name may be given in the other form after that.
    if not st.session_state.get(name):
        st.session_state[name] = board.plate.name
    st.text_input(wording().moves.name, key=name, persist_state="session")


def _confirmation(board: ModelBoard, move: Move, draft: Draft, words: str) -> None:
    with st.container(border=True, key=f"confirm-{move.kind}"):
        st.markdown(f"**{words}**")
        st.caption(wording().moves.will_say)
        with st.container(key=f"quoted-{move.kind}"):
            st.text(readable(f"{draft.by}: {draft.reason}"), width="stretch")
        if move.failure is not None:
            show_failure(
                move.failure,
                api_url=board.settings.api_url,
                kept=wording().moves.kept,
                refused=wording().moves.refused,
                closed=wording().moves.refused_key,
            )
        _buttons(board, move, draft)


def _buttons(board: ModelBoard, move: Move, draft: Draft) -> None:
    now = wording().moves.promote_now if move.kind == "promotion" else wording().moves.roll_back_now
    with st.container(horizontal=True, key=f"confirm-buttons-{move.kind}"):
        st.button(
            now.format(version=plain_word(draft.version or "")),
            key=f"send-{move.kind}",
            type="primary",
            on_click=send,
            args=(board, move, draft),
        )
        st.button(wording().moves.back, key=f"back-{move.kind}", type="tertiary", on_click=move.take_back)


def _outcome(move: Move) -> None:
    if move.done is not None:
        words = wording().moves.promoted if move.kind == "promotion" else wording().moves.rolled_back
        st.success(words.format(version=plain_word(move.done.to_version)), icon=":material/check_circle:")
    if move.has_changed:
        st.warning(wording().moves.changed, icon=":material/sync_problem:")
    if move.notice is not None:
        st.warning(move.notice(wording()), icon=":material/edit:")


def _objection(move: Move, version: str | None, reason: str, name: str) -> Notice | None:
    if move.kind == "promotion" and version is None:
        return lambda words: words.moves.version_missing
    if not reason:
        return lambda words: words.moves.reason_missing
    if len(reason) > REASON_LIMIT:
        return lambda words: words.moves.reason_too_long.format(
            count=words.number(len(reason)), limit=words.number(REASON_LIMIT)
        )
    if not name:
        return lambda words: words.moves.name_missing
    if len(name) > NAME_LIMIT:
        return lambda words: words.moves.name_too_long.format(
            count=words.number(len(name)), limit=words.number(NAME_LIMIT)
        )
    return None


def _choice(picture: Picture, version: RegisteredVersion) -> str:
    is_challenger = version.version == picture.models.challenger
    words = wording().moves.version_challenger if is_challenger else wording().moves.version_choice
    return readable(words.format(version=version.version, candidate=version.candidate or wording().models.unknown))


def _key(name: str, move: Move) -> str:
    """Of a form, or of one of its fields; the next form has fields of its own."""
    return f"{name}-{move.kind}-{move.number}"
