"""Looks at each verdict once, in the order in which they came, and at each drift report; opens and closes alerts.

Any worker may do it: the turn is taken in the database, and where the last one stopped is kept there too. What a look
found is committed whole, with the messages that are to be sent, or not at all.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inference.alerting.burst import BurstRule, find_burst
from inference.alerting.caps import flooders
from inference.alerting.drift import DriftRule
from inference.alerting.incidents import Finding, Incidents, Kind, OpenAlert, Rule
from inference.alerting.rate import (
    RateRule,
    began,
    beginning_of_window,
    counted,
    follow,
    holds_without_the_busiest,
    is_alarm,
    new_detector,
    restarted,
    settled,
)
from inference.alerting.verdicts import Judged
from inference.alerting.watch_store import Turn, WatchStore
from inference.metrics import Metrics

logger = logging.getLogger(__name__)

LOOK = 500
# Rejections of the last minutes that are looked at: more than any rule needs, and never a crowd's of a whole day.
LATELY = 2000
# What an alert says about the share of rejections is taken from so many verdicts.
OBSERVED = 100
# An alarm is looked at again over so many verdicts: most are raised by a few dozen.
REPLAYED = 2000
# An alert on the rate, of a version that nobody judges any more.
SILENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class AlertRules:
    burst: BurstRule | None
    rate: RateRule | None
    user_cap: int
    window: timedelta
    # So many rejections of one named person in the window are a flood, and none of them counts.
    flood: int
    cooldown: timedelta


class Watch:
    def __init__(
        self,
        store: WatchStore,
        rules: AlertRules,
        destinations: Sequence[str],
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._rules = rules
        self._destinations = destinations
        self._metrics = metrics
        self._now = now
        self._drift = DriftRule(self._latest, destinations, now)

    def look(self) -> bool:
        """Whether there is more to be looked at. Raises Unavailable."""
        horizon = self._store.find_horizon()
        if horizon is None:
            return False
        with self._store.turn() as turn:
            if turn is None:
                return False
            # First what is over: what happens now would be taken for another sign of it.
            self._close(turn)
            news = turn.read_news(horizon, LOOK)
            if news:
                self._take_in(turn, news)
                turn.advance(news[-1].sequence)
            has_more_reports = self._drift.look(turn)
        self._tell(turn.incidents)
        return len(news) == LOOK or has_more_reports

    def _tell(self, incidents: Incidents) -> None:
        for found in incidents.opened:
            logger.warning("%s_opened rule=%s model_version=%s", found.kind, found.rule, found.model_version)
            self._metrics.alerts_opened.labels(found.kind, found.rule).inc()
        for alert, because in incidents.closed:
            logger.warning("%s_closed rule=%s reason=%r", alert.kind, alert.rule, because)

    def _take_in(self, turn: Turn, news: Sequence[Judged]) -> None:
        since, until = self._look_back(news), news[-1].sequence
        self._find_floods(turn, turn.read_rejections(since, until, LATELY, with_floods=True))
        # Read anew: whoever floods is not to leave no room for the others.
        self._find_burst(turn, turn.read_rejections(since, until, LATELY))
        if self._rules.rate is not None:
            for version, verdicts in self._counted_of(turn, news).items():
                self._find_rise(turn, self._rules.rate, version, verdicts)

    def _look_back(self, news: Sequence[Judged]) -> datetime:
        # What ended before the cool-down is no news, though somebody may only now give the right label to a rejection
        # of last year: all since then would be read.
        oldest = max(min(verdict.at for verdict in news), self._now() - self._rules.cooldown)
        return oldest - self._rules.window

    def _find_floods(self, turn: Turn, lately: Sequence[Judged]) -> None:
        for reviewer in flooders(lately, self._rules.flood, self._rules.window):
            own = [verdict for verdict in lately if verdict.reviewer == reviewer]
            if own[-1].sequence > turn.seen:
                self._note(turn, "note", "flood", reviewer, own)

    def _find_burst(self, turn: Turn, heard: Sequence[Judged]) -> None:
        found = [] if self._rules.burst is None else find_burst(heard, self._rules.burst, turn.seen)
        # One that ended long ago, seen only now, is over.
        if found and self._now() - found[-1].at <= self._rules.cooldown:
            self._note(turn, "alert", "burst", "", found)

    def _counted_of(self, turn: Turn, news: Sequence[Judged]) -> dict[str, list[Judged]]:
        """The new ones that count, by version: of each prediction the first, of each person no more than the cap."""
        by_version: defaultdict[str, list[Judged]] = defaultdict(list)
        firsts = turn.are_first(news)
        heard = without_flooders(turn, [verdict for verdict in news if verdict.sequence in firsts])
        if heard:
            begins = beginning_of_window(min(verdict.at for verdict in heard), self._rules.window)
            for verdict in self._counted([*turn.read_named(begins), *heard]):
                if verdict.sequence > turn.seen:
                    by_version[verdict.model_version].append(verdict)
        return by_version

    def _counted(self, verdicts: Sequence[Judged]) -> list[Judged]:
        return counted(verdicts, self._rules.user_cap, self._rules.window)

    def _find_rise(self, turn: Turn, rule: RateRule, version: str, verdicts: Sequence[Judged]) -> None:
        known = turn.read_detector(version)
        detector = known or new_detector(version, rule, turn.read_last_learned(), verdicts[0].sequence - 1)
        earlier: list[Judged] | None = None
        for number, verdict in enumerate(verdicts, start=1):
            detector = settled(detector, rule, verdict.sequence - 1, has_alert=turn.incidents.is_open("rate", version))
            detector = follow(detector, verdict)
            if not is_alarm(detector, rule):
                continue
            if earlier is None:
                # Once: an alarm that does not stand is looked at again with each verdict.
                firsts = turn.read_firsts(version, detector.restarted_after, REPLAYED)
                earlier = self._counted(without_flooders(turn, firsts))
            weighed = [each for each in (*earlier, *verdicts[:number]) if each.sequence > detector.restarted_after]
            if holds_without_the_busiest(detector, rule, weighed):
                # Of what is older, as in a database that the rules are new to, nobody is told.
                if self._now() - verdict.at <= SILENT:
                    self._note(turn, "alert", "rate", version, [verdict], since=began(weighed, detector.baseline))
                detector = restarted(detector, verdict.sequence)
        turn.write_detector(detector, is_new=known is None)

    def _note(
        self, turn: Turn, kind: Kind, rule: Rule, about: str, found: Sequence[Judged], since: datetime | None = None
    ) -> None:
        version = found[-1].model_version
        # A flood is told by its own verdicts, which count nowhere else.
        latest = found if rule == "flood" else self._latest(turn, version)
        rejected = [verdict for verdict in latest if verdict.rejected]
        shown = found if rule == "burst" else rejected[::-1]
        finding = Finding(
            kind=kind,
            rule=rule,
            about=about,
            model_version=version,
            since=since or found[0].at,
            seen_at=found[-1].at,
            judged=len(latest),
            rejected=len(rejected),
            examples=tuple(verdict.prediction_id for verdict in shown) if kind == "alert" else (),
        )
        turn.incidents.note(finding, self._now(), self._destinations)

    def _latest(self, turn: Turn, version: str) -> list[Judged]:
        return self._counted(turn.read_latest(version, OBSERVED))

    def _close(self, turn: Turn) -> None:
        for alert in turn.incidents.open:
            because = self._reason_to_close(turn, alert)
            if because is not None:
                turn.incidents.close(alert, because, self._now(), self._destinations)

    def _reason_to_close(self, turn: Turn, alert: OpenAlert) -> str | None:
        if alert.rule == "drift":
            return None  # reports end it, in drift.py
        quiet = self._now() - alert.last_seen_at
        if alert.rule != "rate":
            minutes = self._rules.cooldown.total_seconds() / 60
            return f"quiet for {minutes:g} minutes" if quiet > self._rules.cooldown else None
        detector = turn.read_detector(alert.about)
        if detector is not None and detector.is_over and quiet > self._rules.cooldown:
            return f"{detector.rejected_since} of {detector.judged_since} rejected since, which is accepted"
        return "no sign for 24 hours" if quiet > SILENT else None


def without_flooders(turn: Turn, verdicts: Sequence[Judged]) -> list[Judged]:
    return [verdict for verdict in verdicts if not turn.incidents.is_open("flood", verdict.reviewer or "")]
