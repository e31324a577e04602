"""A challenger beside a champion, both real: what is measured, what the gate says of it, and where that is kept."""

from pathlib import Path

import pytest
from mlflow import MlflowClient

from tests.trainer.made_bundles import as_test, make_bundle, recarded, repeated, swapped
from trainer.bundle import Bundle, golden_texts
from trainer.dataset import Tweets
from trainer.gate import Check, Verdict
from trainer.judging import Judged, judge, judge_registered, judge_version
from trainer.promotion import crown_first, read_verdict, write_verdict
from trainer.registry import register
from trainer.settings import Settings
from trainer.test_sets import TestSet as ATestSet


@pytest.fixture(scope="module")
def champion(tweets: Tweets, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return make_bundle(tmp_path_factory.mktemp("champion"), tweets)


@pytest.fixture(scope="module")
def gloomy(tweets: Tweets, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Calls everything negative."""
    return make_bundle(tmp_path_factory.mktemp("gloomy"), tweets, threshold=0.0)


@pytest.fixture
def equal(champion: Bundle, tmp_path: Path) -> Bundle:
    return recarded(champion, tmp_path / "equal")


@pytest.fixture(scope="module")
def tests(tweets: Tweets) -> list[ATestSet]:
    """A large set, and a small one."""
    return [as_test(repeated(tweets, 40), "large"), as_test(tweets, "small")]


def checks(judged: Judged) -> dict[str, Check]:
    return {check.name: check for check in judged.verdict.checks}


def test_the_same_model_with_another_card_passes(
    champion: Bundle, equal: Bundle, tests: list[ATestSet], settings: Settings
) -> None:
    judged = judge(equal, champion, "7", tests, settings)
    verdict = judged.verdict
    assert verdict.passed, verdict.failed
    assert (verdict.digest, verdict.against_version, verdict.against_digest) == (equal.digest, "7", champion.digest)
    assert "on 2,000 tweets: +0.00 points; it may fall by 0.50" in checks(judged)["macro-F1, large test"].found
    assert "it may fall by 3.00" in checks(judged)["macro-F1, small test"].found
    assert [len(each.test.tweets) for each in judged.pairs] == [2_000, 50]


def test_a_worse_one_is_refused_with_figures(
    champion: Bundle, gloomy: Bundle, tests: list[ATestSet], settings: Settings
) -> None:
    judged = judge(gloomy, champion, "7", tests, settings)
    assert not judged.verdict.passed
    names = {check.name for check in judged.verdict.failed}
    assert {"macro-F1, large test", "difference, small test", "negative flips, large test", "slices"} <= names
    assert "0 tweets gained, 1,000 lost" in checks(judged)["difference, large test"].found
    assert "50.0% of the tweets" in checks(judged)["negative flips, large test"].found
    assert "accuracy 1.000 -> " in checks(judged)["slices"].found


def test_a_better_one_passes(champion: Bundle, gloomy: Bundle, tests: list[ATestSet], settings: Settings) -> None:
    """But for its golden tweets: who calls everything negative is certain of much that is not."""
    judged = judge(champion, gloomy, "7", tests, settings.model_copy(update={"gate_golden_changes": 1.0}))
    assert judged.verdict.passed, judged.verdict.failed
    assert "1,000 tweets gained, 0 lost" in checks(judged)["difference, large test"].found


def test_one_that_says_the_opposite_fails_behaviours_and_golden_tweets_too(
    champion: Bundle, tweets: Tweets, tests: list[ATestSet], settings: Settings, tmp_path: Path
) -> None:
    """As many flipped labels would make it."""
    poisoned = make_bundle(tmp_path / "poisoned", swapped(tweets))
    failed = {check.name for check in judge(poisoned, champion, "7", tests, settings).verdict.failed}
    assert {"golden tweets", "macro-F1, large test", "macro-F1, small test"} <= failed
    found = checks(judge(poisoned, champion, "7", tests, settings))["golden tweets"].found
    assert f"of the {len(golden_texts())} that the champion is certain of" in found


def test_labels_in_another_order_are_compared_by_their_names(
    champion: Bundle, tweets: Tweets, settings: Settings, tmp_path: Path
) -> None:
    mirrored = make_bundle(tmp_path / "mirrored", swapped(tweets), ("positive", "negative"))
    judged = judge(mirrored, champion, "7", [as_test(swapped(tweets))], settings)
    assert checks(judged)["labels"].passed
    assert "0 tweets gained, 0 lost" in checks(judged)["difference, lines test"].found
    assert checks(judged)["golden tweets"].found.startswith("0 of the 50")


def test_a_champion_of_other_labels_is_not_compared(
    champion: Bundle, tweets: Tweets, tests: list[ATestSet], settings: Settings, tmp_path: Path
) -> None:
    third = Tweets([*tweets.texts, "gate 5 is open"] * 2, [*(tweets.labels * 2), 1] * 2)
    neutral = make_bundle(tmp_path / "neutral", third, ("negative", "neutral", "positive"))
    judged = judge(neutral, champion, "7", tests, settings)
    assert [check.name for check in judged.verdict.failed] == ["labels"]
    assert judged.pairs == []


def test_without_a_champion_nothing_is_measured(equal: Bundle, tests: list[ATestSet], settings: Settings) -> None:
    judged = judge(equal, None, None, tests, settings)
    assert judged.verdict.passed
    assert [check.name for check in judged.verdict.checks] == ["champion"]
    assert (judged.verdict.against_version, judged.verdict.against_digest, judged.pairs) == (None, None, [])


def test_the_champion_is_not_judged_beside_itself(champion: Bundle, tests: list[ATestSet], settings: Settings) -> None:
    judged = judge(champion, champion, "7", tests, settings)
    assert [check.found for check in judged.verdict.checks] == ["it is the champion's own bundle: nothing was judged"]


def test_a_set_without_one_of_the_labels_is_left_out(
    champion: Bundle, equal: Bundle, tweets: Tweets, settings: Settings
) -> None:
    bad = tweets.labels == 0
    only_bad = Tweets([text for text, is_bad in zip(tweets.texts, bad, strict=True) if is_bad], tweets.labels[bad])
    judged = judge(equal, champion, "7", [as_test(only_bad, "bad"), as_test(tweets, "both")], settings)
    assert [each.test.dataset for each in judged.pairs] == ["both"]
    refused = judge(equal, champion, "7", [as_test(only_bad, "bad")], settings)
    assert [check.name for check in refused.verdict.failed] == ["scores"]


def test_where_no_behaviour_can_be_tested_it_is_refused(
    champion: Bundle, equal: Bundle, tests: list[ATestSet], settings: Settings, tmp_path: Path
) -> None:
    judged = judge(equal, champion, "7", tests, settings.model_copy(update={"behaviour_dir": tmp_path / "none"}))
    assert [check.name for check in judged.verdict.failed] == ["behaviours"]


def stored(version: str, client: MlflowClient, settings: Settings) -> Verdict:
    verdict = read_verdict(version, client, settings)
    assert verdict is not None
    return verdict


def test_a_verdict_is_kept_with_its_version_and_in_its_card(
    champion: Bundle, equal: Bundle, tests: list[ATestSet], client: MlflowClient, settings: Settings
) -> None:
    version = register(equal, client, settings).version
    assert read_verdict(version, client, settings) is None
    first = judge(equal, None, None, tests, settings).verdict
    second = judge(equal, champion, "7", tests, settings).verdict
    for verdict in (first, second):
        write_verdict(version, verdict, client, settings)
        assert stored(version, client, settings) == verdict
    card = client.get_model_version(settings.model_name, version).description
    assert card.count("## The gate") == 1
    assert "against version 7" in card
    assert len(card) <= 5_000


def test_a_new_version_is_judged_beside_the_champion_of_the_registry(
    champion: Bundle, gloomy: Bundle, tests: list[ATestSet], client: MlflowClient, settings: Settings
) -> None:
    crown_first(register(champion, client, settings).version, client, settings)
    version = register(gloomy, client, settings).version
    verdict = judge_registered(version, gloomy, iter(tests), client, settings)
    assert not verdict.passed
    assert (verdict.against_version, verdict.against_digest) == ("1", champion.digest)
    assert stored(version, client, settings) == verdict


def test_a_version_is_judged_later_from_what_the_registry_keeps(
    champion: Bundle, equal: Bundle, client: MlflowClient, settings: Settings, tmp_path: Path
) -> None:
    """On the sets that are here: our own sample always is."""
    here = settings.model_copy(update={"data_dir": tmp_path / "none"})
    crown_first(register(champion, client, settings).version, client, settings)
    version = register(equal, client, settings).version
    verdict = judge_version(version, client, here)
    assert verdict.passed, verdict.failed
    assert verdict.digest == equal.digest
    assert "macro-F1, sample test" in {check.name for check in verdict.checks}
    assert stored(version, client, settings) == verdict


def test_the_champion_keeps_the_verdict_it_became_champion_by(
    champion: Bundle, tests: list[ATestSet], client: MlflowClient, settings: Settings
) -> None:
    version = register(champion, client, settings).version
    first = judge_registered(version, champion, tests, client, settings)
    crown_first(version, client, settings)
    assert judge_registered(version, champion, tests, client, settings) != first
    assert stored(version, client, settings) == first
