"""E-mail addresses: what is one, when two are the same, and how the lists of them are written."""

import pytest
from pydantic import ValidationError

from ui.people.addresses import ADDRESS_LIMIT, address_of
from ui.settings import Settings

ANA = "ana@example.org"


@pytest.mark.parametrize("written", [ANA, "Ana@Example.ORG", "ANA@EXAMPLE.ORG"])
def test_an_address_is_the_same_in_capitals(written: str) -> None:
    assert address_of(written) == ANA


@pytest.mark.parametrize(
    "written",
    [
        "\u0430na@example.org",  # a Cyrillic a
        "ana@example.\u03bfrg",  # a Greek o
        "\uff41na@example.org",  # a wide a
        "an\u00e1@example.org",
        "a\u0301na@example.org",
        "ana\u3164@example.org",  # a letter that shows nothing
    ],
)
def test_an_address_that_only_looks_the_same_is_another(written: str) -> None:
    assert address_of(written) not in (None, ANA)


def test_a_capital_that_is_not_of_a_to_z_is_not_made_small() -> None:
    assert address_of("\u212bim@example.org") == "\u212bim@example.org"
    assert address_of("\u212aim@example.org") != "kim@example.org"
    assert address_of("\u017fam@example.org") != "sam@example.org"


@pytest.mark.parametrize(
    "given",
    [
        None,
        True,
        7,
        1.5,
        [ANA],
        {ANA: ANA},
        b"ana@example.org",
        "",
        " ",
        "ana",
        "ana@",
        "@example.org",
        "ana@example.org@evil.example",
        "ana @example.org",
        " ana@example.org",
        "ana@example.org\n",
        "ana@example.org\0",
        "ana\u202e@example.org",
        "ana\u200b@example.org",
        "ana\u00a0@example.org",
        "ana\ud800@example.org",
        "*@example.org",
        "ana@example.org,ben@example.org",
        "ana@example.org;ben@example.org",
        "a" * ADDRESS_LIMIT + "@example.org",
        "a@" * 1_000_000,
    ],
)
def test_what_is_no_address_is_nobodys(given: object) -> None:
    assert address_of(given) is None


def test_the_longest_address_is_as_long_as_a_name_may_be() -> None:
    longest = "a" * (ADDRESS_LIMIT - len("@example.org")) + "@example.org"
    assert address_of(longest) == longest
    assert address_of("a" + longest) is None


@pytest.mark.parametrize(
    "written",
    [
        "ana@example.org ben@example.org",
        "ana@example.org,ben@example.org",
        " ana@example.org ,\n\tBEN@example.org,, ",
        "ana@example.org ben@example.org Ana@Example.org",
    ],
)
def test_a_list_is_separated_by_blanks_or_commas(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("UI_OWNERS", written)
    assert Settings().owners == {ANA, "ben@example.org"}


def test_a_star_alone_is_everybody_and_nothing_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UI_VIEWERS", " * ")
    monkeypatch.setenv("UI_OWNERS", " , ")
    assert Settings().viewers == {"*"}
    assert Settings().owners == Settings().reviewers == frozenset()


@pytest.mark.parametrize("written", ["ana", "*@example.org", "* ana@example.org", "ana@example.org;ben@example.org"])
def test_a_list_with_something_else_in_it_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("UI_REVIEWERS", written)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert [problem["loc"] for problem in caught.value.errors()] == [("reviewers",)]
    assert written not in str(caught.value)
