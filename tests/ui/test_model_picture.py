"""What follows from one answer of the API: where a rollback leads, and who may be promoted."""

from dataclasses import replace

import pytest
from canned_models import DIGESTS, Json, move, verdict, version

from ui.model_answers import Journal, JournalEntry, ModelList, RegisteredVersion
from ui.model_picture import MOVES_READ, Picture, champions_in_turn

EMPTY = Picture(ModelList(champion=None, challenger=None, items=[]), Journal(items=[], champion=None), [], None, None)


def entry(kind: str, after: str, digest: str | None = None) -> JournalEntry:
    return JournalEntry.model_validate(move(kind, None, after, to_digest=digest))


def picture(*moves: JournalEntry, champion: str | None = None) -> Picture:
    """The moves in their order."""
    latest = list(reversed(moves))
    now = champion or (latest[0].to_version if latest else None)
    journal = Journal(items=latest, champion=latest[0] if latest else None)
    return replace(EMPTY, models=ModelList(champion=now, challenger=None, items=[]), journal=journal)


def registered(number: str, **changes: object) -> RegisteredVersion:
    return RegisteredVersion.model_validate(version(number, **changes))


@pytest.mark.parametrize(
    ("moves", "leads_to"),
    [
        ([], None),
        (["found 1"], None),
        (["found 1", "promotion 2"], "1"),
        (["found 1", "promotion 2", "promotion 3"], "2"),
        (["found 1", "promotion 2", "rollback 1"], None),
        (["found 1", "promotion 2", "rollback 1", "promotion 3"], "1"),
        (["found 1", "promotion 2", "promotion 3", "rollback 2"], "1"),
        (["found 1", "promotion 2", "promotion 3", "found 1"], None),
        (["found 1", "promotion 2", "found 7"], "2"),
        (["promotion 1", "promotion 2", "promotion 1"], "2"),
        (["promotion 1", "promotion 1"], None),
    ],
)
def test_a_rollback_leads_to_the_champion_before_and_never_to_what_was_left(
    moves: list[str], leads_to: str | None
) -> None:
    seen = picture(*(entry(*each.split()) for each in moves))
    assert seen.step_back == leads_to
    assert seen.has_no_way_back is (leads_to is None and bool(moves))


def test_the_same_number_of_another_registry_is_another_version() -> None:
    seen = picture(entry("promotion", "1", "a"), entry("promotion", "2", "b"), entry("found", "1", "c"))
    assert seen.step_back == "2"


def test_a_champion_that_the_journal_has_not_seen_yet_leads_nowhere_known() -> None:
    seen = picture(entry("promotion", "1"), entry("promotion", "2"), champion="3")
    assert seen.step_back is None
    assert not seen.has_no_way_back
    assert seen.came is None


def test_where_older_moves_are_cut_off_a_way_back_beneath_them_is_not_guessed() -> None:
    latest_first = [entry("rollback", "5"), entry("promotion", "6"), entry("promotion", "7")]
    assert [each.to_version for each in champions_in_turn(latest_first, is_whole=False)] == ["5"]
    cut = picture(*[entry("promotion", "1")] * (MOVES_READ - 1), entry("rollback", "5"))
    assert cut.step_back is None
    assert not cut.has_no_way_back


@pytest.mark.parametrize(
    ("number", "given", "may"),
    [
        ("2", verdict("2"), True),
        ("2", None, False),
        ("2", verdict("2", {"name": "time", "passed": False, "found": ""}), False),
        ("2", verdict("2", {"name": "time", "passed": False, "found": ""}) | {"passed": True}, False),
        ("2", verdict("3"), False),
        ("2", verdict("2", against="3"), False),
        ("2", verdict("2", against=None), False),
        ("1", verdict("1"), False),
    ],
)
def test_only_who_passed_against_the_present_champion_may_be_promoted(
    number: str, given: Json | None, may: bool
) -> None:
    models = ModelList(champion="1", challenger=None, items=[registered("1")])
    assert replace(EMPTY, models=models).may_be_promoted(registered(number, verdict=given)) is may


def test_a_champion_without_a_digest_is_known_by_its_number() -> None:
    judged = registered("2", verdict=verdict("2") | {"against_digest": None})
    for items in ([registered("1", digest=None)], []):
        models = ModelList(champion="1", challenger=None, items=items)
        assert replace(EMPTY, models=models).may_be_promoted(judged)


def test_the_challenger_is_the_first_that_may_be_promoted() -> None:
    items = [registered(number, verdict=verdict(number)) for number in "432"] + [registered("1")]
    models = ModelList(champion="1", challenger="3", items=items)
    assert [each.version for each in replace(EMPTY, models=models).promotable] == ["3", "4", "2"]
    assert DIGESTS["2"] == items[2].digest
