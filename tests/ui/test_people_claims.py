"""What a token says of somebody: who they are, what they may do, and until when. Tokens say what they like."""

import time
from datetime import UTC, datetime

import pytest

from ui.people.claims import ends_at, named_role, person_of, verified_address
from ui.people.person import Person, Role
from ui.settings import Settings

ANA = "ana@example.org"
VERIFIED = {"email": ANA, "email_verified": True}


def settings(**changes: object) -> Settings:
    return Settings.model_validate(changes)


def test_the_highest_list_wins() -> None:
    everywhere = settings(owners=ANA, reviewers=ANA, viewers=ANA)
    assert person_of(VERIFIED, everywhere) == Person(Role.OWNER, ANA)
    assert person_of(VERIFIED, settings(reviewers=ANA, viewers="*")) == Person(Role.REVIEWER, ANA)
    assert person_of(VERIFIED, settings(viewers=ANA)) == Person(Role.VIEWER, ANA)


@pytest.mark.parametrize(
    ("name", "role"), [("owners", Role.OWNER), ("reviewers", Role.REVIEWER), ("viewers", Role.VIEWER)]
)
def test_a_star_gives_the_role_to_whoever_can_sign_in(name: str, role: Role) -> None:
    assert person_of(VERIFIED, settings(**{name: "*"})) == Person(role, ANA)


def test_who_stands_in_no_list_has_no_role() -> None:
    assert person_of(VERIFIED, settings(owners="ben@example.org", viewers="eve@example.org")) is None
    assert person_of(VERIFIED, settings()) is None


def test_capitals_do_not_matter_in_the_token_either() -> None:
    shouting = {"email": "ANA@Example.Org", "email_verified": True}
    assert person_of(shouting, settings(owners="aNA@example.org")) == Person(Role.OWNER, ANA)


def test_a_look_alike_does_not_inherit_a_role() -> None:
    twin = {"email": "\u0430na@example.org", "email_verified": True}
    assert person_of(twin, settings(owners=ANA)) is None
    kelvin = {"email": "\u212aim@example.org", "email_verified": True}
    assert person_of(kelvin, settings(owners="kim@example.org")) is None


@pytest.mark.parametrize("said", [True, "true", "True", "TRUE"])
def test_an_address_counts_when_it_is_verified(said: object) -> None:
    assert verified_address({"email": ANA, "email_verified": said}) == ANA


def test_an_address_counts_when_the_provider_does_not_say_whether_it_is_verified() -> None:
    assert verified_address({"email": ANA}) == ANA


@pytest.mark.parametrize("said", [False, "false", "False", "no", "", None, 0, 1, [], [True], {"true": True}, b"true"])
def test_an_address_that_is_not_verified_is_nobodys(said: object) -> None:
    claims = {"email": ANA, "email_verified": said, "roles": ["owner"]}
    assert verified_address(claims) is None
    assert person_of(claims, settings(owners="*", role_claim="roles")) is None


@pytest.mark.parametrize(
    "email", [None, 7, [ANA], {"email": ANA}, "", "ana", f"{ANA}\0", f" {ANA}", f"{ANA} ", "x" * 10_000]
)
def test_a_claim_that_is_no_address_gives_no_access_even_to_everybody(email: object) -> None:
    assert person_of({"email": email, "email_verified": True}, settings(owners="*")) is None
    assert person_of({}, settings(owners="*")) is None


def test_other_claims_are_no_addresses() -> None:
    others = {"preferred_username": ANA, "upn": ANA, "sub": ANA, "name": ANA}
    assert person_of(others, settings(owners=ANA)) is None


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ("viewer", Role.VIEWER),
        ("Reviewer", Role.REVIEWER),
        ("OWNER", Role.OWNER),
        (["viewer", "owner", "reviewer"], Role.OWNER),
        (("viewer", "reviewer"), Role.REVIEWER),
        (["admin", "viewer", 7, None, {}], Role.VIEWER),
    ],
)
def test_the_claim_names_the_highest_of_its_roles(said: object, role: Role) -> None:
    assert named_role({"roles": said}, "roles") == role


@pytest.mark.parametrize(
    "said",
    [
        None,
        True,
        3,
        Role.OWNER,
        {"owner": True},
        {"owner"},
        b"owner",
        "",
        " owner",
        "owner\0",
        "owner\n",
        "owners",
        "viewer owner",
        "viewer,owner",
        "\u043ewner",
        "\uff4fwner",
        "owner" * 100_000,
        [],
        [["owner"]],
        ["owner "],
    ],
)
def test_a_claim_that_names_no_role_gives_none(said: object) -> None:
    assert named_role({"roles": said}, "roles") is None


def test_without_a_name_for_the_claim_no_claim_gives_a_role() -> None:
    assert named_role({"": "owner", "roles": "owner"}, "") is None


def test_the_claim_goes_before_the_lists_when_it_names_a_role() -> None:
    given = settings(owners=ANA, role_claim="roles")
    assert person_of(VERIFIED | {"roles": ["viewer"]}, given) == Person(Role.VIEWER, ANA)
    assert person_of(VERIFIED | {"roles": ["something"]}, given) == Person(Role.OWNER, ANA)
    assert person_of(VERIFIED, given) == Person(Role.OWNER, ANA)
    assert person_of(VERIFIED | {"roles": "owner"}, settings(viewers=ANA)) == Person(Role.VIEWER, ANA)


def test_a_claim_may_be_named_by_an_address_as_some_providers_want_it() -> None:
    name = "https://airparadis.example/roles"
    assert person_of(VERIFIED | {name: "reviewer"}, settings(role_claim=f" {name} ")) == Person(Role.REVIEWER, ANA)


def test_a_sign_in_holds_so_many_hours_from_when_the_token_was_made() -> None:
    made_at = 1_700_000_000
    assert ends_at({"iat": made_at}, 2) == datetime.fromtimestamp(made_at + 7200, UTC)
    assert ends_at({"iat": made_at + 0.5}, 2) is not None


def test_a_clock_that_goes_a_little_before_ours_is_forgiven() -> None:
    assert ends_at({"iat": time.time() + 60}, 1) is not None


@pytest.mark.parametrize(
    "iat", [None, True, "1700000000", [], {}, float("nan"), float("inf"), -1e300, 1e18, 10**400, 4_000_000_000]
)
def test_a_token_that_does_not_say_when_it_was_made_holds_not_at_all(iat: object) -> None:
    assert ends_at({"iat": iat}, 12) is None
    assert ends_at({}, 12) is None
