"""The words of the page of alerts, as a part of `Wording`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AlertWording:
    refused: str
    none_yet: str
    when_one_comes: str
    none_open: str
    rules: dict[str, str]
    moved: str
    report: str
    other_rule: str
    since: str
    seen: str
    seen_once: str
    seen_times: str
    version: str
    rejected: str
    share: str
    no_share: str
    ended: str
    ended_because: str
    acknowledged: str
    acknowledged_by: str
    not_acknowledged: str
    examples: str
    more_examples: str
    no_examples: str
    text_not_kept: str
    model_said: str
    people_say: str
    people_reject: str
    told: str
    nobody_told: str
    purposes: dict[str, str]
    delivered: str
    waiting: str
    given_up: str
    no_attempt: str
    attempt: str
    history: str
    events: dict[str, str]
    event_by: str
    reply_intro: str
    reply_intro_again: str
    name: str
    name_missing: str
    name_too_long: str
    note: str
    note_too_long: str
    acknowledge: str
    thanks: str
    add_note: str
    kept_reply: str
    refused_reply: str
    trial: str
    trial_intro: str
    trial_send: str
    trial_sent: str
    trial_waits: str
    kept_trial: str
    refused_trial: str
    past: str
    past_one: str
    past_unread: str
    past_limit: str
