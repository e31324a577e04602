"""The list of slow tests names what is there."""

from tests.slow import SLOW, TESTS, is_slow


def test_each_of_them_is_there() -> None:
    assert [each for each in SLOW if not (TESTS / each).exists()] == []


def test_what_lies_in_a_slow_folder_is_slow_and_its_neighbours_are_not() -> None:
    assert is_slow(TESTS / "browser" / "test_analyse.py")
    assert is_slow(TESTS / "trainer" / "test_recurrent.py")
    assert not is_slow(TESTS / "ui" / "test_analyse.py") and not is_slow(TESTS / "browser_like" / "test_x.py")
