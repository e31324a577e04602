"""The two tables of the page of models: the journal of moves, and all versions of the registry."""

import streamlit as st

from ui.grid import text_grid
from ui.inert import plain_word
from ui.model_answers import JournalEntry, RegisteredVersion
from ui.model_picture import VERSIONS_READ, Picture
from ui.moments import moment
from ui.versions import verdict_state
from ui.wording import ENGLISH

MOVES_SHOWN = 20


def journal_table(picture: Picture) -> None:
    st.subheader(ENGLISH.models.journal, anchor=False)
    moves = picture.journal.items
    if not moves:
        st.markdown(ENGLISH.models.journal_none)
        return
    words = ENGLISH.models
    text_grid(
        "journal",
        (words.when, words.what, words.which, words.who, words.why),
        [journal_row(move) for move in moves[:MOVES_SHOWN]],
    )
    if len(moves) > MOVES_SHOWN:
        st.caption(ENGLISH.models.journal_limit.format(count=MOVES_SHOWN))


def journal_row(move: JournalEntry) -> tuple[str, ...]:
    kind = ENGLISH.models.kinds.get(move.kind) or plain_word(move.kind).capitalize()
    reason = move.reason or (ENGLISH.models.found_why if move.kind == "found" else ENGLISH.models.nobody)
    which = f"{move.from_version or ENGLISH.models.nobody} → {move.to_version}"
    return moment(move.at), kind, which, move.by or ENGLISH.models.nobody, reason


def version_table(picture: Picture) -> None:
    st.subheader(ENGLISH.models.versions, anchor=False)
    versions = picture.models.items
    if not versions:
        st.markdown(ENGLISH.models.versions_none)
        return
    words = ENGLISH.models
    text_grid(
        "versions",
        (words.version, words.alias, words.candidate, words.data, words.made, words.gate),
        [version_row(picture, version) for version in versions],
    )
    if len(versions) >= VERSIONS_READ:
        st.caption(ENGLISH.models.versions_limit.format(count=VERSIONS_READ))


def version_row(picture: Picture, version: RegisteredVersion) -> tuple[str, ...]:
    words = ENGLISH.models
    return (
        version.version,
        ", ".join(version.aliases) or words.nobody,
        version.candidate or words.unknown,
        version.dataset or words.unknown,
        moment(version.created_at),
        words.verdicts[verdict_state(picture, version)],
    )
