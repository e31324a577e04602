"""One look at the live traffic: what is new in the log, beside the reference of the present champion."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from trainer.api import Api
from trainer.bundle import Bundle, BundleRefused
from trainer.drift import DriftDecision, Looked, decide, look_at
from trainer.drift_monitors import Limits
from trainer.drift_reference import Reference, ReferenceRefused
from trainer.drift_registry import ChampionVersion, LastLook, find_champion, last_look
from trainer.drift_sources import ReferenceFinder, Source
from trainer.drift_traffic import Traffic, read_lot
from trainer.registry import CHAMPION, Client
from trainer.scoring_model import find_bundle
from trainer.settings import Settings


@dataclass(frozen=True)
class Asked:
    """What a person asked for; None is what the look before says, or the first source that there is."""

    window: int
    since: int | None = None
    source: Source | None = None
    is_told: bool = True


@dataclass(frozen=True)
class Found:
    """A decision, of which version it is, and where the next look begins."""

    decision: DriftDecision
    champion: ChampionVersion
    since: int
    next: LastLook


class NothingToSay(Exception):
    """There is no full window yet, or nothing to compare with: that is no error, and the message says what is."""


class Looker:
    """Looks again and again. The champion's bundle and its reference are kept: reading them takes long."""

    def __init__(self, asked: Asked, api: Api, settings: Settings) -> None:
        self._asked = asked
        self._api = api
        self._settings = settings
        self._known: tuple[ChampionVersion, Bundle] | None = None
        self._reference: Reference | None = None

    def look(self, client: Client) -> Found:
        """Raises NothingToSay."""
        champion, bundle = self._find_model(client)
        reference = self._find_reference(champion, bundle, client)
        before = self._before(bundle, client)
        since = self._since(before, reference)
        traffic = Traffic(self._api, bundle, before.audited if before else None)
        looked = list(self._look_at_windows(traffic, since, reference))
        # The first was looked at before: it is there because two in a row are what drift is told from.
        again = self._asked.since is None and before is not None and before.until > since
        if len(looked) <= again:
            new = f"{traffic.waiting} new tweets answered by version {champion.version}"
            raise NothingToSay(f"{new}, a window has {self._asked.window}")
        limits = Limits(false_alarm_every=self._settings.drift_false_alarm_every)
        decision = decide(reference, looked, limits, read_lot(self._api, champion.version, traffic.audited))
        here = LastLook(bundle.digest, traffic.end(), traffic.begin_of_last(since), traffic.audited)
        return Found(decision, champion, since, here)

    def go_on(self) -> None:
        """From now on each look begins where the one before it ended."""
        self._asked = replace(self._asked, since=None)

    def _find_model(self, client: Client) -> tuple[ChampionVersion, Bundle]:
        champion = find_champion(client, self._settings)
        if champion is None:
            raise BundleRefused(f"{self._settings.model_name} has no champion: train or register a model first")
        if self._known is None or self._known[0] != champion:
            bundle = find_bundle(f"models:/{self._settings.model_name}@{CHAMPION}", self._settings)
            self._known, self._reference = (champion, bundle), None
        return self._known

    def _find_reference(self, champion: ChampionVersion, bundle: Bundle, client: Client) -> Reference:
        if self._reference is None:
            finder = ReferenceFinder(self._api, client, self._settings, may_keep=self._asked.is_told)
            try:
                self._reference = finder.find(bundle, champion, self._asked.source)
            except ReferenceRefused as refusal:
                if self._asked.source in ("artifact", "data"):
                    raise
                raise NothingToSay(str(refusal)) from refusal
        return self._reference

    def _before(self, bundle: Bundle, client: Client) -> LastLook | None:
        """Of another champion nothing counts but where it ended."""
        before = last_look(client, self._settings)
        if before is None or before.digest == bundle.digest:
            return before
        return LastLook(bundle.digest, before.until, before.until, [])

    def _since(self, before: LastLook | None, reference: Reference) -> int:
        if self._asked.since is not None:
            return self._asked.since
        return max(before.again_from if before else 0, reference.after)

    def _look_at_windows(self, traffic: Traffic, since: int, reference: Reference) -> Iterator[Looked]:
        limits = Limits(false_alarm_every=self._settings.drift_false_alarm_every)
        for window in traffic.windows(since, self._asked.window):
            yield look_at(reference, window, limits)
