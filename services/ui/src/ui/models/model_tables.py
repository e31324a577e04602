"""The two tables of the page of models: the journal of moves, and all versions of the registry."""

import streamlit as st

from ui.api.model_answers import JournalEntry, RegisteredVersion
from ui.elements.grid import text_grid
from ui.elements.inert import plain_word
from ui.elements.moments import moment
from ui.models.model_picture import VERSIONS_READ, Picture
from ui.models.versions import verdict_state
from ui.words.language import wording

MOVES_SHOWN = 20


def journal_table(picture: Picture) -> None:
    st.subheader(wording().models.journal, anchor=False)
    moves = picture.journal.items
    if not moves:
        st.markdown(wording().models.journal_none)
        return
    words = wording().models
    text_grid(
        "journal",
        (words.when, words.what, words.which, words.who, words.why),
        [journal_row(move) for move in moves[:MOVES_SHOWN]],
    )
    if len(moves) > MOVES_SHOWN:
        st.caption(wording().models.journal_limit.format(count=MOVES_SHOWN))


def journal_row(move: JournalEntry) -> tuple[str, ...]:
    kind = wording().models.kinds.get(move.kind) or plain_word(move.kind).capitalize()
    reason = move.reason or (wording().models.found_why if move.kind == "found" else wording().models.nobody)
    which = f"{move.from_version or wording().models.nobody} → {move.to_version}"
    return moment(move.at), kind, which, move.by or wording().models.nobody, reason


def version_table(picture: Picture) -> None:
    st.subheader(wording().models.versions, anchor=False)
    versions = picture.models.items
    if not versions:
        st.markdown(wording().models.versions_none)
        return
    words = wording().models
    text_grid(
        "versions",
        (words.version, words.alias, words.candidate, words.data, words.made, words.gate),
        [version_row(picture, version) for version in versions],
    )
    if len(versions) >= VERSIONS_READ:
        st.caption(wording().models.versions_limit.format(count=VERSIONS_READ))


def version_row(picture: Picture, version: RegisteredVersion) -> tuple[str, ...]:
    words = wording().models
    return (
        version.version,
        ", ".join(version.aliases) or words.nobody,
        version.candidate or words.unknown,
        version.dataset or words.unknown,
        moment(version.created_at),
        words.verdicts[verdict_state(picture, version)],
    )
