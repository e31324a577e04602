"""What follows from one answer of the API: where a rollback leads, and who may be promoted."""

from dataclasses import replace

from canned_models import DIGESTS, move, verdict, version

from ui.api.model_answers import Journal, JournalEntry, ModelList, RegisteredVersion
from ui.models.model_picture import Picture

NOTHING = Journal(items=[], champion=None, rollback_to=None)
EMPTY = Picture(ModelList(champion=None, challenger=None, items=[]), NOTHING, [], None, None)


def picture(latest: JournalEntry, *, champion: str, back: str | None) -> Picture:
    journal = Journal(items=[latest], champion=latest, rollback_to=back)
    return replace(EMPTY, models=ModelList(champion=champion, challenger=None, items=[]), journal=journal)


def promoted(number: str) -> JournalEntry:
    return JournalEntry.model_validate(move("promotion", None, number))


def registered(number: str, **changes: object) -> RegisteredVersion:
    return RegisteredVersion.model_validate(version(number, **changes))


def test_a_rollback_leads_where_the_api_says() -> None:
    seen = picture(promoted("2"), champion="2", back="1")
    assert (seen.step_back, seen.has_no_way_back) == ("1", False)


def test_there_is_no_way_back_where_the_api_knows_none() -> None:
    seen = picture(promoted("1"), champion="1", back=None)
    assert (seen.step_back, seen.has_no_way_back) == (None, True)


def test_a_champion_that_the_journal_has_not_seen_yet_leads_nowhere_known() -> None:
    seen = picture(promoted("2"), champion="3", back="1")
    assert (seen.step_back, seen.has_no_way_back, seen.came) == (None, False, None)


def test_before_the_first_move_nothing_is_known() -> None:
    assert (EMPTY.step_back, EMPTY.has_no_way_back, EMPTY.latest_move_at) == (None, False, None)


def test_whom_the_api_would_refuse_may_not_be_promoted() -> None:
    items = [registered("2", verdict=verdict("2"), refusal="Version 2 did not pass the gate."), registered("3")]
    models = ModelList(champion="1", challenger="2", items=items)
    assert [each.version for each in replace(EMPTY, models=models).promotable] == ["3"]


def test_the_challenger_is_the_first_that_may_be_promoted() -> None:
    items = [registered(number, verdict=verdict(number)) for number in "432"]
    items.append(registered("1", refusal="Version 1 is the champion already."))
    models = ModelList(champion="1", challenger="3", items=items)
    assert [each.version for each in replace(EMPTY, models=models).promotable] == ["3", "4", "2"]
    assert DIGESTS["2"] == items[2].digest
