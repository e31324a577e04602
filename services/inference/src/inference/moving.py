"""All that has to do with moves of the champion, put together: they are made, followed, and written down."""

from dataclasses import dataclass

from inference.background import Background, Job
from inference.cache import BundleCache
from inference.champion import Champion
from inference.follower import ChampionFollower
from inference.journal_store import JournalStore
from inference.promoter import Promoter
from inference.reconciliation import Reconciliation
from inference.registry import Registry
from inference.registry_access import RegistryAccess, credentials_of
from inference.settings import Settings
from inference.turns import Turns

EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Moving:
    access: RegistryAccess
    promoter: Promoter
    # None where no registry is set.
    follower: ChampionFollower | None

    def stop(self) -> None:
        if self.follower is not None:
            self.follower.stop()
        self.access.close()


def start_moving(
    settings: Settings,
    champion: Champion,
    cache: BundleCache,
    journal: JournalStore,
    turns: Turns,
    background: Background,
) -> Moving:
    credentials = credentials_of(settings)
    access = RegistryAccess(settings.mlflow_url, settings.registered_model, credentials)
    promoter = Promoter(access, cache, journal, turns)
    if settings.mlflow_url is None:
        return Moving(access, promoter, None)
    # A connection of its own, since it has a thread of its own.
    registry = Registry(settings.mlflow_url, settings.registered_model, credentials)
    follower = ChampionFollower(champion, registry, cache, settings.poll_seconds)
    reconciliation = Reconciliation(access, journal, turns)
    follower.when_followed.append(reconciliation.note)
    promoter.when_moved.append(follower.wake)
    background.add(Job("journal", reconciliation.look, EVERY_SECONDS, is_woken=False))
    follower.start()
    return Moving(access, promoter, follower)
