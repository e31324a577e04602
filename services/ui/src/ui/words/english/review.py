"""The page of review, in English."""

from ui.words.review_wording import ReviewWording

REVIEW = ReviewWording(
    page="Review",
    intro="The tweets from which the model learns most when a person reads them, one at a time.",
    progress="**{done} of {goal}** today",
    progress_reached="**{done} of {goal}** today: the goal is reached",
    own="{count} in this session",
    why={
        "audit": "Drawn by lot: such answers show how often the model is right.",
        "uncertain": "The model could hardly decide.",
        "disputed": "People, or a second model, do not agree on it.",
        "novel": "It has words that the model does not know.",
    },
    why_other="Chosen as {why}.",
    model_says="The model says {label}, {probability}",
    question="What is right?",
    comment="Comment (optional; Enter leads here and back)",
    skip="Skip",
    keep="Keep my answer",
    undo="Undo",
    skipped_before="You skipped this one before.",
    answered_before="You said {label}. That counts until you give another answer.",
    last_stored="You said {label}. Stored:",
    last_waits="You said {label}. Not stored yet:",
    single_keys="Single keys answer",
    single_keys_help="Switch this off where your keys mean something else, as with some screen readers.",
    read_only="You can read along here.",
    waits_one="1 answer waits to be stored.",
    waits_many="{count} answers wait to be stored.",
    waits_what=(
        "Go on with the tweets that are here. It is tried again every {seconds} seconds, and each answer is stored "
        "once. Keep this page open until then."
    ),
    send_now="Send now",
    kept="Go on with the tweets that are here; it is asked again every {seconds} seconds.",
    refused="The API did not accept this answer; it is not stored.",
    refused_queue="The API does not give its review queue. It may be of an older version than this page: update it.",
    seen="Understood",
    not_kept="Passed over, because their text is not kept any more: {count}.",
    none_left="Nothing left to review",
    none_yet="Nothing to review yet",
    none_what="It is asked again every {seconds} seconds: leave this page open, and the next tweet appears by itself.",
    none_source="Tweets come here once the model has read them: analyse some.",
    no_model="No model answers at this moment, so no new tweets come in. The page Models says which one should.",
)
