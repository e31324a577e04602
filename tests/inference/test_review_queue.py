"""Which tweets are put before a person, and in which order: told from what is stored, without a database."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from inference.audit import is_audited, lot_of
from inference.review_queue import Pick, choose, distance, plain
from inference.review_store import Candidates, is_contested
from inference.store import StoredPrediction
from tests.inference.shadowing import load

Make = Callable[..., Path]
NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
NONE = Candidates([], [], [])


def prediction(
    text: str,
    negative: float = 0.9,
    *,
    abstained: bool = False,
    at: datetime = NOW,
    prediction_id: UUID | None = None,
    digest: str = "d" * 64,
) -> StoredPrediction:
    shares = {"negative": negative, "positive": 1 - negative}
    label = max(shares, key=shares.__getitem__)
    named = (prediction_id or uuid7(), text, label, shares[label], shares, abstained)
    return StoredPrediction(*named, "m", "1", digest, at)


def drawn(share: float, *, is_drawn: bool) -> UUID:
    return next(each for each in iter(uuid7, None) if is_audited(each, share) is is_drawn)


def texts(picks: Sequence[Pick]) -> list[str]:
    return [pick.prediction.text for pick in picks]


def test_the_reasons_take_turns_until_there_are_enough(make_bundle: Make) -> None:
    share = 0.5
    audited = [prediction(f"lot {number}", prediction_id=drawn(share, is_drawn=True)) for number in range(9)]
    others = [prediction(f"late {number}", prediction_id=drawn(share, is_drawn=False)) for number in range(9)]
    contested = [prediction(f"contested {number}") for number in range(9)]
    candidates = Candidates([*audited, *others], contested, [])
    picks = choose(candidates, load(make_bundle()), share, NOW, 9)
    assert [pick.why for pick in picks] == ["audit", "disputed", "uncertain", "novel"] * 2 + ["audit"]


def test_where_a_reason_has_no_more_the_others_fill_up() -> None:
    candidates = Candidates([prediction(f"late {number}") for number in range(5)], [prediction("both")], [])
    assert [pick.why for pick in choose(candidates, None, 0.0, NOW, 4)] == ["disputed"] + ["uncertain"] * 3
    assert len(choose(candidates, None, 0.0, NOW, 100)) == 6


def test_nothing_to_look_at_is_an_empty_queue(make_bundle: Make) -> None:
    assert choose(NONE, load(make_bundle()), 1.0, NOW, 20) == []


def test_the_nearest_to_the_threshold_is_the_most_uncertain_and_before_it_what_the_model_left_open() -> None:
    far, near, middle = prediction("far", 0.95), prediction("near", 0.45), prediction("middle", 0.7)
    open_ = prediction("open", 0.4, abstained=True)
    picks = choose(Candidates([far, near, middle, open_], [], []), None, 0.0, NOW, 20)
    assert texts(picks) == ["open", "near", "middle", "far"]


def test_the_threshold_is_that_of_the_model_that_answered(make_bundle: Make) -> None:
    served = load(make_bundle(changes={"threshold": 0.8}))
    assert distance(prediction("late", 0.9, digest=served.classifier.digest), served) == pytest.approx(0.1)
    assert distance(prediction("late", 0.9), served) == pytest.approx(0.4)
    assert distance(prediction("late", 0.9), None) == pytest.approx(0.4)


def test_of_three_labels_negative_is_weighed_against_the_strongest() -> None:
    three = replace(prediction("late"), probabilities={"negative": 0.4, "neutral": 0.5, "positive": 0.1})
    assert distance(three, None) == pytest.approx(0.5 - 4 / 9)


def test_words_that_the_served_model_does_not_know_are_novel(make_bundle: Make) -> None:
    served = load(make_bundle())
    known, some = prediction("late great thanks", 0.6), prediction("late zeppelin")
    all_ = prediction("zeppelin ballast")
    picks = choose(Candidates([known, some, all_], [], []), served, 0.0, NOW, 20)
    assert {pick.prediction.text for pick in picks if pick.why == "novel"} <= {"late zeppelin", "zeppelin ballast"}
    assert picks[:2] == [Pick(known, "uncertain"), Pick(all_, "novel")]
    assert all(pick.why == "uncertain" for pick in choose(Candidates([some, all_], [], []), None, 0.0, NOW, 20))


def test_a_text_is_shown_once_however_it_is_spelled(make_bundle: Make) -> None:
    copies = [
        "Late AGAIN  @ann http://t.co/a",
        "late again @bob https://example.org/b",
        "ｌate again @ann http://t.co/c",
    ]
    assert len({plain(each) for each in copies}) == 1
    candidates = Candidates([prediction(each) for each in (*copies, "late")], [prediction(copies[0])], [])
    picks = choose(candidates, load(make_bundle()), 0.0, NOW, 20)
    assert sorted(plain(each) for each in texts(picks)) == ["late", plain(copies[0])]


def test_a_prediction_that_is_worth_it_twice_is_shown_once(make_bundle: Make) -> None:
    both = prediction("zeppelin", 0.5, abstained=True)
    picks = choose(Candidates([both], [], [both]), load(make_bundle()), 0.0, NOW, 20)
    assert picks == [Pick(both, "disputed")]


def test_copies_stay_in_the_lot_because_it_would_be_another_lot_without_them() -> None:
    copies = [prediction("late") for _ in range(10)]
    assert [pick.why for pick in choose(Candidates(copies, [], []), None, 1.0, NOW, 20)] == ["audit"] * 10


def test_what_is_shown_first_of_the_lot_does_not_depend_on_what_the_tweets_say(make_bundle: Make) -> None:
    """The same ids with other texts, other labels, other doubts: the same ones come first."""
    served, share = load(make_bundle()), 0.3
    ids = [uuid7() for _ in range(60)]
    dull = [prediction("late", 0.99, prediction_id=each) for each in ids]
    odd = [prediction(f"zeppelin {number}", 0.5, abstained=True, prediction_id=each) for number, each in enumerate(ids)]
    mixed = [pair[number % 2] for number, pair in enumerate(zip(dull, odd, strict=True))]
    lots = []
    for given in (dull, odd, mixed):
        # Though a challenger may disagree with whatever it likes.
        picks = choose(Candidates(given, [], given[::3]), served, share, NOW, 20)
        assert all((pick.why == "audit") is is_audited(pick.prediction.prediction_id, share) for pick in picks)
        lots.append([pick.prediction.prediction_id for pick in picks if pick.why == "audit"])
    shortest = min(map(len, lots))
    assert shortest >= 5
    expected = sorted((each for each in ids if is_audited(each, share)), key=lot_of)
    assert all(lot == expected[: len(lot)] for lot in lots)


def test_who_asks_again_gets_the_same(make_bundle: Make) -> None:
    served = load(make_bundle())
    given = [prediction(f"late zeppelin {number}") for number in range(40)]
    first = choose(Candidates(given, [], given[5:9]), served, 0.1, NOW, 20)
    again = choose(Candidates(given[::-1], [], given[5:9][::-1]), served, 0.1, NOW + timedelta(hours=5), 20)
    assert first == again


def test_those_of_the_last_day_are_enough() -> None:
    old = [prediction(f"old {number}", at=NOW - timedelta(hours=25)) for number in range(3)]
    young = prediction("young", at=NOW - timedelta(hours=23))
    assert texts(choose(Candidates([young, *old], [], old[:1]), None, 1.0, NOW, 20)) == ["young"]
    assert len(choose(Candidates(old, [], []), None, 1.0, NOW, 20)) == 3


ANN, BOB, EVE = "a" * 64, "b" * 64, "e" * 64


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], False),
        ([("confirmed", None)], False),
        ([("confirmed", None), ("rejected", None)], True),
        ([("rejected", ANN), ("confirmed", BOB)], True),
        # Settled by a third, or one of the two thought better of it.
        ([("rejected", ANN), ("confirmed", BOB), ("confirmed", EVE)], False),
        ([("rejected", ANN), ("confirmed", BOB), ("confirmed", ANN)], False),
        # One person alone contradicts nobody.
        ([("rejected", ANN), ("confirmed", ANN)], False),
        ([("rejected", ANN), ("rejected", BOB)], False),
    ],
)
def test_people_contradict_each_other_where_as_many_confirm_as_reject(
    said: list[tuple[str, str]], expected: bool
) -> None:
    assert is_contested(said) is expected  # type: ignore[arg-type]
