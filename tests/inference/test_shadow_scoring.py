"""The challenger beside the champion: what is compared, at what cost, and whatever goes wrong with either."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from inference.champion import ServedModel
from inference.classifier import Classifier
from inference.decision import Classification
from inference.errors import ModelFailed, Unavailable
from inference.shadow_scoring import (
    BATCH_TEXTS,
    REST_SHARE,
    TURN_SECONDS,
    TURN_TEXTS,
    ShadowScorer,
    build_shadow_job,
)
from inference.shadow_store import ShadowStore
from tests.inference.roles import superuser
from tests.inference.shadowing import NOON, OTHER_WEIGHTS, Shadowing, load, shadowing
from tests.inference.stored import everything_in

Make = Callable[..., Path]
Answers = list[Classification | None]
both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
SICK = [0.0, 0.0, 2.0, float("nan"), -2.0, -3.0, 0.0]
GOLDEN = [{"text": "late", "probabilities": [0.8807971, 0.1192029]}]


@pytest.fixture
def champion(make_bundle: Make) -> ServedModel:
    return load(make_bundle("champion"))


@pytest.fixture
def challenger(make_bundle: Make) -> ServedModel:
    return load(make_bundle("challenger", weights=OTHER_WEIGHTS), "2")


@pytest.fixture
def shadowed(database_url: str, challenger: ServedModel) -> Iterator[Shadowing]:
    with shadowing(database_url) as shadowed:
        shadowed.shadow.challenger = challenger
        yield shadowed


@both
def test_texts_of_which_the_two_say_something_else_are_found(
    shadowed: Shadowing, champion: ServedModel, challenger: ServedModel
) -> None:
    late, _, again = shadowed.note(champion, "late", "lost", "late again")
    shadowed.look()
    total = shadowed.total()
    assert (total.compared, total.disagreed, total.dropped) == (3, 2, 0)
    assert (total.challenger_version, total.champion_version) == ("2", "1")
    assert total.pair == (challenger.classifier.digest, champion.classifier.digest)
    assert 0 < total.challenger_seconds < 1 and 0 < total.champion_seconds < 1
    found = shadowed.store.read_disagreements(total, 10)
    assert {each.prediction_id for each in found} == {late, again}
    assert {(each.champion_label, each.label) for each in found} == {("negative", "positive")}


def test_what_is_found_lies_within_the_times_of_its_sum_though_the_clock_goes_on(
    shadowed: Shadowing, champion: ServedModel
) -> None:
    moments = iter(NOON + timedelta(seconds=number) for number in range(1000))
    scorer = ShadowScorer(shadowed.shadow, shadowed.store, shadowed.metrics, lambda: next(moments))
    shadowed.note(champion, *["late"] * (BATCH_TEXTS + 1))
    scorer.look()
    total = shadowed.total()
    found = shadowed.store.read_disagreements(total, 1000)
    assert len(found) == total.disagreed == BATCH_TEXTS + 1
    assert {total.since, total.until} == {each.created_at for each in found}


@both
def test_the_text_is_nowhere_in_the_database(shadowed: Shadowing, champion: ServedModel, database_url: str) -> None:
    shadowed.note(champion, "late c4n4ry")
    shadowed.look()
    assert shadowed.total().disagreed == 1
    assert "c4n4ry" not in everything_in(database_url)


def test_both_are_timed_on_every_text_though_the_champion_has_just_answered_it(
    shadowed: Shadowing, champion: ServedModel, challenger: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[tuple[str, int]] = []
    anew = Classifier.predict_anew

    def note_turn(self: Classifier, texts: Sequence[str]) -> Answers:
        order.append(("challenger" if self is challenger.classifier else "champion", len(texts)))
        return anew(self, texts)

    shadowed.note(champion, *["late"] * (BATCH_TEXTS + 3))
    monkeypatch.setattr(Classifier, "predict_anew", note_turn)
    shadowed.look()
    assert order == [
        *(("challenger", BATCH_TEXTS), ("champion", BATCH_TEXTS)),
        *(("champion", 3), ("challenger", 3)),
    ]


def test_a_label_that_the_champion_does_not_have_is_a_disagreement(
    shadowed: Shadowing, champion: ServedModel, make_bundle: Make
) -> None:
    three = make_bundle("three", labels=("negative", "neutral", "positive"), weights=[0, 0, 2, 3, -2, -3, 0])
    shadowed.shadow.challenger = load(three, "3")
    shadowed.note(champion, "late", "great")
    shadowed.look()
    [found] = shadowed.store.read_disagreements(shadowed.total(), 10)
    assert (found.champion_label, found.label) == ("positive", "neutral")


def test_what_the_caller_was_told_counts_and_not_what_a_second_look_gives(
    shadowed: Shadowing, champion: ServedModel
) -> None:
    shadowed.shadow.note("01a2173c-beca-77e1-9407-57b5444f56d0", "lost", "positive", champion)
    shadowed.look()
    assert shadowed.total().disagreed == 1


def test_what_found_no_room_is_in_the_sum(
    shadowed: Shadowing, champion: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.shadow.MOST_KEPT", 3)
    for _ in range(2):
        shadowed.note(champion, *["late"] * 5)
        shadowed.look()
    assert (shadowed.total().compared, shadowed.total().dropped) == (6, 4)


def test_a_challenger_that_is_replaced_has_a_sum_of_its_own(
    shadowed: Shadowing, champion: ServedModel, make_bundle: Make
) -> None:
    shadowed.note(champion, "late")
    shadowed.look()
    shadowed.shadow.challenger = load(make_bundle("third", changes={"name": "gru"}), "3")
    shadowed.note(champion, "late")
    shadowed.look()
    totals = {total.challenger_version: total.disagreed for total in shadowed.store.read_totals(10)}
    assert totals == {"2": 1, "3": 0}


def test_a_challenger_that_was_promoted_meanwhile_is_not_compared_with_itself(
    shadowed: Shadowing, champion: ServedModel, challenger: ServedModel
) -> None:
    shadowed.note(champion, "late")
    shadowed.note(replace(challenger), "late")
    shadowed.look()
    assert shadowed.total().compared == 1
    assert shadowed.shadow.take() is None


def test_what_waits_when_the_challenger_goes_is_not_scored(shadowed: Shadowing, champion: ServedModel) -> None:
    shadowed.note(champion, "late")
    shadowed.shadow.challenger = None
    shadowed.look()
    assert shadowed.store.read_totals(10) == []


# Whatever goes wrong


class Panic(BaseException):
    """What a panic of the tokenizer's Rust code is in Python."""


