"""Starts the pages where no file can be mounted: `python -m ui.start streamlit run …`.

UI_SIGN_IN holds what would stand in the file with the section [auth]. It is written to a file that nobody else can
read, which Streamlit is told of instead, and is gone from the variables of the process that follows.
"""

import os
import re
import sys
import tempfile
import tomllib
from collections.abc import MutableMapping
from pathlib import Path

VARIABLE, FILES = "UI_SIGN_IN", "STREAMLIT_SECRETS_FILES"


def main() -> None:
    hand_over(os.environ)
    os.execvp(sys.argv[1], sys.argv[1:])


def hand_over(environment: MutableMapping[str, str]) -> None:
    """Nothing where nothing is set. Ends the process with one line, which does not repeat it, where it is no TOML."""
    content = environment.pop(VARIABLE, "")
    if not content.strip():
        return
    try:
        tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line \d+", str(error))
        raise SystemExit(f"error: {VARIABLE}: is no TOML{f' in {where[0]}' if where else ''}") from None
    # A folder of its own, which mkdtemp closes to everybody else.
    file = Path(tempfile.mkdtemp(prefix="sign-in-"), "sign-in.toml")
    file.touch(mode=0o600)
    file.write_text(content, encoding="utf-8")
    environment[FILES] = str(file)


if __name__ == "__main__":
    main()
