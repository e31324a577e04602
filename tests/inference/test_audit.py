"""Those drawn by lot: as many as were asked for, the same for every worker, and whatever the tweets say."""

import math
import os
import subprocess
import sys
from uuid import UUID

import pytest
from uuid_utils.compat import uuid4, uuid7

from inference.audit import is_audited, lot_of

COUNT = 50_000


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5])
def test_as_many_are_drawn_as_were_asked_for(share: float) -> None:
    drawn = sum(is_audited(uuid7(), share) for _ in range(COUNT))
    # Five standard deviations of a binomial: one run in two million.
    assert abs(drawn - COUNT * share) < 5 * math.sqrt(COUNT * share * (1 - share))


def test_none_and_all() -> None:
    ids = [uuid7() for _ in range(1000)]
    assert not any(is_audited(each, 0.0) for each in ids)
    assert all(is_audited(each, 1.0) for each in ids)


def test_with_a_larger_share_those_drawn_before_stay_drawn() -> None:
    ids = [uuid7() for _ in range(5000)]
    assert {each for each in ids if is_audited(each, 0.01)} < {each for each in ids if is_audited(each, 0.1)}


def test_ids_of_the_same_moment_are_drawn_one_by_one() -> None:
    """An id of ours begins with its time: neighbours differ in their last digits only."""
    first = uuid7()
    ids = [UUID(int=first.int + number) for number in range(10_000)]
    drawn = [is_audited(each, 0.1) for each in ids]
    assert 850 < sum(drawn) < 1150
    # Beside a drawn one another is no more, and no less, likely.
    together = sum(before and after for before, after in zip(drawn, drawn[1:], strict=False))
    assert 50 < together < 150


@pytest.mark.parametrize("seed", ["1", "2"])
def test_every_worker_draws_the_same(seed: str) -> None:
    """Python's own hash would differ from process to process."""
    ids = [uuid4() for _ in range(500)]
    command = "import sys; from uuid import UUID; from inference.audit import is_audited\n"
    command += "print([is_audited(UUID(each), 0.2) for each in sys.stdin.read().split()])"
    output = subprocess.run(
        [sys.executable, "-c", command],
        input="\n".join(map(str, ids)),
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert output.strip() == str([is_audited(each, 0.2) for each in ids])


def test_the_order_in_which_they_are_shown_has_nothing_to_do_with_time() -> None:
    drawn = [each for each in (uuid7() for _ in range(20_000)) if is_audited(each, 0.05)]
    shown = sorted(drawn, key=lot_of)
    places = {each: place for place, each in enumerate(shown)}
    half = len(drawn) // 2
    early = sum(places[each] for each in drawn[:half]) / half
    late = sum(places[each] for each in drawn[half:]) / (len(drawn) - half)
    # The means of two halves of a random order differ by about 6 % of its length, at five standard deviations 28 %.
    assert abs(early - late) < 0.28 * len(drawn)
