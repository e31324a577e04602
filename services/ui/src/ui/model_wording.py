"""The words of the page of models, as a part of `Wording`; those of its forms are in `move_wording`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelWording:
    page: str
    refreshed: str
    kept: str
    kept_nothing: str
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


ENGLISH_MODELS = ModelWording(
    page="Models",
    refreshed="Refreshes by itself every {seconds} seconds, last at {clock}.",
    kept="What you see here is of {clock}; it is asked again every {seconds} seconds.",
    kept_nothing="It is asked again every {seconds} seconds.",
    refused="The API does not give its models. It may be of an older version than this page: update it.",
    champion="Champion: version {version}",
    serves_unknown="The API does not say at this moment which version answers; it may have none in memory.",
    serves_refused="The API has refused this version's bundle, and goes on answering with version {version}:",
    serves_other="Version {version} answers still; the champion follows within seconds.",
    no_champion="No champion",
    no_champion_what="The registry names none. Train a model, then promote it below.",
    challenger="Challenger: version {version}",
    no_challenger="No challenger",
    no_challenger_what="`trainer train` or `trainer retrain` makes the next one; it then appears here.",
    unlisted="The registry does not list this version among its latest {count}.",
    candidate="Candidate",
    data="Trained on",
    since="Since",
    since_by="{moment}, by {name}",
    since_unknown="The journal does not know",
    made="Registered",
    digest="Digest",
    unknown="Not known",
    card="Model card",
    no_card="The version has no model card.",
    gate="The gate",
    passed="Passed: {passed} of {count} checks, compared with version {version}",
    passed_alone="Passed: there was no champion to compare it with",
    outdated="Passed, but compared with version {version}, which is not the champion now: run `trainer gate {own}`",
    other_bundle="Judged another bundle than this one: run `trainer gate {own}`",
    failed="Refused: {failed} of {count} checks failed, compared with version {version}",
    not_judged="Not judged yet: run `trainer gate {own}`",
    judged_at="Judged {moment}",
    every_check="Every check ({count})",
    live="On live tweets, beside the champion",
    live_none=(
        "Nothing compared yet. While tweets come in, the challenger reads a share of them too, unseen by anybody; "
        "the setting is INFERENCE_SHADOW_SHARE."
    ),
    live_compared="Compared",
    live_compared_words="{count} tweets, from {since} to {until}",
    live_disagree="They disagree",
    live_disagree_words="on {count}, {share} (95 % interval: {low} to {high})",
    live_time="Time a tweet",
    live_time_words="the challenger {challenger}, the champion {champion}",
    live_judged="Who was right",
    live_judged_words=(
        "the challenger on {challenger}, the champion on {champion} of {judged} judged by people (p = {p_value})"
    ),
    live_judged_none="Nobody judged a tweet on which they disagree",
    live_dropped="Left out",
    live_dropped_words="{count} tweets, because too many waited",
    disagreements="The last disagreements ({count})",
    tweet="Tweet",
    champion_short="Champion",
    challenger_short="Challenger",
    people="People",
    text_not_kept="The text is not kept.",
    nobody="–",
    journal="Journal",
    journal_none="No move yet: each promotion and each rollback becomes a line here, and none is ever changed.",
    journal_limit="Only the latest {count} moves are listed; `trainer journal` has more.",
    kinds={"promotion": "Promoted", "rollback": "Rolled back", "found": "Found"},
    when="When",
    what="What",
    which="From → to",
    who="Who",
    why="Why",
    found_why="Set in the registry without this API",
    versions="All versions",
    versions_none="The registry has no version yet: `trainer train` makes the first.",
    versions_limit="Only the latest {count} versions are listed; MLflow has them all.",
    version="Version",
    alias="Alias",
    verdicts={"passed": "Passed", "failed": "Refused", "outdated": "Outdated", "none": "Not judged"},
    drift="Have the tweets changed?",
    drift_none="No drift report so far: `trainer drift` compares the tweets that come in with those of the training.",
    drift_states={"stable": "Stable", "moved": "Moved", "drifted": "Drifted"},
    drift_words={
        "stable": "the tweets that come in look like those of the training",
        "moved": "the latest tweets are unlike those of the training; the next look tells whether that stays so",
        "drifted": "the tweets that come in are not like those of the training any more",
    },
    drift_other="This is of a version that is not the champion now: `trainer drift` compares anew.",
    drift_model="Model version",
    drift_looked="Looked at",
    drift_looked_words="{predictions} predictions in {windows} windows",
    drift_reference="Beside",
    drift_link="Whole report",
    monitors="Every monitor ({count})",
    monitor="Monitor",
    monitor_found="Found",
    monitor_limit="Limit",
)
