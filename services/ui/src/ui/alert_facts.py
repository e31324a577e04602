"""What an alert says, in words: what happened, since when, on which model, and how it stands."""

from ui.alert_answers import Alert
from ui.facts import fact_list
from ui.inert import plain_word
from ui.moments import moment
from ui.wording import ENGLISH


def alert_words(alert: Alert) -> str:
    known = ENGLISH.alerts.rules.get(alert.rule)
    return known or ENGLISH.alerts.other_rule.format(rule=plain_word(alert.rule) or "?")


def alert_facts(alert: Alert) -> None:
    facts = {
        ENGLISH.alerts.since: moment(alert.since),
        ENGLISH.alerts.seen: seen_words(alert),
        ENGLISH.alerts.version: alert.model_version,
        ENGLISH.alerts.rejected: share_words(alert),
        ENGLISH.alerts.acknowledged: acknowledged_words(alert),
    }
    if alert.closed_at is not None:
        facts[ENGLISH.alerts.ended] = ENGLISH.alerts.ended_because.format(
            moment=moment(alert.closed_at), reason=alert.closed_because
        )
    fact_list(str(alert.alert_id), facts)


def seen_words(alert: Alert) -> str:
    words = ENGLISH.alerts.seen_once if alert.times_seen == 1 else ENGLISH.alerts.seen_times
    return words.format(moment=moment(alert.last_seen_at), times=alert.times_seen)


def share_words(alert: Alert) -> str:
    if alert.rejected_share is None:
        return ENGLISH.alerts.no_share
    return ENGLISH.alerts.share.format(
        rejected=alert.rejected,
        judged=alert.judged,
        share=f"{alert.rejected_share:.0%}",
        low=f"{alert.rejected_share_low:.0%}",
        high=f"{alert.rejected_share_high:.0%}",
    )


def acknowledged_words(alert: Alert) -> str:
    if alert.acknowledged_at is None:
        return ENGLISH.alerts.not_acknowledged
    return ENGLISH.alerts.acknowledged_by.format(name=alert.acknowledged_by, moment=moment(alert.acknowledged_at))
