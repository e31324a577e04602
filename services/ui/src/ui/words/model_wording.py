"""The words of the page of models, as a part of `Wording`; those of its forms are in `move_wording`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelWording:
    page: str
    refused: str
    champion: str
    serves_unknown: str
    serves_refused: str
    serves_other: str
    no_champion: str
    no_champion_what: str
    challenger: str
    no_challenger: str
    no_challenger_what: str
    unlisted: str
    candidate: str
    data: str
    since: str
    since_by: str
    since_unknown: str
    made: str
    digest: str
    unknown: str
    card: str
    no_card: str
    gate: str
    passed: str
    passed_alone: str
    outdated: str
    other_bundle: str
    failed: str
    not_judged: str
    judged_at: str
    every_check: str
    live: str
    live_none: str
    live_compared: str
    live_compared_words: str
    live_disagree: str
    live_disagree_words: str
    live_time: str
    live_time_words: str
    live_judged: str
    live_judged_words: str
    live_judged_none: str
    live_dropped: str
    live_dropped_words: str
    disagreements: str
    tweet: str
    champion_short: str
    challenger_short: str
    people: str
    text_not_kept: str
    nobody: str
    journal: str
    journal_none: str
    journal_limit: str
    kinds: dict[str, str]
    when: str
    what: str
    which: str
    who: str
    why: str
    found_why: str
    versions: str
    versions_none: str
    versions_limit: str
    version: str
    alias: str
    verdicts: dict[str, str]
    link_version: str
    link_run: str
    chart: str
    chart_none: str
    chart_set: str
    chart_what: str
    chart_alt: str
    chart_alt_one: str
    chart_table: str
    chart_other: str
    chart_cost: str
    chart_quality: str
    chart_f1: str
    chart_tweets: str
    chart_size: str
    chart_interval: str
    drift: str
    drift_none: str
    drift_states: dict[str, str]
    drift_words: dict[str, str]
    drift_other: str
    drift_model: str
    drift_looked: str
    drift_looked_words: str
    drift_reference: str
    drift_link: str
    monitors: str
    monitor: str
    monitor_found: str
    monitor_limit: str
