"""Signing in, in English."""

from ui.words.people_wording import PeopleWording

PEOPLE = PeopleWording(
    title="Sign in to go on",
    intro="What people say about us, what the model makes of it, and what you think of that.",
    sign_in="Sign in",
    sign_out="Sign out",
    no_access="No access yet",
    no_access_who="You signed in as:",
    no_access_what=(
        "This address has not been given a role here. Ask whoever runs these pages to add it, then sign in again; "
        "or sign out and use another account."
    ),
    no_address=(
        "Your account came without an e-mail address that is confirmed, and people are known by it here. "
        "Confirm it where the account was made, then sign in again; or sign out and use another account."
    ),
    set_up_in_part="Signing in is set up in part only, so nobody gets in. What is missing, or cannot work:",
    not_set_up=(
        "These pages run in production (`ENVIRONMENT=production`), where people sign in, and signing in is not set up: "
        "nobody gets in. What is missing:"
    ),
    parts={
        "redirect_uri": (
            "`redirect_uri` in `[auth]`: the address of these pages and `/oauth2callback`, with https "
            "unless it is on this machine"
        ),
        "cookie_secret": "`cookie_secret` in `[auth]`: at least 32 characters that nobody can guess",
        "client_id": "`client_id` in `[auth]`: as the provider knows these pages",
        "client_secret": "`client_secret` in `[auth]`: from the provider",
        "server_metadata_url": (
            "`server_metadata_url` in `[auth]`: where the provider describes itself, with https "
            "unless it is on this machine"
        ),
        "roles": "`UI_OWNERS`, `UI_REVIEWERS`, `UI_VIEWERS` or `UI_ROLE_CLAIM`: who may come in",
    },
    in_the_name_of="In the name of {name}",
)
