"""Whether one model is right more often than another: beside the same sum in whole numbers."""

from fractions import Fraction
from math import comb

import pytest

from inference.mcnemar import mcnemar


def exact(ours: int, theirs: int) -> float:
    tosses = ours + theirs
    tail = sum(comb(tosses, heads) for heads in range(min(ours, theirs) + 1))
    return float(min(Fraction(1), Fraction(2 * tail, 2**tosses)))


@pytest.mark.parametrize("ours", [0, 1, 2, 5, 13, 200, 1500])
@pytest.mark.parametrize("theirs", [1, 3, 12, 220, 1400])
def test_it_is_what_whole_numbers_give(ours: int, theirs: int) -> None:
    assert mcnemar(ours, theirs) == pytest.approx(exact(ours, theirs), rel=1e-9)


@pytest.mark.parametrize(("ours", "theirs", "p_value"), [(5, 0, 0.0625), (0, 6, 0.03125), (1, 9, 0.021484375)])
def test_values_that_can_be_looked_up(ours: int, theirs: int, p_value: float) -> None:
    assert mcnemar(ours, theirs) == pytest.approx(p_value)
    assert mcnemar(theirs, ours) == mcnemar(ours, theirs)


def test_as_often_right_as_the_other_says_nothing() -> None:
    assert mcnemar(7, 7) == mcnemar(100_000, 100_000) == 1.0


def test_without_a_judged_disagreement_there_is_none() -> None:
    assert mcnemar(0, 0) is None


def test_millions_are_no_work() -> None:
    assert mcnemar(2_000_000, 2_003_000) == pytest.approx(0.1338, abs=1e-3)
