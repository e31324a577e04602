"""The tag `figures`: read where the trainer wrote it, none where anybody else did."""

import json

import pytest

from inference.version_figures import read_figures

AIRLINE = {
    "dataset": "us_airline",
    "split": "test",
    "size": 1092,
    "accuracy": 0.9322,
    "accuracy_low": 0.9158,
    "accuracy_high": 0.9457,
    "macro_f1": 0.8905,
}
FIGURES = {"metrics": [AIRLINE], "microseconds": 63.8, "megabytes": 4.552}


def test_figures_are_read_as_they_were_written() -> None:
    found = read_figures(json.dumps(FIGURES))
    assert found is not None
    assert found.model_dump(mode="json") == FIGURES


def test_a_bundle_that_was_never_evaluated_has_costs_alone() -> None:
    found = read_figures(json.dumps(FIGURES | {"metrics": []}))
    assert found is not None
    assert (found.metrics, found.microseconds) == ([], 63.8)


def test_what_a_later_trainer_adds_is_passed_over() -> None:
    later = FIGURES | {"metrics": [AIRLINE | {"auc": 0.967}], "joules": 0.1}
    assert read_figures(json.dumps(later)) == read_figures(json.dumps(FIGURES))


@pytest.mark.parametrize(
    "tag",
    [
        None,
        "",
        "seen on a slide",
        "[]",
        "{}",
        "null",
        json.dumps(FIGURES)[:-1],
        '{"metrics": [], "microseconds": NaN, "megabytes": 1}',
        '{"metrics": [], "microseconds": 1e999, "megabytes": 1}',
        '{"metrics": [], "microseconds": "64", "megabytes": 1}',
        "[" * 5000,
    ],
)
def test_what_is_not_the_trainers_is_none(tag: str | None) -> None:
    assert read_figures(tag) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"microseconds": 0},
        {"microseconds": -1},
        {"megabytes": 0},
        {"megabytes": None},
        {"metrics": None},
        {"metrics": AIRLINE},
        {"metrics": [AIRLINE] * 101},
    ],
)
def test_costs_and_sets_that_cannot_be_are_none(changes: dict[str, object]) -> None:
    assert read_figures(json.dumps(FIGURES | changes)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"accuracy": 93.22},
        {"accuracy": -0.1},
        {"accuracy_low": None},
        {"macro_f1": "0.89"},
        {"macro_f1": float("nan")},
        {"size": 0},
        {"size": 10.5},
        {"dataset": ""},
        {"dataset": "x" * 301},
        {"split": 1},
    ],
)
def test_one_set_that_cannot_be_makes_all_of_it_none(changes: dict[str, object]) -> None:
    assert read_figures(json.dumps(FIGURES | {"metrics": [AIRLINE | changes]})) is None
