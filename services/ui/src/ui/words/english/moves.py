"""Promoting and rolling back, in English."""

from ui.words.move_wording import MoveWording

MOVES = MoveWording(
    promote="Promote",
    promote_intro="A version that passed the gate against the present champion can take its place.",
    nothing_to_promote="No version has passed the gate against the present champion, so there is none to promote.",
    version="Version",
    version_choice="{version}, {candidate}",
    version_challenger="{version}, {candidate} (challenger)",
    roll_back="Roll back",
    roll_back_intro="It brings back version {version}, the champion before this one.",
    roll_back_intro_unknown="It brings back the champion before this one.",
    no_way_back="There is no champion before this one to go back to.",
    reason="Reason",
    reason_missing="Say why first: it is read when something went wrong.",
    reason_too_long=(
        "This reason is too long: {count} characters, and {limit} is the most. Nothing was cut; shorten it and go on."
    ),
    version_missing="Choose a version first.",
    name="Your name",
    name_missing="Say who you are first.",
    name_too_long="This name is too long: {count} characters, and {limit} is the most. Shorten it and go on.",
    promote_asks="Promote …",
    roll_back_asks="Roll back …",
    promote_first_confirm=(
        "Version {version} answers all tweets within seconds. It is the first champion: there is none to go back to."
    ),
    promote_confirm=(
        "Version {version} answers all tweets within seconds. Version {champion} stays one step away: "
        "Roll back brings it back."
    ),
    roll_back_confirm="Version {version} answers all tweets again within seconds, in place of version {champion}.",
    roll_back_confirm_unknown="The champion before answers all tweets again within seconds, in place of {champion}.",
    will_say="The journal will say, for good:",
    promote_now="Promote version {version}",
    roll_back_now="Roll back now",
    back="Change something",
    promoted="Done: version {version} is the champion. The answers follow within seconds.",
    rolled_back="Done: version {version} is the champion again. The answers follow within seconds.",
    changed="The champion has changed in the meantime, and nothing was sent. See what is above, and decide again.",
    kept=(
        "It may have happened, or not: the champion and the journal on this page say which. "
        "What you typed is kept; press the button again."
    ),
    refused="The API refused this, so the champion stays. Its reasons:",
    refused_key=(
        "The API wants the key of its owner, or one with the scope admin, so the champion stays. "
        "Start these pages with UI_OWNER_KEY set to what INFERENCE_OWNER_KEY is, or with such a key in UI_API_KEY."
    ),
)
