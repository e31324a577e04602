"""Says what went wrong between the page and the API, and what to do next."""

import streamlit as st

from ui.api.errors import ApiClosed, ApiError, ApiMisunderstood, ApiRefused, ApiUnavailable, NotAllowed
from ui.elements.inert import readable
from ui.words.language import wording

TOO_LARGE = 413
NOT_KNOWN = 401


def show_failure(error: ApiError, *, api_url: str, kept: str, refused: str, closed: str | None = None) -> None:
    """Words of our own in the coloured box; the API's own words beneath it, as plain text.

    `closed` stands for the usual words where the pages' key is not good enough.
    """
    sentences = [closed] if closed and isinstance(error, ApiClosed) else _sentences(error, api_url, kept, refused)
    st.error(" ".join(sentences), icon=":material/error:")
    for line in _own_words(error):
        st.text(readable(line))


def _own_words(error: ApiError) -> tuple[str, ...]:
    match error:
        case ApiRefused(reasons=(_, *_) as reasons):
            return reasons
        case ApiRefused(detail=detail) | ApiUnavailable(detail=detail) if detail:
            return (detail,)
        case _:
            return ()


def can_be_retried(error: ApiError) -> bool:
    return isinstance(error, ApiClosed) or not isinstance(error, ApiRefused | NotAllowed)


def _sentences(error: ApiError, api_url: str, kept: str, refused: str) -> list[str]:
    url = f"`{api_url}`"
    match error:
        case NotAllowed(role=role):
            return [wording().not_allowed.format(role=wording().roles[role.name])]
        case ApiClosed(status=status):
            words = wording().key_unknown if status == NOT_KNOWN else wording().key_too_weak
            return [words.format(url=url), kept]
        case ApiRefused(status=status):
            return [refused, wording().too_large] if status == TOO_LARGE else [refused]
        case ApiMisunderstood(status=status):
            return [wording().misunderstood.format(url=url, status=status), kept]
        case ApiUnavailable(status=None):
            return [wording().unreachable.format(url=url), kept]
        case ApiUnavailable(retry_after_seconds=int() as seconds):
            return [wording().busy.format(url=url), wording().wait.format(seconds=seconds), kept]
        case _:
            return [wording().busy.format(url=url), kept]
