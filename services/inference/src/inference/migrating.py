"""Brings the database up to date before the service starts, where no step before it does.

For one container alone: two that begin at once would get in each other's way. In a process of its own, which takes its
libraries along when it ends.
"""

import logging
import subprocess
import sys
import time
from pathlib import Path

logger = logging.getLogger(__name__)

VARIABLE = "INFERENCE_MIGRATE_AT_START"
LIMIT_SECONDS = 180
# How the process says it: what the database holds is of a later version than this one.
NEWER = "newer"


def migrate_first(folder: Path) -> None:
    """Or the end of the process with one line. `folder` is where pyproject.toml says which migrations there are."""
    began = time.monotonic()
    command = [sys.executable, "-m", "inference.migrating", str(folder)]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        raise SystemExit(f"error: {VARIABLE}: the database was not up to date after {LIMIT_SECONDS} s") from None
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or [f"error: {VARIABLE}: ended with {ended.returncode}"]
        raise SystemExit(lines[-1])
    if ended.stdout.strip() == NEWER:
        logger.warning("database_is_newer hint=this_version_goes_on_with_it_as_it_is")
    else:
        logger.info("database_migrated seconds=%.1f", time.monotonic() - began)


def main() -> None:
    # Here, because whoever only starts this process does not need them.
    from alembic import command
    from alembic.config import Config
    from alembic.script.revision import ResolutionError
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        command.upgrade(Config(toml_file=Path(sys.argv[1], "pyproject.toml")), "head")
    except CommandError as error:
        # After a step back to an image from before. Whether its tables are all there is asked when it is ready.
        if isinstance(error.__cause__, ResolutionError):
            sys.stdout.write(f"{NEWER}\n")
            return
        raise SystemExit(f"error: {VARIABLE}: {first_line(error)}") from None
    except SQLAlchemyError as error:
        raise SystemExit(f"error: {VARIABLE}: {first_line(getattr(error, 'orig', None) or error)}") from None
    except OSError as error:
        raise SystemExit(f"error: {VARIABLE}: {error}") from None


def first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


if __name__ == "__main__":
    main()
