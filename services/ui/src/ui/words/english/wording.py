"""English."""

from ui.words.english.alerts import ALERTS
from ui.words.english.batch import BATCH
from ui.words.english.models import MODELS
from ui.words.english.monitor import MONITOR
from ui.words.english.moves import MOVES
from ui.words.english.names import NAMES
from ui.words.english.people import PEOPLE
from ui.words.english.review import REVIEW
from ui.words.wording import LabelWording, Wording

ENGLISH = Wording(
    language="Language",
    own_name="English",
    thousands_mark=",",
    decimal_mark=".",
    percent_sign="%",
    product="Air Paradis",
    misconfigured="This page was started with a value that cannot work in {variables}. Correct it and start again.",
    unreadable="This page was started with a secret that cannot be read. Make its file readable and start again.",
    broken=(
        "Something went wrong on this page, and was noted in its log. "
        "Nothing that was stored is lost; load the page again."
    ),
    roles={"VIEWER": "viewer", "REVIEWER": "reviewer", "OWNER": "owner"},
    not_allowed="This needs the role {role}, which your account has not been given. Ask whoever runs these pages.",
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
    unsure_short="Unsure: a person should read it",
    calibrated="Of tweets that get such a probability, about that share turns out to be so.",
    spoke_for="Spoke for {label}",
    spoke_against="Spoke against {label}",
    listed="{what}: {words}",
    unexplained="Which words made the difference is not known just now.",
    compare="Compare with the challenger",
    compared="Both models on this tweet",
    no_challenger="There is no challenger at work just now: the page Models says how one is made.",
    kept_comparison="Press the button again.",
    refused_comparison="The API did not compare the models on this tweet.",
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
    refreshed="Refreshes by itself every {seconds} seconds, last at {clock}.",
    kept="What you see here is of {clock}; it is asked again every {seconds} seconds.",
    kept_nothing="It is asked again every {seconds} seconds.",
    unreachable="The API at {url} does not answer.",
    busy="The API at {url} is not ready to answer just now.",
    wait="It asks to wait {seconds} seconds.",
    kept_tweet="What you typed is kept; press Try again.",
    kept_verdict="Your answer may not be stored yet. It is kept here; press Try again, it is stored once.",
    refused_tweet="The API did not accept this tweet. Change it and press Analyse.",
    refused_verdict="The API did not accept this answer, so it is not stored.",
    too_large="It is too large to be sent.",
    misunderstood="The API at {url} gave an answer that this page does not understand (status {status}).",
    key_unknown=(
        "The API at {url} does not let these pages in: they have no key for it, or one that it does not know. "
        "Ask whoever runs them to set UI_API_KEY to a key of the API."
    ),
    key_too_weak=(
        "The API at {url} does not let these pages do this: their key has not the scope for it. "
        "Ask whoever runs them to give the key in UI_API_KEY that scope."
    ),
    history_title="This session",
    no_verdict="No verdict yet",
    not_sent="Verdict not sent yet",
    said_correct="You said: correct",
    said_wrong="You said: wrong",
    said_other="You said: {label}",
    reopen="Open",
    alerts=ALERTS,
    batch=BATCH,
    monitor=MONITOR,
    models=MODELS,
    moves=MOVES,
    names=NAMES,
    review=REVIEW,
    people=PEOPLE,
)
