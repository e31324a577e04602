"""`python -m inference new-key`: a key, said once, and the line that the service knows it by."""

from collections.abc import Callable

from inference.access.keys import KeysRefused, make_key, write_line


def make_new_key(name: str, scopes: str, until: str | None, say: Callable[[str], None]) -> None:
    key = make_key()
    try:
        line = write_line(name, scopes, key, until)
    except KeysRefused as error:
        raise SystemExit(f"error: {error}") from None
    say("The key, for whoever is to use it; it is shown only now:")
    say(key)
    say("Its line in INFERENCE_API_KEYS_FILE:")
    say(line)
