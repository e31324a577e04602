"""The rule of drift: an alert for each version of the model that the trainer reports has drifted.

It looks at each report once, in the order in which they came. Whether anything has drifted is decided by the trainer,
which has the statistics: what a report calls `moved` may be an accident of one window, and opens nothing.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from inference.alerting.harmless import one_line
from inference.alerting.incidents import Finding, OpenAlert
from inference.alerting.verdicts import Judged
from inference.alerting.watch_store import Turn
from inference.drift_store import FoundDrift, StoredReport

LOOK = 100
# So long without a report nobody compares any more; and what was found before that is no news.
SILENT = timedelta(days=7)
SILENCE = f"no report for {SILENT.days} days"


class DriftRule:
    def __init__(
        self,
        observe: Callable[[Turn, str], Sequence[Judged]],
        destinations: Sequence[str],
        now: Callable[[], datetime],
    ) -> None:
        """`observe` gives the last verdicts that count on a version."""
        self._observe = observe
        self._destinations = destinations
        self._now = now

    def look(self, turn: Turn) -> bool:
        """Whether there are more reports to be looked at."""
        news = turn.reports.read(LOOK)
        for report in news:
            self._take_in(turn, report)
        if news:
            turn.reports.advance(news[-1])
        for alert in open_alerts(turn):
            last = turn.reports.read_last_of(alert.about)
            if self._now() - (last.at if last else alert.last_seen_at) > SILENT:
                self._close(turn, alert, SILENCE)
        return len(news) == LOOK

    def _take_in(self, turn: Turn, report: StoredReport) -> None:
        before = turn.reports.read_last_of(report.found.model_version, report.at)
        for alert in open_alerts(turn):
            because = reason_to_close(alert, before, report)
            if because is not None:
                self._close(turn, alert, because)
        if report.found.state == "drifted" and self._now() - report.at <= SILENT:
            turn.incidents.note(self._find(turn, report), self._now(), self._destinations)

    def _find(self, turn: Turn, report: StoredReport) -> Finding:
        version = report.found.model_version
        latest = self._observe(turn, version)
        return Finding(
            kind="alert",
            rule="drift",
            about=version,
            model_version=version,
            since=report.at,
            seen_at=report.at,
            judged=len(latest),
            rejected=sum(verdict.rejected for verdict in latest),
            examples=(),
            note=word_reasons(report.found),
        )

    def _close(self, turn: Turn, alert: OpenAlert, because: str) -> None:
        turn.incidents.close(alert, because, self._now(), self._destinations)


def open_alerts(turn: Turn) -> list[OpenAlert]:
    return [alert for alert in turn.incidents.open if alert.rule == "drift"]


def reason_to_close(alert: OpenAlert, before: StoredReport | None, report: StoredReport) -> str | None:
    """Why an alert is over when a report comes; `before` is the last one on the report's version."""
    if alert.about != report.found.model_version:
        return f"version {alert.about} is not served any more"
    if before is None:
        return None
    if report.at - before.at > SILENT:
        return SILENCE
    if report.found.state == before.found.state == "stable":
        return "two reports in a row say that it is stable"
    return None


def word_reasons(found: FoundDrift) -> str:
    """A line each; the page tells them apart by how they begin."""
    reasons = [f"- {one_line(reason)}" for reason in found.reasons]
    looked_at = f"Predictions: {found.predictions:,} in {found.windows:,} window{'' if found.windows == 1 else 's'}"
    lines = [*reasons, f"Compared with: {one_line(found.reference)}", looked_at]
    return "\n".join(lines if found.link is None else [*lines, f"Report: {found.link}"])
