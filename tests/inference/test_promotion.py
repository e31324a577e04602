"""What may become champion, and where a rollback goes: decided without a database, a registry, or a bundle."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import MoveRefused
from inference.loop_schemas import GateCheck, GateVerdict, MoveKind
from inference.promotion import ModelVersion, Move, champions_in_turn, check_verdict, find_previous, read_verdict

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
OLD, NEW = ModelVersion("1", "a" * 64), ModelVersion("2", "b" * 64)
PASSED = GateVerdict(
    passed=True,
    at=NOON,
    digest="b" * 64,
    against_version="1",
    against_digest="a" * 64,
    checks=[GateCheck(name="macro-F1, sample", passed=True, found="0.80 -> 0.81")],
)
ALONE = PASSED.model_copy(update={"against_version": None, "against_digest": None})


def refusal(candidate: ModelVersion, verdict: GateVerdict | None, champion: ModelVersion | None) -> str:
    with pytest.raises(MoveRefused) as refused:
        check_verdict(candidate, verdict, champion)
    return refused.value.detail


def test_who_passed_beside_the_present_champion_may_follow_it() -> None:
    assert check_verdict(NEW, PASSED, OLD) is PASSED


def test_the_first_champion_needs_nobody_to_be_compared_with() -> None:
    assert check_verdict(NEW, ALONE, None) is ALONE


def test_without_a_verdict_the_gate_is_to_be_run() -> None:
    assert refusal(NEW, None, OLD) == "Version 2 has no verdict of the gate: run `trainer gate 2`."


def test_each_failed_check_is_named_with_what_it_found() -> None:
    checks = [
        GateCheck(name="macro-F1, sample", passed=False, found="0.80 -> 0.70"),
        GateCheck(name="labels", passed=True, found="the same"),
        GateCheck(name="behaviour", passed=False, found="3 of 9"),
    ]
    detail = refusal(NEW, PASSED.model_copy(update={"passed": False, "checks": checks}), OLD)
    assert detail == "Version 2 did not pass the gate. macro-F1, sample: 0.80 -> 0.70; behaviour: 3 of 9."
    # Whatever it says as a whole.
    assert refusal(NEW, PASSED.model_copy(update={"checks": checks}), OLD) == detail


def test_a_verdict_that_failed_without_a_word_is_a_refusal_too() -> None:
    assert refusal(NEW, PASSED.model_copy(update={"passed": False}), OLD) == "Version 2 did not pass the gate."


def test_a_refusal_stays_readable_however_much_the_gate_found() -> None:
    checks = [GateCheck(name=f"check {number}", passed=False, found="x" * 5000) for number in range(500)]
    assert len(refusal(NEW, PASSED.model_copy(update={"checks": checks}), OLD)) < 7000


def test_a_verdict_on_another_bundle_counts_for_nothing() -> None:
    other = replace(NEW, digest="c" * 64)
    expected = "The gate judged another bundle than version 2's: run `trainer gate 2`."
    assert refusal(other, PASSED, OLD) == expected


def test_a_version_without_its_digest_is_not_known_well_enough() -> None:
    assert "no tag `digest`" in refusal(replace(NEW, digest=None), PASSED, OLD)


def test_the_champion_is_not_promoted_again() -> None:
    assert refusal(NEW, PASSED, NEW) == "Version 2 is the champion already."


@pytest.mark.parametrize(
    ("verdict", "champion", "expected"),
    [
        (PASSED, ModelVersion("7", "e" * 64), "was compared with version 1, and the champion is version 7 now"),
        (PASSED, None, "was compared with version 1, and the champion is none now"),
        (ALONE, OLD, "was compared with no champion, and the champion is version 1 now"),
        # A registry that was emptied counts from 1 again.
        (PASSED, ModelVersion("1", "e" * 64), "and the champion is version 1 with another bundle now"),
    ],
)
def test_a_comparison_with_another_champion_is_stale(
    verdict: GateVerdict, champion: ModelVersion | None, expected: str
) -> None:
    detail = refusal(NEW, verdict, champion)
    assert expected in detail
    assert detail.endswith(": run `trainer gate 2`.")


def test_a_champion_of_unknown_digest_is_known_by_its_number() -> None:
    assert check_verdict(NEW, PASSED, ModelVersion("1", None)) is PASSED
    assert "is version 4 now" in refusal(NEW, PASSED, ModelVersion("4", None))
    assert "with no champion" in refusal(NEW, ALONE, ModelVersion("1", None))


def test_the_same_bundle_under_another_number_is_the_same_champion() -> None:
    assert check_verdict(NEW, PASSED, ModelVersion("5", "a" * 64)) is PASSED


# --- the tag


def test_a_verdict_is_read_as_the_trainer_writes_it() -> None:
    assert read_verdict(PASSED.model_dump_json()) == PASSED


@pytest.mark.parametrize(
    "tag",
    [
        None,
        "",
        "passed",
        "[]",
        "{}",
        "\0",
        '{"passed": true}',
        json.dumps(PASSED.model_dump(mode="json") | {"passed": "yes"}),
        json.dumps(PASSED.model_dump(mode="json") | {"passed": 1}),
        json.dumps(PASSED.model_dump(mode="json") | {"at": "2026-01-01T12:00:00"}),
        json.dumps(PASSED.model_dump(mode="json") | {"checks": None}),
        json.dumps(PASSED.model_dump(mode="json") | {"digest": None}),
    ],
)
def test_a_verdict_that_cannot_be_read_is_none(tag: str | None) -> None:
    assert read_verdict(tag) is None


# --- back


def version(number: int) -> ModelVersion:
    return ModelVersion(str(number), f"{number:064}")


def journal(*moves: tuple[MoveKind, int]) -> list[Move]:
    """Lines in their order, each from where the one before went."""
    before, lines = None, []
    for number, (kind, to) in enumerate(moves):
        lines.append(Move(NOON + timedelta(minutes=number), kind, "Ann", "why", before, version(to)))
        before = version(to)
    return lines


def numbers(versions: Sequence[ModelVersion]) -> list[int]:
    return [int(each.version) for each in versions]


def test_a_rollback_goes_to_the_champion_before() -> None:
    assert find_previous(journal(("found", 1), ("promotion", 2))) == version(1)


@pytest.mark.parametrize("moves", [(), (("found", 1),), (("found", 1), ("promotion", 2), ("rollback", 1))])
def test_without_a_champion_before_there_is_nothing_to_go_back_to(moves: tuple[tuple[MoveKind, int], ...]) -> None:
    with pytest.raises(MoveRefused, match="no champion before"):
        find_previous(journal(*moves))


def test_what_was_rolled_away_from_is_never_gone_back_to() -> None:
    lines = journal(("found", 1), ("promotion", 2), ("promotion", 3), ("rollback", 2))
    assert find_previous(lines) == version(1)
    lines = journal(("found", 1), ("promotion", 2), ("rollback", 1), ("promotion", 3))
    assert find_previous(lines) == version(1)


def test_what_was_promoted_anew_may_be_gone_back_to() -> None:
    lines = journal(("found", 1), ("promotion", 2), ("rollback", 1), ("promotion", 2), ("promotion", 3))
    assert find_previous(lines) == version(2)


def test_a_promotion_of_an_older_version_is_a_step_forward() -> None:
    lines = journal(("found", 1), ("promotion", 2), ("promotion", 1))
    assert numbers(champions_in_turn(lines)) == [1, 2, 1]
    assert find_previous(lines) == version(2)
    assert numbers(champions_in_turn([*lines, *journal(("rollback", 2))])) == [1, 2]


def test_a_way_back_by_hand_is_a_way_back() -> None:
    """So is the rollback whose line was lost: noted as found, it must not lead to where it came from."""
    lines = journal(("found", 1), ("promotion", 2), ("promotion", 3), ("found", 2))
    assert find_previous(lines) == version(1)


def test_a_move_by_hand_to_something_new_is_a_step_forward() -> None:
    assert find_previous(journal(("found", 1), ("promotion", 2), ("found", 9))) == version(2)


def test_an_alias_set_anew_to_the_same_version_is_no_step() -> None:
    assert numbers(champions_in_turn(journal(("found", 1), ("promotion", 2), ("promotion", 2)))) == [1, 2]


def test_a_registry_that_counts_from_1_again_has_other_versions() -> None:
    fresh = Move(NOON, "found", None, None, version(2), ModelVersion("1", "f" * 64))
    lines = [*journal(("found", 1), ("promotion", 2)), fresh]
    assert find_previous(lines) == version(2)
    assert not ModelVersion("1", "f" * 64).is_same(version(1))
    assert ModelVersion("1", None).is_same(version(1))


STEPS = st.lists(st.one_of(st.integers(1, 6), st.none()), max_size=40)


@given(STEPS)
def test_rollbacks_undo_promotions_one_by_one_whatever_the_order(steps: list[int | None]) -> None:
    """A number is a promotion to it, None a rollback; beside it a plain stack."""
    lines, expected, sequence = [], [], 0
    for step in steps:
        before = lines[-1].after if lines else None
        sequence += 1
        at = NOON + timedelta(minutes=sequence)
        if step is None:
            if len(expected) < 2:
                with pytest.raises(MoveRefused):
                    find_previous(lines)
                continue
            expected.pop()
            target = find_previous(lines)
            lines.append(Move(at, "rollback", "Ann", "why", before, target))
        elif not expected or expected[-1] != step:  # the champion is not promoted again
            expected.append(step)
            lines.append(Move(at, "promotion", "Ann", "why", before, version(step)))
        assert numbers(champions_in_turn(lines)) == expected


@given(st.lists(st.tuples(st.sampled_from(["promotion", "found", "rollback"]), st.integers(1, 5)), max_size=40))
def test_however_the_journal_came_to_be_the_champion_is_last_and_the_one_before_is_another(
    moves: list[tuple[MoveKind, int]],
) -> None:
    stack = champions_in_turn(journal(*moves))
    if moves:
        assert numbers(stack)[-1] == moves[-1][1]
    assert all(one != next_one for one, next_one in zip(stack, stack[1:], strict=False))
