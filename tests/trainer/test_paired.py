"""Two bundles on the same tweets: which rows are gained, which are lost."""

from pathlib import Path

import numpy as np
import pytest

from tests.trainer.made_bundles import BINARY, as_test, make_bundle, recarded, swapped
from trainer.bundle import Bundle
from trainer.dataset import Tweets
from trainer.paired import pair


@pytest.fixture(scope="module")
def sharp(tweets: Tweets, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Right on every tweet it learned from."""
    return make_bundle(tmp_path_factory.mktemp("sharp"), tweets)


@pytest.fixture(scope="module")
def gloomy(tweets: Tweets, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Calls everything negative."""
    return make_bundle(tmp_path_factory.mktemp("gloomy"), tweets, threshold=0.0)


def test_what_the_champion_had_wrong_is_gained(sharp: Bundle, gloomy: Bundle, tweets: Tweets) -> None:
    [found] = pair(gloomy, sharp, [as_test(tweets)])
    positive = np.flatnonzero(tweets.labels == 1)
    assert found.gains.tolist() == positive.tolist()
    assert found.losses.tolist() == []
    assert found.negative_flip_rate == 0
    # All of 25 coins on one side.
    assert found.p_value == pytest.approx(2 * 0.5**25)


def test_what_the_champion_had_right_is_lost(sharp: Bundle, gloomy: Bundle, tweets: Tweets) -> None:
    [found] = pair(sharp, gloomy, [as_test(tweets)])
    assert found.losses.tolist() == np.flatnonzero(tweets.labels == 1).tolist()
    assert found.gains.tolist() == []
    assert found.negative_flip_rate == 0.5


def test_the_same_model_gains_and_loses_nothing(sharp: Bundle, tweets: Tweets, tmp_path: Path) -> None:
    [found] = pair(sharp, recarded(sharp, tmp_path / "again"), [as_test(tweets)])
    assert (len(found.gains), len(found.losses), found.p_value) == (0, 0, 1.0)


def test_labels_in_another_order_are_the_same_labels(sharp: Bundle, tweets: Tweets, tmp_path: Path) -> None:
    """The test set is counted in the challenger's order, whatever the champion's is."""
    mirrored = make_bundle(tmp_path / "mirrored", swapped(tweets), BINARY[::-1])
    [found] = pair(sharp, mirrored, [as_test(swapped(tweets))])
    assert (len(found.gains), len(found.losses)) == (0, 0)
    assert found.champion.scores.accuracy == found.challenger.scores.accuracy == 1


def test_each_set_is_compared_for_itself(sharp: Bundle, gloomy: Bundle, tweets: Tweets) -> None:
    found = pair(gloomy, sharp, [as_test(tweets, "one"), as_test(swapped(tweets), "two")])
    assert [each.test.dataset for each in found] == ["one", "two"]
    assert [(len(each.gains), len(each.losses)) for each in found] == [(25, 0), (0, 25)]
