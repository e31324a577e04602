"""The words of the page of review, as a part of `Wording`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReviewWording:
    page: str
    intro: str
    progress: str
    progress_reached: str
    own: str
    why: dict[str, str]
    why_other: str
    model_says: str
    question: str
    comment: str
    skip: str
    keep: str
    undo: str
    skipped_before: str
    answered_before: str
    last_stored: str
    last_waits: str
    single_keys: str
    single_keys_help: str
    read_only: str
    waits_one: str
    waits_many: str
    waits_what: str
    send_now: str
    kept: str
    refused: str
    refused_queue: str
    seen: str
    not_kept: str
    none_left: str
    none_yet: str
    none_what: str
    none_source: str
    no_model: str
