"""Every word the pages show, in one place. Another language is another instance of `Wording`."""

from dataclasses import dataclass
from typing import Literal

from ui.words.alert_wording import AlertWording
from ui.words.batch_wording import BatchWording
from ui.words.model_wording import ModelWording
from ui.words.monitor_wording import MonitorWording
from ui.words.move_wording import MoveWording
from ui.words.name_wording import NameWording
from ui.words.people_wording import PeopleWording
from ui.words.review_wording import ReviewWording

Tone = Literal["bad", "good", "plain"]


@dataclass(frozen=True)
class LabelWording:
    word: str
    icon: str
    tone: Tone


@dataclass(frozen=True)
class Wording:
    language: str
    own_name: str
    thousands_mark: str
    decimal_mark: str
    percent_sign: str
    product: str
    misconfigured: str
    unreadable: str
    broken: str
    roles: dict[str, str]
    not_allowed: str
    page_title: str
    page_intro: str
    tweet: str
    tweet_placeholder: str
    analyse: str
    counter: str
    tweet_missing: str
    tweet_too_long: str
    examples_title: str
    examples: tuple[str, ...]
    answer_title: str
    unsure: str
    unsure_short: str
    calibrated: str
    spoke_for: str
    spoke_against: str
    listed: str
    unexplained: str
    compare: str
    compared: str
    no_challenger: str
    kept_comparison: str
    refused_comparison: str
    model: str
    labels: dict[str, LabelWording]
    question: str
    correct: str
    wrong: str
    right_label: str
    right_label_missing: str
    comment: str
    comment_placeholder: str
    comment_too_long: str
    send: str
    try_again: str
    change: str
    changing: str
    keep: str
    thanks_confirmed: str
    thanks_rejected: str
    thanks_label: str
    thanks_comment: str
    refreshed: str
    kept: str
    kept_nothing: str
    unreachable: str
    busy: str
    wait: str
    kept_tweet: str
    kept_verdict: str
    refused_tweet: str
    refused_verdict: str
    too_large: str
    misunderstood: str
    key_unknown: str
    key_too_weak: str
    history_title: str
    no_verdict: str
    not_sent: str
    said_correct: str
    said_wrong: str
    said_other: str
    reopen: str
    alerts: AlertWording
    batch: BatchWording
    monitor: MonitorWording
    models: ModelWording
    moves: MoveWording
    names: NameWording
    review: ReviewWording
    people: PeopleWording

    def number(self, value: float, digits: int = 0) -> str:
        marks = {",": self.thousands_mark, ".": self.decimal_mark}
        return "".join(marks.get(character, character) for character in f"{value:,.{digits}f}")

    def percent(self, share: float, digits: int = 0) -> str:
        return f"{self.number(100 * share, digits)}{self.percent_sign}"

    def label(self, name: str) -> LabelWording | None:
        return self.labels.get(name)
