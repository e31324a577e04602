"""Who looks at the pages in this run, and what they ask the API with.

A session of Streamlit can outlive a sign-in: the page stays open after somebody signed out, or over night. So who it
is gets asked in each run, and all that was kept for somebody else is thrown away.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import streamlit as st

from ui.api.client import Client
from ui.people.claims import Claims, ends_at, person_of, verified_address
from ui.people.person import ANYBODY, Person
from ui.people.sign_in import is_wanted, missing_parts
from ui.settings import Settings
from ui.words.language import CHOSEN

VISIT = "visit"


class Kept(Protocol):
    """What a page keeps in the session."""

    @property
    def client(self) -> Client: ...

    def __init__(self, settings: Settings, client: Client) -> None: ...


Board = TypeVar("Board", bound=Kept)


@dataclass(frozen=True)
class Visit:
    """Of one person, from when they came in."""

    # Read once: pages that refresh by themselves would read all variables anew each time.
    settings: Settings
    client: Client


def arrive(settings: Settings) -> Person | None:
    """At the start of a run, before anything is drawn: what was kept for somebody else is thrown away."""
    person, visit = current_person(settings), _visit()
    if visit is not None and visit.client.person != person:
        _forget(visit)
    return person


def current_person(settings: Settings | None = None) -> Person | None:
    """None where nobody has signed in, or somebody without a role."""
    settings = settings or Settings()
    if not is_wanted(settings):
        return ANYBODY
    claims = current_claims(settings)
    return None if claims is None or missing_parts(settings) else person_of(claims, settings)


def current_client(settings: Settings) -> Client:
    """One for the whole session, which asks as the person of this run; ends the run where that is somebody else."""
    return _current_visit(settings).client


def kept_for_visitor(key: str, kind: type[Board]) -> Board:
    """What a page keeps for the person of this run, made where they are new."""
    visit = _current_visit()
    kept = st.session_state.get(key)
    if not isinstance(kept, kind) or kept.client is not visit.client:
        kept = kind(visit.settings, visit.client)
        st.session_state[key] = kept
    return kept


def current_claims(settings: Settings) -> Claims | None:
    """None where nobody has signed in, or too long ago."""
    claims: Claims = st.user.to_dict()
    if claims.get("is_logged_in") is not True:
        return None
    end = ends_at(claims, settings.sign_in_hours)
    return None if end is None or datetime.now(UTC) >= end else claims


def current_address(settings: Settings) -> str | None:
    """Of whoever has signed in, with or without a role."""
    claims = current_claims(settings)
    return None if claims is None else verified_address(claims)


def _current_visit(settings: Settings | None = None) -> Visit:
    visit = _visit()
    settings = visit.settings if visit is not None else settings or Settings()
    person = current_person(settings)
    if person is None or (visit is not None and visit.client.person != person):
        st.stop()
    if visit is None:
        claims = None if person is ANYBODY else current_claims(settings)
        end = None if claims is None else ends_at(claims, settings.sign_in_hours)
        visit = Visit(settings, Client(settings, person, end))
        st.session_state[VISIT] = visit
    return visit


def _visit() -> Visit | None:
    visit = st.session_state.get(VISIT)
    return visit if isinstance(visit, Visit) else None


def _forget(visit: Visit) -> None:
    """All that the session holds but the language; and what still asks in another thread asks no more."""
    visit.client.end()
    for key in list(st.session_state):
        if key != CHOSEN:
            del st.session_state[key]
