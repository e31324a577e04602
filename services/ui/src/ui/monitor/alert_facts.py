"""What an alert says, in words: what happened, since when, on which model, and how it stands."""

from ui.api.alert_answers import Alert
from ui.elements.facts import fact_list
from ui.elements.inert import plain_word
from ui.elements.moments import moment
from ui.words.language import wording


def alert_words(alert: Alert) -> str:
    known = wording().alerts.rules.get(alert.rule)
    return known or wording().alerts.other_rule.format(rule=plain_word(alert.rule) or "?")


def alert_facts(alert: Alert) -> None:
    facts = {
        wording().alerts.since: moment(alert.since),
        wording().alerts.seen: seen_words(alert),
        wording().alerts.version: alert.model_version,
        wording().alerts.rejected: share_words(alert),
        wording().alerts.acknowledged: acknowledged_words(alert),
    }
    if alert.closed_at is not None:
        facts[wording().alerts.ended] = wording().alerts.ended_because.format(
            moment=moment(alert.closed_at), reason=alert.closed_because
        )
    fact_list(str(alert.alert_id), facts)


def seen_words(alert: Alert) -> str:
    words = wording().alerts.seen_once if alert.times_seen == 1 else wording().alerts.seen_times
    return words.format(moment=moment(alert.last_seen_at), times=alert.times_seen)


def share_words(alert: Alert) -> str:
    if alert.rejected_share is None:
        return wording().alerts.no_share
    return wording().alerts.share.format(
        rejected=alert.rejected,
        judged=alert.judged,
        share=wording().percent(alert.rejected_share),
        low=wording().percent(alert.rejected_share_low),
        high=wording().percent(alert.rejected_share_high),
    )


def acknowledged_words(alert: Alert) -> str:
    if alert.acknowledged_at is None:
        return wording().alerts.not_acknowledged
    return wording().alerts.acknowledged_by.format(name=alert.acknowledged_by, moment=moment(alert.acknowledged_at))
