"""The guards over what people say, on made-up verdicts."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.feedback import Correction
from trainer.poisoning import NO_FLOOD, SHOWN, UNNAMED, Rules, Screening, UnknownPerson, find_people, person, screen

RULES = Rules(reviewer_share=0.25, at_least=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = count()
OTHER = {"negative": "positive", "positive": "negative"}


def said(tweet: int, label: str = "negative", by: str | None = "ada", predicted: str = "negative") -> Correction:
    return Correction(
        prediction_id=f"prediction-{next(NUMBERS):06d}",
        text=f"tweet {tweet}",
        label=label,
        reviewer=by,
        predicted_label=predicted,
        model_version="1",
        created_at=START + timedelta(seconds=tweet % 7),
        audited=False,
        key=f"tweet {tweet}",
    )


def crowd(tweets: int, people: int = 5, start: int = 0) -> list[Correction]:
    """So many tweets, judged by some people in turn."""
    return [said(tweet, by=f"person-{tweet % people}") for tweet in range(start, start + tweets)]


def reasons(screening: Screening) -> dict[str, int]:
    return {each.reason: each.corrections for each in screening.left_out}


def test_what_nobody_objects_to_is_kept() -> None:
    found = screen(crowd(100), RULES)
    assert len(found.kept) == 100
    assert (found.left_out, found.distrusted, found.refusals) == ([], [], [])
    assert [each.labels for each in found.contributors] == [20] * 5


def test_one_persons_flood_refuses_the_batch_and_says_what_to_do() -> None:
    flood = [said(tweet, "positive", by="f" * 64) for tweet in range(1000, 3000)]
    [refusal] = screen(crowd(100) + flood, RULES).refusals
    assert f"{'f' * SHOWN} labelled 2,000 tweets, 95% of the batch, and one person may label 25%" in refusal
    assert "2,000 of these labels contradict the model" in refusal
    assert f"--without {'f' * SHOWN}" in refusal and f"--trust {'f' * SHOWN}" in refusal


def test_whoever_leaves_the_name_out_is_one_person_with_all_others_who_do() -> None:
    [refusal] = screen(crowd(100) + [said(tweet, by=None) for tweet in range(1000, 1100)], RULES).refusals
    assert refusal.startswith(f"{UNNAMED} labelled 100 tweets, 50%")


def test_a_few_labels_of_one_person_are_no_flood() -> None:
    assert screen([said(tweet) for tweet in range(NO_FLOOD)], RULES).refusals == []
    assert screen([said(tweet) for tweet in range(NO_FLOOD + 1)], RULES).refusals


@pytest.mark.parametrize("name", ["mallory", None])
def test_who_is_vouched_for_may_give_all(name: str | None) -> None:
    flood = [said(tweet, by=name) for tweet in range(500)]
    rules = Rules(0.25, 1, trusted=find_people([name or UNNAMED], flood))
    assert len(screen(flood, rules).kept) == 500 and not screen(flood, rules).refusals


def test_who_is_left_out_is_counted_and_the_rest_is_kept() -> None:
    found = screen(
        crowd(100) + [said(tweet, by="mallory") for tweet in range(1000, 2000)],
        Rules(0.25, 1, without=frozenset({"mallory"})),
    )
    assert reasons(found) == {"by people left out with --without": 1000}
    assert len(found.kept) == 100 and not found.refusals


def test_two_names_for_the_same_labels_do_not_halve_the_share() -> None:
    twice = [said(tweet, by=name) for tweet in range(100) for name in ("mallory", None)]
    assert len(screen(twice, RULES).refusals) == 2


def test_a_tweet_with_two_labels_is_left_out() -> None:
    found = screen([*crowd(60), said(3, "positive", by="zoe")], RULES)
    assert reasons(found) == {"the same tweet got different labels": 2}
    assert "tweet 3" not in {each.key for each in found.kept}


def test_a_tweet_that_is_said_again_counts_once() -> None:
    found = screen([*crowd(60), said(3, by="zoe"), said(3, by="zoe")], RULES)
    assert reasons(found) == {"the same tweet again, with the same label": 2}
    assert len(found.kept) == 60


def test_who_contradicts_most_of_what_others_say_is_left_out_and_named() -> None:
    contradicting = [said(tweet, "positive", by="mallory") for tweet in range(30)]
    found = screen(crowd(100) + contradicting, RULES)
    assert found.distrusted == ["mallory"]
    assert reasons(found) == {"by people who contradict most of what others say": 30}
    assert len(found.kept) == 100


def test_who_contradicts_others_less_often_stays() -> None:
    mixed = [said(tweet, "positive" if tweet < 9 else "negative", by="zoe") for tweet in range(30)]
    found = screen(crowd(100) + mixed, RULES)
    assert found.distrusted == []
    assert reasons(found)["the same tweet got different labels"] == 18


def test_a_liar_does_not_make_honest_people_look_like_liars() -> None:
    """Each of five is contradicted on all that they share with anybody, by one and the same person."""
    found = screen(crowd(50) + [said(tweet, "positive", by="mallory") for tweet in range(50)], RULES)
    assert found.distrusted == ["mallory"]
    assert len(found.kept) == 50


def test_of_two_who_only_contradict_each_other_neither_is_believed() -> None:
    pair = [
        said(tweet, label, by=by) for tweet in range(20) for by, label in (("ada", "negative"), ("ben", "positive"))
    ]
    assert screen(pair, RULES).distrusted == ["ada", "ben"]
    assert screen(pair, Rules(0.25, 1, trusted=frozenset({"ada"}))).distrusted == ["ben"]


def test_whoever_says_both_of_one_tweet_says_nothing_of_it() -> None:
    both = [said(tweet, label, by="zoe") for tweet in range(20) for label in OTHER]
    found = screen(crowd(60, start=100) + both, RULES)
    assert found.distrusted == [] and len(found.kept) == 60


def test_what_the_original_data_contradicts_is_left_out() -> None:
    found = screen(crowd(60), RULES, known={"tweet 3": "positive", "tweet 4": "negative"})
    assert reasons(found) == {
        "the original data gives the tweet another label": 1,
        "in the original data already": 1,
    }


def test_who_contradicts_the_original_data_too_often_refuses_the_batch() -> None:
    known = {f"tweet {tweet}": "negative" for tweet in range(1000, 1040)}
    lies = [said(tweet, "positive", by="mallory") for tweet in range(1000, 1020)]
    truths = [said(tweet, "negative", by="mallory") for tweet in range(1020, 1040)]
    [refusal] = screen(crowd(60) + lies + truths, RULES, known=known).refusals
    assert "mallory contradicts the original data on 20 of the 40 tweets whose label is known" in refusal
    assert not screen(crowd(60) + lies[:19] + truths, RULES, known=known).refusals
    trusted = Rules(0.25, 1, trusted=frozenset({"mallory"}))
    found = screen(crowd(60) + lies + truths, trusted, known=known)
    assert not found.refusals and len(found.kept) == 60  # who is vouched for, but not what is known


def test_a_test_stays_a_test() -> None:
    found = screen(crowd(60), RULES, tests={"tweet 3", "tweet 1000"})
    assert reasons(found) == {"in a test set, and stay there": 1}


def test_too_few_are_refused_and_counted() -> None:
    [refusal] = screen(crowd(49), Rules(0.25, 50)).refusals
    assert refusal == "49 labels can be learned from, fewer than 50 (TRAINER_RETRAIN_AT_LEAST): wait for more"
    assert screen([], Rules(0.25, 50)).refusals[0].startswith("0 labels")


def test_people_are_found_by_the_beginning_that_is_shown() -> None:
    batch = [said(1, by="a" * 64), said(2, by="a" * 20 + "b" * 44), said(3, by="c" * 64)]
    assert find_people(["c" * SHOWN], batch) == {"c" * 64}
    assert find_people(["c" * 64, UNNAMED], batch) == {"c" * 64, UNNAMED}
    for wrong in ("jane", "c", "a" * SHOWN):
        with pytest.raises(UnknownPerson, match="pseudonym"):
            find_people([wrong], batch)


verdicts = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from(list(OTHER)), st.sampled_from(["ada", "ben", "cleo", "dan", None])),
    max_size=150,
).map(lambda told: [said(tweet, label, by=by) for tweet, label, by in told])


@settings(max_examples=150, deadline=None)
@given(verdicts, st.integers(0, 400), st.integers(0, 2**32))
def test_the_order_of_the_verdicts_does_not_matter(batch: list[Correction], flood: int, seed: int) -> None:
    batch = [*batch, *(said(tweet, "positive", by="mallory") for tweet in range(100, 100 + flood))]
    known = {f"tweet {tweet}": "negative" for tweet in range(0, 300, 3)}
    shuffled = random.Random(seed).sample(batch, len(batch))
    assert screen(shuffled, RULES, known=known, tests={"tweet 7"}) == screen(
        batch, RULES, known=known, tests={"tweet 7"}
    )


@settings(max_examples=150, deadline=None)
@given(verdicts, st.integers(0, 1000), st.sampled_from(["mallory", None]), st.sampled_from(list(OTHER)))
def test_one_persons_flood_never_gets_more_than_the_cap(
    batch: list[Correction], flood: int, name: str | None, label: str
) -> None:
    found = screen([*batch, *(said(tweet, label, by=name) for tweet in range(flood))], RULES)
    if not found.refusals:
        most = max(NO_FLOOD, RULES.reviewer_share * len(found.kept))
        assert all(labels <= most for labels in Counter(map(person, found.kept)).values())


@settings(max_examples=100, deadline=None)
@given(verdicts)
def test_every_verdict_is_kept_or_counted(batch: list[Correction]) -> None:
    found = screen(batch, RULES, known={"tweet 5": "negative"}, tests={"tweet 7"})
    assert len(found.kept) + sum(each.corrections for each in found.left_out) == len(batch)
    labels = {each.key: each.label for each in found.kept}
    assert len(labels) == len(found.kept) and "tweet 5" not in labels and "tweet 7" not in labels
