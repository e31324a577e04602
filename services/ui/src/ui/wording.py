"""Every word the pages show, in one place. Another language is another instance of `Wording`."""

from dataclasses import dataclass
from typing import Literal

from ui.alert_wording import ENGLISH_ALERTS, AlertWording
from ui.model_wording import ENGLISH_MODELS, ModelWording
from ui.move_wording import ENGLISH_MOVES, MoveWording

Tone = Literal["bad", "good", "plain"]


@dataclass(frozen=True)
class LabelWording:
    word: str
    icon: str
    tone: Tone


@dataclass(frozen=True)
class Wording:
    product: str
    misconfigured: str
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
    unreachable: str
    busy: str
    wait: str
    kept_tweet: str
    kept_verdict: str
    refused_tweet: str
    refused_verdict: str
    too_large: str
    misunderstood: str
    history_title: str
    no_verdict: str
    not_sent: str
    said_correct: str
    said_wrong: str
    said_other: str
    reopen: str
    alerts: AlertWording
    models: ModelWording
    moves: MoveWording

    def label(self, name: str) -> LabelWording | None:
        return self.labels.get(name)


ENGLISH = Wording(
    product="Air Paradis",
    misconfigured="This page was started with a value that cannot work in {variables}. Correct it and start again.",
    page_title="How does this tweet feel?",
    page_intro="Paste a tweet to see how the model reads it, then tell it whether it is right.",
    tweet="Tweet",
    tweet_placeholder="Type or paste a tweet about us",
    analyse="Analyse",
    counter="{count} / {limit} characters",
    tweet_missing="There is nothing to analyse yet. Type or paste a tweet first.",
    tweet_too_long=(
        "This tweet is too long: {count} characters, and {limit} is the most. "
        "Nothing was cut; shorten it and press Analyse."
    ),
    examples_title="Or try one of these",
    examples=(
        "Two hours on the tarmac in Lyon and not one word from the crew. Never again.",
        "Missed my connection, but the desk found me a seat in ten minutes. Thank you!",
        "Boarding for Tunis now at gate B12, window seat.",
    ),
    answer_title="The model reads this tweet as",
    unsure="Unsure: a person should read this tweet.",
    model="Model {name}, version {version}",
    labels={
        "negative": LabelWording("Negative", ":material/sentiment_dissatisfied:", "bad"),
        "neutral": LabelWording("Neutral", ":material/sentiment_neutral:", "plain"),
        "positive": LabelWording("Positive", ":material/sentiment_satisfied:", "good"),
    },
    question="Is that right?",
    correct="Correct",
    wrong="Wrong",
    right_label="The right answer is",
    right_label_missing="Choose the right answer first.",
    comment="Comment (optional)",
    comment_placeholder="What did the model miss?",
    comment_too_long=(
        "This comment is too long: {count} characters, and {limit} is the most. "
        "Nothing was cut; shorten it and send again."
    ),
    send="Send",
    try_again="Try again",
    change="Change my answer",
    changing="Your earlier answer counts until you give another one.",
    keep="Keep it as it was",
    thanks_confirmed="Thank you. Stored: the model was right.",
    thanks_rejected="Thank you. Stored: the model was wrong.",
    thanks_label="Thank you. Stored: the model was wrong, the right answer is {label}.",
    thanks_comment="Your comment",
    unreachable="The API at {url} does not answer.",
    busy="The API at {url} is not ready to answer just now.",
    wait="It asks to wait {seconds} seconds.",
    kept_tweet="What you typed is kept; press Try again.",
    kept_verdict="Your answer may not be stored yet. It is kept here; press Try again, it is stored once.",
    refused_tweet="The API did not accept this tweet. Change it and press Analyse.",
    refused_verdict="The API did not accept this answer, so it is not stored.",
    too_large="It is too large to be sent.",
    misunderstood="The API at {url} gave an answer that this page does not understand (status {status}).",
    history_title="This session",
    no_verdict="No verdict yet",
    not_sent="Verdict not sent yet",
    said_correct="You said: correct",
    said_wrong="You said: wrong",
    said_other="You said: {label}",
    reopen="Open",
    alerts=ENGLISH_ALERTS,
    models=ENGLISH_MODELS,
    moves=ENGLISH_MOVES,
)
