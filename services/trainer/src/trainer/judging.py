"""A challenger before the gate: measured beside the champion on the same tweets, judged, and the verdict stored.

trainer gate 3
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from trainer.bundle import Bundle
from trainer.evaluation import has_every_label
from trainer.gate import Limits, Verdict, decide
from trainer.gathering import gather, is_comparable
from trainer.paired import Paired, pair_on
from trainer.promotion import write_verdict
from trainer.registry import CHAMPION, Client, version_of
from trainer.scoring_model import download_bundle
from trainer.settings import Settings
from trainer.standard import standard_test_sets
from trainer.test_sets import TestSet


@dataclass(frozen=True)
class Judged:
    """The verdict, and the answers it rests on: empty where nothing was compared."""

    verdict: Verdict
    pairs: list[Paired]


def judge(
    challenger: Bundle,
    champion: Bundle | None,
    champion_version: str | None,
    tests: Sequence[TestSet],
    settings: Settings,
) -> Judged:
    """Measure both on `tests`, whose labels are counted in the challenger's order, and ask the gate."""
    pairs = list(pair_all(champion, challenger, tests)) if champion and is_comparable(champion, challenger) else []
    checks = decide(gather(challenger, champion, pairs, settings), limits_of(settings))
    verdict = Verdict(
        passed=all(check.passed for check in checks),
        at=datetime.now(UTC),
        digest=challenger.digest,
        against_version=champion_version,
        against_digest=champion.digest if champion else None,
        checks=checks,
    )
    return Judged(verdict, pairs)


def pair_all(champion: Bundle, challenger: Bundle, tests: Sequence[TestSet]) -> Iterator[Paired]:
    """Both on every set that holds all labels: on the others a score means nothing."""
    whole = [
        test
        for test in tests
        if has_every_label(test.tweets, challenger.card.labels, name=f"{test.dataset}, {test.split}")
    ]
    with tqdm(total=sum(len(test.tweets) for test in whole), unit=" tweets", disable=None) as progress:
        for test in whole:
            progress.set_description(f"the gate, {test.dataset}")
            yield pair_on(champion, challenger, test)
            progress.update(len(test.tweets))


def limits_of(settings: Settings) -> Limits:
    return Limits(
        large_set=settings.gate_large_set,
        macro_f1_fall=settings.gate_macro_f1_fall,
        macro_f1_fall_small=settings.gate_macro_f1_fall_small,
        significance=settings.gate_significance,
        negative_flips=settings.gate_negative_flips,
        negative_flips_small=settings.gate_negative_flips_small,
        behaviour_fall=settings.gate_behaviour_fall,
        golden_changes=settings.gate_golden_changes,
        calibration_error=settings.gate_calibration_error,
        slice_tweets=settings.gate_slice_tweets,
        slice_fall=settings.gate_slice_fall,
        milliseconds=settings.gate_milliseconds,
        megabytes=settings.gate_megabytes,
    )


def judge_version(version: str, client: Client, settings: Settings) -> Verdict:
    """Judge a registered version on the standard test sets that are here; the verdict is stored.

    The champion itself is not judged: it keeps the verdict it became champion by.
    """
    with tempfile.TemporaryDirectory() as folder:
        bundle = download_bundle(f"models:/{settings.model_name}/{version}", Path(folder), settings)
        tests = standard_test_sets(tuple(bundle.card.labels), settings)
        return judge_registered(version, bundle, tests, client, settings)


def judge_registered(
    version: str, bundle: Bundle, tests: Iterable[TestSet], client: Client, settings: Settings
) -> Verdict:
    """Judge a bundle that is registered as `version` beside the present champion; the verdict is stored."""
    number = version_of(CHAMPION, client, settings)
    with tempfile.TemporaryDirectory() as folder:
        champion = (
            download_bundle(f"models:/{settings.model_name}/{number}", Path(folder), settings) if number else None
        )
        verdict = judge(bundle, champion, number, list(tests), settings).verdict
    if number != version:
        write_verdict(version, verdict, client, settings)
    return verdict
