"""The words of the page of alerts, as a part of `Wording`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AlertWording:
    page: str
    refreshed: str
    kept: str
    kept_nothing: str
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


ENGLISH_ALERTS = AlertWording(
    page="Alerts",
    refreshed="Refreshes by itself every {seconds} seconds, last at {clock}.",
    kept="What you see here is of {clock}; it is asked again every {seconds} seconds.",
    kept_nothing="It is asked again every {seconds} seconds.",
    refused="The API does not give its alerts. It may be of an older version than this page: update it.",
    none_yet="No alert so far",
    when_one_comes=(
        "One comes when several answers of the model are rejected within minutes, "
        "when the share of rejected answers rises above what is accepted, "
        "or when live tweets are no longer like those the model was trained on."
    ),
    none_open="No open alert",
    rules={
        "burst": "Several answers of the model were rejected within minutes",
        "rate": "The share of rejected answers has risen",
        "drift": "Live tweets are no longer like those the model was trained on",
    },
    moved="What has moved",
    report="Report",
    other_rule="An alert of the kind {rule}",
    since="Since",
    seen="Last seen",
    seen_once="{moment}, once",
    seen_times="{moment}, {times} times in all",
    version="Model version",
    rejected="Rejected",
    share="{rejected} of the last {judged} verdicts, {share} (95 % interval: {low} to {high})",
    no_share="No verdict counts yet",
    ended="Ended",
    ended_because="{moment}, {reason}",
    acknowledged="Acknowledged",
    acknowledged_by="by {name}, {moment}",
    not_acknowledged="Not yet",
    examples="Rejected answers, among others",
    no_examples="None is kept.",
    text_not_kept="The text is not kept any more.",
    model_said="Model: {label} {probability}",
    people_say="People: {label}",
    people_reject="People: wrong",
    told="Who was told",
    nobody_told="Nobody. The button Send a test message on this page says what to set.",
    purposes={"opened": "Message that it began", "closed": "Message that it ended", "test": "Test message"},
    delivered="{purpose}: arrived, {moment}",
    waiting="{purpose}: not arrived yet",
    given_up="{purpose}: did not arrive, and is not tried again",
    no_attempt="The receiver has not answered yet.",
    attempt="Attempt {number}, {moment}: {error}",
    history="History",
    events={"opened": "Opened", "acknowledged": "Acknowledged", "closed": "Closed"},
    event_by="{event} by {name}",
    reply_intro="Acknowledge it to say that you look after it.",
    reply_intro_again="Somebody looks after it. You may add your name, or a note.",
    name="Your name",
    name_missing="Say who you are first.",
    name_too_long="This name is too long: {count} characters, and {limit} is the most. Shorten it and send again.",
    note="Note (optional)",
    note_too_long=(
        "This note is too long: {count} characters, and {limit} is the most. "
        "Nothing was cut; shorten it and send again."
    ),
    acknowledge="Acknowledge",
    thanks="Thank you. Stored: you look after it.",
    add_note="Add a note",
    kept_reply="It may not be stored yet. What you typed is kept; press Try again, it is stored once.",
    refused_reply="The API did not accept this, so it is not stored.",
    trial="Does a message arrive?",
    trial_intro="A test message goes to everybody who is told of alerts.",
    trial_send="Send a test message",
    trial_sent="Sent at {clock}.",
    trial_waits="What has not arrived is tried again for a minute.",
    kept_trial="Press Send a test message again in a moment.",
    refused_trial="No message was sent.",
    past="Past alerts",
    past_one="{moment}: {rule}",
    past_unread="The API does not give the details just now.",
    past_limit="Only the latest {count} alerts are listed.",
)
