"""Secrets for production, one file each, in a folder that is this user's alone: `make secrets`.

scripts/make_secrets.py [FOLDER=secrets]

What is there already stays as it is. Nothing secret is printed. What each file is for: docs/secrets.md.
"""

import hashlib
import os
import secrets
import sys
from pathlib import Path

RANDOM = (
    "database-owner",
    "database-api",
    "database-mlflow",
    "subject-key",
    "mlflow-admin",
    "mlflow-cookie-key",
    "mlflow-trainer",
    "mlflow-inference",
)
# Given by others, where they are used at all.
EMPTY = ("alert-urls", "smtp-password", "applicationinsights-connection-string", "owner-key")
# Of those that ask the API; it knows no more than the hashes of their keys.
SCOPES = {"ui": "predict,feedback,read,admin", "trainer": "read,admin"}
HASHES = "api-keys"
# The folder lets nobody else in; a container sees the single file, as a user of its own.
FOLDER_MODE, FILE_MODE = 0o700, 0o444
OF_OTHERS = 0o077


class Refused(Exception):
    """In one line."""


def main() -> int:
    if len(sys.argv) > 2:
        sys.stderr.write(f"usage: {sys.argv[0]} [FOLDER]\n")
        return 2
    given = Path(sys.argv[1] if len(sys.argv) == 2 else "secrets")
    try:
        open_folder(given)
        lines = make_secrets(given)
    except Refused as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"error: {error.filename}: {error.strerror}\n")
        return 1
    sys.stdout.write("\n".join([*lines, "", *advice(given), ""]))
    return 0


def open_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True)
    except FileExistsError:
        if folder.is_dir() and folder.stat().st_mode & OF_OTHERS:
            raise Refused(f"{folder} is open to others, and a secret is not: chmod 700 {folder}") from None


def make_secrets(folder: Path) -> list[str]:
    """What was done, a line for each file."""
    done = [write(folder / name, secrets.token_urlsafe(32) + "\n") for name in RANDOM]
    done += [write(folder / name, "") for name in EMPTY]
    return done + make_keys(folder)


def make_keys(folder: Path) -> list[str]:
    done = [write(folder / f"{name}-api-key", new_key() + "\n") for name in SCOPES]
    lines = {name: line_of(name, folder / f"{name}-api-key") for name in SCOPES}
    done.append(write(folder / HASHES, "".join(f"{line}\n" for line in lines.values() if line)))
    known = read(folder / HASHES).split()
    unknown = [line for line in lines.values() if line and line.split()[-1] not in known]
    if unknown:
        done += ["", f"The API does not know these keys yet. Add to {folder / HASHES}:", *unknown]
    return done


def new_key() -> str:
    return f"ts_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"


def line_of(name: str, file: Path) -> str:
    """As the API reads it; nothing where a file without a key says that it needs none."""
    key = read(file).removesuffix("\n")
    return f"{name} {SCOPES[name]} {hashlib.sha256(key.encode()).hexdigest()}" if key else ""


def read(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError:
        raise Refused(f"{file} is no text") from None


def write(file: Path, content: str) -> str:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        return f"kept     {file}"
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        # Whatever the umask took away.
        os.fchmod(descriptor, FILE_MODE)
        opened.write(content)
    return f"written  {file}{'' if content else ' (empty)'}"


def advice(folder: Path) -> list[str]:
    place = folder if folder.is_absolute() or folder.parts[:1] == ("..",) else f"./{folder}"
    return ["Put into .env, and start the system anew:", f"SECRETS_DIR={place}", "ENVIRONMENT=production"]


if __name__ == "__main__":
    sys.exit(main())
