"""A worker that is killed in the middle of a promotion: `python -m …` with database, registry, model, cache, moment.

It is run as a process of its own, since SIGKILL leaves nobody the time to tidy up.
"""

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from inference import promoter as promoter_module
from inference import turns
from inference.cache import BundleCache
from inference.database import build_engine
from inference.journal_store import JournalStore
from inference.promoter import Promoter
from inference.registry_access import RegistryAccess
from inference.turns import Turns


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(database_url: str, mlflow_url: str, registered_model: str, cache: str, moment: str, version: str) -> None:
    # Nobody waits a minute for the dead.
    turns.LEASE = timedelta(seconds=2)
    if moment == "before the alias":
        promoter_module.move_champion = die
    else:
        JournalStore.write = die  # type: ignore[method-assign, assignment]
    engine = build_engine(database_url)
    access = RegistryAccess(mlflow_url, registered_model)
    promoter = Promoter(access, BundleCache(Path(cache)), JournalStore(engine), Turns(engine))
    promoter.promote(version, "Ann", "better")


if __name__ == "__main__":
    main(*sys.argv[1:])
