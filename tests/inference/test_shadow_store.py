"""What the shadow found, in both databases: added up by several workers, judged by people, and forgotten in time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from uuid_utils.compat import uuid7

from inference.database import build_engine
from inference.jobs import forget_some
from inference.loop_tables import shadow_disagreements
from inference.retention import GROUP, Retention
from inference.shadow_store import (
    ADD_DISAGREEMENT,
    WAIT_FOR_RETENTION,
    FoundDisagreement,
    Right,
    ShadowStore,
    right_label,
)
from tests.inference.shadowing import NOON, THREE, TOTAL, TWO, Shadowing, shadowing
from tests.inference.stored import Stored
from tests.inference.test_erasure import somebody_waits

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)

WaitFor = Callable[..., None]
JANE, JOHN = "a" * 64, "b" * 64
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shadowed(database_url: str) -> Iterator[Shadowing]:
    with shadowing(database_url) as shadowed:
        yield shadowed


def kept(shadowed: Shadowing) -> set[object]:
    return {row["prediction_id"] for row in Stored(shadowed.engine).rows(shadow_disagreements)}


# Added up


@both
def test_what_is_written_later_is_added(shadowed: Shadowing) -> None:
    shadowed.store.write([TOTAL], [])
    assert shadowed.store.read_totals(10) == [TOTAL]
    later = replace(TOTAL, since=NOON + MINUTE, until=NOON + 2 * MINUTE, compared=5, disagreed=1, dropped=0)
    shadowed.store.write([later], [])
    total = shadowed.total()
    assert (total.since, total.until) == (NOON, NOON + 2 * MINUTE)
    assert (total.compared, total.disagreed, total.dropped) == (15, 3, 1)
    assert (total.challenger_seconds, total.champion_seconds) == pytest.approx((0.008, 0.004))


@both
def test_a_worker_that_is_late_moves_the_beginning_back_and_the_end_not(shadowed: Shadowing) -> None:
    shadowed.store.write([replace(TOTAL, since=NOON + MINUTE, until=NOON + MINUTE)], [])
    shadowed.store.write([TOTAL], [])
    assert (shadowed.total().since, shadowed.total().until) == (NOON, NOON + MINUTE)


@both
def test_each_pair_has_its_own_and_the_latest_is_first(shadowed: Shadowing) -> None:
    pairs = [
        replace(TOTAL, challenger_digest=challenger * 64, champion_digest=champion * 64, until=NOON + minute * MINUTE)
        for minute, (challenger, champion) in enumerate([("c", "d"), ("e", "d"), ("c", "f")])
    ]
    shadowed.store.write(pairs, [])
    assert shadowed.store.read_totals(10) == pairs[::-1]
    assert shadowed.store.read_totals(1) == pairs[2:]


@both
def test_a_model_that_got_another_number_is_shown_with_that(shadowed: Shadowing) -> None:
    shadowed.store.write([replace(TOTAL, champion_version="pretrained")], [])
    shadowed.store.write([TOTAL], [])
    assert (shadowed.total().champion_version, shadowed.total().compared) == ("1", 20)


@both
def test_workers_that_add_at_the_same_time_lose_nothing(database_url: str, shadowed: Shadowing) -> None:
    other = replace(TOTAL, challenger_digest="e" * 64)

    def add(worker: int) -> None:
        engine = build_engine(database_url)
        store = ShadowStore(engine)
        for _ in range(25):
            # Each begins with another pair: none may wait for the other for ever.
            pairs = [TOTAL, other] if worker % 2 else [other, TOTAL]
            found = [FoundDisagreement(uuid7(), "c" * 64, "2", "d" * 64, "positive", 0.7, "negative", NOON)]
            store.write(pairs, found)
        engine.dispose()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(add, range(4)))
    totals = shadowed.store.read_totals(10)
    assert [(each.compared, each.disagreed, each.dropped) for each in totals] == [(1000, 200, 100)] * 2
    assert [each.challenger_seconds for each in totals] == pytest.approx([0.4, 0.4])
    assert len(kept(shadowed)) == 100


@both
def test_a_disagreement_that_is_there_already_stays_as_it_is(shadowed: Shadowing) -> None:
    prediction_id = shadowed.predict()
    for label in ("positive", "neutral"):
        shadowed.disagree(prediction_id, label)
    [found] = shadowed.store.read_disagreements(shadowed.total(), 10)
    assert found.label == "positive"


@both
def test_two_challengers_may_disagree_with_one_answer(shadowed: Shadowing) -> None:
    prediction_id = shadowed.predict()
    shadowed.disagree(prediction_id)
    shadowed.disagree(prediction_id, challenger="e" * 64)
    for total in shadowed.store.read_totals(10):
        assert [each.prediction_id for each in shadowed.store.read_disagreements(total, 10)] == [prediction_id]


# Read


@both
def test_the_latest_disagreements_come_with_their_texts(shadowed: Shadowing) -> None:
    ids = [shadowed.predict(f"late {number}") for number in range(4)]
    for minute, prediction_id in enumerate(ids):
        shadowed.disagree(prediction_id, at=NOON + minute * MINUTE)
    found = shadowed.store.read_disagreements(shadowed.total(), 3)
    assert [(each.prediction_id, each.text) for each in found] == [
        (ids[3], "late 3"),
        (ids[2], "late 2"),
        (ids[1], "late 1"),
    ]
    assert {(each.label, each.champion_label, each.probability) for each in found} == {("positive", "negative", 0.7)}


@both
def test_a_prediction_that_is_still_on_its_way_has_no_text_yet(shadowed: Shadowing) -> None:
    prediction_id = uuid7()
    shadowed.disagree(prediction_id)
    [before] = shadowed.store.read_disagreements(shadowed.total(), 10)
    shadowed.predict("late", prediction_id=prediction_id)
    [after] = shadowed.store.read_disagreements(shadowed.total(), 10)
    assert (before.text, before.right_label, after.text) == (None, None, "late")


@both
def test_the_last_verdict_says_what_is_right(shadowed: Shadowing) -> None:
    prediction_id = shadowed.predict()
    shadowed.disagree(prediction_id)
    said = []
    for verdict, label in (
        ("confirmed", "negative"),
        ("rejected", None),
        ("rejected", "positive"),
        ("confirmed", None),
    ):
        shadowed.judge(prediction_id, verdict, label)
        [found] = shadowed.store.read_disagreements(shadowed.total(), 10)
        right = shadowed.store.count_right(shadowed.total())
        said.append((found.right_label, right.challenger, right.champion))
    assert said == [("negative", 0, 1), ("positive", 1, 0), ("positive", 1, 0), ("negative", 0, 1)]


@both
def test_a_rejection_of_three_labels_that_names_none_leaves_open_who_is_right(shadowed: Shadowing) -> None:
    prediction_id = shadowed.predict("late", THREE)
    shadowed.disagree(prediction_id)
    shadowed.judge(prediction_id, "rejected")
    [found] = shadowed.store.read_disagreements(shadowed.total(), 10)
    assert found.right_label is None
    assert shadowed.store.count_right(shadowed.total()) == Right(0, 0)
    shadowed.judge(prediction_id, "rejected", "neutral")
    # Neither of the two said so.
    assert shadowed.store.count_right(shadowed.total()) == Right(0, 0)


@both
def test_who_was_right_is_counted_over_all_judged_ones_of_the_pair(shadowed: Shadowing) -> None:
    for number in range(30):
        prediction_id = shadowed.predict(f"late {number}")
        shadowed.disagree(prediction_id)
        if number < 25:
            shadowed.judge(prediction_id, "rejected" if number < 16 else "confirmed")
    others = shadowed.predict("late again")
    shadowed.disagree(others, challenger="e" * 64)
    shadowed.judge(others, "rejected")
    totals = {total.challenger_digest[0]: total for total in shadowed.store.read_totals(10)}
    assert shadowed.store.count_right(totals["c"]) == Right(challenger=16, champion=9)
    assert shadowed.store.count_right(totals["e"]) == Right(challenger=1, champion=0)


@both
def test_nothing_compared_is_nothing_to_show(shadowed: Shadowing) -> None:
    assert shadowed.store.read_totals(10) == []
    assert shadowed.store.count_right(TOTAL) == Right()
    assert shadowed.store.read_disagreements(TOTAL, 10) == []


def test_the_right_label_of_a_verdict() -> None:
    assert right_label("negative", None, None, TWO) is None
    assert right_label("negative", "confirmed", "negative", TWO) == "negative"
    assert right_label("negative", "rejected", None, TWO) == "positive"
    assert right_label("negative", "rejected", "positive", TWO) == "positive"
    assert right_label("negative", "rejected", None, THREE) is None
    assert right_label("negative", "rejected", "neutral", THREE) == "neutral"


# Forgotten


@both
def test_what_is_old_goes_and_what_is_young_stays_and_so_do_the_sums(shadowed: Shadowing) -> None:
    old, young = shadowed.predict("old", at=NOON), shadowed.predict("young", at=NOON + MINUTE)
    shadowed.disagree(old, at=NOON)
    shadowed.disagree(young, at=NOON + MINUTE)
    assert not Retention(shadowed.engine).expire(NOON + MINUTE)
    assert kept(shadowed) == {young}
    assert (shadowed.total().compared, shadowed.total().disagreed) == (20, 4)


@both
def test_many_go_in_bounded_steps(shadowed: Shadowing) -> None:
    found = [
        FoundDisagreement(uuid7(), "c" * 64, "2", "d" * 64, "positive", 0.7, "negative", NOON) for _ in range(GROUP + 1)
    ]
    shadowed.store.write([TOTAL], found)
    assert Retention(shadowed.engine).expire(NOON + MINUTE)
    assert len(kept(shadowed)) == 1
    assert not Retention(shadowed.engine).expire(NOON + MINUTE)
    assert kept(shadowed) == set()


@both
def test_those_of_a_person_go_with_the_person_and_nobody_elses(shadowed: Shadowing) -> None:
    janes, johns = shadowed.predict("of Jane", author=JANE), shadowed.predict("of John", author=JOHN)
    for prediction_id in (janes, johns):
        shadowed.disagree(prediction_id)
        shadowed.disagree(prediction_id, challenger="e" * 64)
    Retention(shadowed.engine).erase(JANE, NOON + MINUTE)
    assert kept(shadowed) == {johns}
    assert [each.disagreed for each in shadowed.store.read_totals(10)] == [4, 4]


@both
def test_what_is_found_of_a_text_that_was_just_erased_is_not_kept(shadowed: Shadowing) -> None:
    prediction_id = shadowed.predict("of Jane", author=JANE)
    Retention(shadowed.engine).erase(JANE, NOON + MINUTE)
    shadowed.disagree(prediction_id)
    assert kept(shadowed) == set()
    assert shadowed.total().disagreed == 2


@both
def test_what_was_found_before_the_prediction_itself_came_in_is_erased_with_it(shadowed: Shadowing) -> None:
    retention, prediction_id = Retention(shadowed.engine), uuid7()
    shadowed.disagree(prediction_id)
    retention.erase(JANE, shadowed.now + MINUTE)
    shadowed.predict("spooled on another machine", prediction_id=prediction_id, author=JANE)
    with shadowed.engine.begin() as connection:
        connection.execute(text("UPDATE erasures SET requested_at = CURRENT_TIMESTAMP"))
    forget_some(retention, 0.0)
    assert kept(shadowed) == set()


@postgres
def test_an_erasure_waits_for_what_is_being_written(shadowed: Shadowing, wait_for: WaitFor) -> None:
    prediction_id = shadowed.predict("of Jane", author=JANE)
    with shadowed.engine.begin() as connection:
        connection.execute(WAIT_FOR_RETENTION)
        found = FoundDisagreement(prediction_id, "c" * 64, "2", "d" * 64, "positive", 0.7, "negative", NOON)
        connection.execute(ADD_DISAGREEMENT, asdict(found))
        erasing = threading.Thread(target=Retention(shadowed.engine).erase, args=(JANE, NOON + MINUTE))
        erasing.start()
        wait_for(lambda: somebody_waits(shadowed.engine))
    erasing.join()
    assert kept(shadowed) == set()