@pytest.mark.parametrize("error", [Panic, ModelFailed, RuntimeError])
def test_a_challenger_that_fails_on_a_text_is_compared_on_the_others(
    shadowed: Shadowing,
    champion: ServedModel,
    challenger: ServedModel,
    error: type[BaseException],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(texts: Sequence[str]) -> Answers:
        if "lost" in texts:
            raise error
        return Classifier.predict_anew(challenger.classifier, texts)

    monkeypatch.setattr(challenger.classifier, "predict_anew", fail)
    _, _, late = shadowed.note(champion, "lost", "lost", "late")
    with caplog.at_level(logging.ERROR):
        shadowed.look()
    # It gave another answer than the champion: none.
    assert (shadowed.total().compared, shadowed.total().disagreed) == (3, 3)
    assert [each.prediction_id for each in shadowed.store.read_disagreements(shadowed.total(), 10)] == [late]
    assert [record.message.split()[0] for record in caplog.records] == ["challenger_failed"]
    assert b"inference_shadow_failed_total 2.0" in shadowed.metrics.render()
    assert champion.classifier.predict(["late"])[0].label == "negative"


def test_a_probability_that_is_no_number_is_a_failure(
    shadowed: Shadowing, champion: ServedModel, make_bundle: Make
) -> None:
    shadowed.shadow.challenger = load(make_bundle("sick", weights=SICK, changes={"golden": GOLDEN}), "3")
    shadowed.note(champion, "lost", "late")
    shadowed.look()
    assert (shadowed.total().compared, shadowed.total().disagreed) == (2, 1)
    assert shadowed.store.read_disagreements(shadowed.total(), 10) == []


def test_a_champion_that_fails_on_a_second_look_says_nothing_of_the_challenger(
    shadowed: Shadowing, champion: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(texts: Sequence[str]) -> Answers:
        if "lost" in texts:
            raise ModelFailed
        return Classifier.predict_anew(champion.classifier, texts)

    monkeypatch.setattr(champion.classifier, "predict_anew", fail)
    shadowed.note(champion, "lost")
    shadowed.look()
    assert shadowed.store.read_totals(10) == []
    shadowed.note(champion, "lost", "late")
    shadowed.look()
    assert shadowed.total().compared == 1


@both
def test_what_could_not_be_written_is_written_later_once_and_nothing_is_scored_before(
    shadowed: Shadowing, champion: ServedModel
) -> None:
    shadowed.note(champion, "late")
    with superuser(shadowed.engine) as connection:
        connection.execute(text("ALTER TABLE shadow_totals RENAME TO hidden"))
    try:
        for _ in range(3):
            shadowed.note(champion, "late")
            with pytest.raises(Unavailable):
                shadowed.look()
    finally:
        with superuser(shadowed.engine) as connection:
            connection.execute(text("ALTER TABLE hidden RENAME TO shadow_totals"))
    shadowed.look()
    # What the first look took: the one before, and the first of the loop.
    assert (shadowed.total().compared, shadowed.total().disagreed) == (2, 2)
    shadowed.look()
    assert (shadowed.total().compared, shadowed.total().disagreed) == (4, 4)
    assert b"inference_shadow_compared_total 4.0" in shadowed.metrics.render()
    assert b"inference_shadow_disagreed_total 4.0" in shadowed.metrics.render()


def test_what_the_database_will_never_take_does_not_hold_back_the_rest(
    shadowed: Shadowing, champion: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError

    with monkeypatch.context() as broken:
        broken.setattr(ShadowStore, "write", refuse)
        shadowed.note(champion, "late")
        with pytest.raises(ValueError):
            shadowed.look()
    shadowed.note(champion, "late")
    shadowed.look()
    assert shadowed.total().compared == 1


# What it may cost


def test_a_turn_ends_after_a_while_and_then_it_rests_four_times_as_long(
    shadowed: Shadowing, champion: ServedModel, challenger: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_long(texts: Sequence[str]) -> Answers:
        time.sleep(len(texts) * TURN_SECONDS / 4)
        return Classifier.predict_anew(challenger.classifier, texts)

    monkeypatch.setattr(challenger.classifier, "predict_anew", take_long)
    # As it would have been measured when the bundle was verified.
    monkeypatch.setattr(challenger.classifier, "seconds_per_text", TURN_SECONDS / 4)
    shadowed.note(champion, *["late"] * 20)
    began = time.monotonic()
    shadowed.look()
    took = time.monotonic() - began
    compared = shadowed.total().compared
    assert 2 <= compared <= 6
    assert shadowed.scorer._rests_until == pytest.approx(began + (1 + REST_SHARE) * took, abs=0.5)
    assert shadowed.scorer.look() is False
    assert shadowed.total().compared == compared


def test_a_model_that_takes_longer_than_a_turn_is_given_one_text_at_a_time(
    shadowed: Shadowing, champion: ServedModel, challenger: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def note_size(texts: Sequence[str]) -> Answers:
        sizes.append(len(texts))
        return Classifier.predict_anew(challenger.classifier, texts)

    monkeypatch.setattr(challenger.classifier, "predict_anew", note_size)
    monkeypatch.setattr(challenger.classifier, "seconds_per_text", 60.0)
    shadowed.note(champion, *["late"] * 5)
    shadowed.look()
    assert set(sizes) == {1}


def test_a_batch_may_be_of_two_champions(shadowed: Shadowing, champion: ServedModel, make_bundle: Make) -> None:
    third = load(make_bundle("third", changes={"name": "gru"}), "3")
    shadowed.note(champion, "late", "lost")
    shadowed.note(third, "late")
    shadowed.look()
    totals = {total.champion_version: (total.compared, total.disagreed) for total in shadowed.store.read_totals(10)}
    assert totals == {"1": (2, 1), "3": (1, 1)}


def test_a_turn_ends_after_so_many_texts(
    shadowed: Shadowing, champion: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.shadow_scoring.TURN_SECONDS", 60)
    shadowed.note(champion, *["late"] * (TURN_TEXTS + 1))
    shadowed.look()
    assert TURN_TEXTS % BATCH_TEXTS == 0
    assert shadowed.total().compared == TURN_TEXTS
    shadowed.look()
    assert shadowed.total().compared == TURN_TEXTS + 1


def test_verdicts_do_not_wake_it(shadowed: Shadowing) -> None:
    job = build_shadow_job(shadowed.shadow, shadowed.store, shadowed.metrics)
    assert (job.name, job.is_woken) == ("shadow", False)
    assert job.work() is False
