"""The classic candidates from the sample to the bundle, and the two whose bundle holds trees."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest

from trainer.bundle import Bundle, write_bundle
from trainer.candidates import CANDIDATES, Candidate, FittedCandidate
from trainer.candidates.tfidf_forest import TfidfForest
from trainer.candidates.tfidf_xgboost import TfidfXgboost
from trainer.candidates.tree_graph import LEAF, Tree, build_tree_graph
from trainer.card import DatasetCard
from trainer.dataset import Dataset, Tweets, load_dataset
from trainer.errors import TrainerError

CLASSIC = ("tfidf_logreg", "tfidf_forest", "tfidf_xgboost")
BINARY, TERNARY = ("negative", "positive"), ("negative", "neutral", "positive")
ODD_TEXTS = ["late", "late late late", "zzz unseen zzz", "", "   ", "😀", "thank you thank you", "a " * 999]


def load_sample(labels: tuple[str, ...]) -> Dataset:
    return load_dataset("sample", data_dir=Path("nowhere"), labels=labels)


def fit(candidate: Candidate, dataset: Dataset, folder: Path) -> FittedCandidate:
    return candidate.fit(dataset.train, dataset.validation, seed=7, checkpoints=folder / "checkpoints")


def export(fitted: FittedCandidate, name: str, dataset: Dataset, folder: Path) -> Bundle:
    return write_bundle(
        folder,
        name=name,
        labels=dataset.labels,
        tokenizer=fitted.tokenizer,
        graph=fitted.export(),
        command="test",
        dataset=DatasetCard(name="sample", fingerprint=dataset.fingerprint, train=0, validation=0, test=0),
    )


def largest_difference(bundle: Bundle, fitted: FittedCandidate, texts: list[str]) -> float:
    return float(np.abs(bundle.classifier.probabilities(texts) - fitted.predict_proba(texts)).max())


def run(graph: onnx.ModelProto, token_ids: list[list[int]]) -> npt.NDArray[np.float32]:
    """Probabilities (texts, labels)."""
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"token_ids": np.array(token_ids, dtype=np.int64)})[0]


def tree(phrases: list[int], absent: list[int], present: list[int], values: list[float], column: int = 0) -> Tree:
    columns = np.full(len(phrases), column)
    return Tree(np.array(phrases), np.array(absent), np.array(present), np.array(values), columns, roots=np.array([0]))


@pytest.mark.parametrize("labels", [BINARY, TERNARY], ids=["two labels", "three labels"])
@pytest.mark.parametrize("name", CLASSIC)
def test_the_bundle_says_what_the_framework_says(name: str, labels: tuple[str, ...], tmp_path: Path) -> None:
    sample = load_sample(labels)
    fitted = fit(CANDIDATES[name], sample, tmp_path)
    bundle = export(fitted, name, sample, tmp_path / "bundle")
    given = bundle.classifier.probabilities(sample.test.texts)
    assert given.shape == (len(sample.test), len(labels))
    assert largest_difference(bundle, fitted, sample.test.texts + ODD_TEXTS) < 1e-5
    # Better than always saying the most frequent label, by more than chance.
    assert (given.argmax(axis=1) == sample.test.labels).mean() > np.bincount(sample.test.labels).max() / len(
        given
    ) + 0.05
    # A second fit is the same bundle, byte for byte.
    assert export(fit(CANDIDATES[name], sample, tmp_path), name, sample, tmp_path / "again").digest == bundle.digest


@pytest.mark.parametrize("recipe", [TfidfForest(trees=20), TfidfXgboost(max_rounds=20)], ids=lambda recipe: recipe.name)
def test_any_number_of_threads_gives_the_same_bundle(recipe: TfidfForest | TfidfXgboost, tmp_path: Path) -> None:
    sample = load_sample(TERNARY)
    digests = {
        export(fit(replace(recipe, n_jobs=threads), sample, tmp_path), recipe.name, sample, tmp_path / "bundle").digest
        for threads in (1, 2)
    }
    assert len(digests) == 1


def test_another_seed_is_another_forest(tweets: Tweets, tmp_path: Path) -> None:
    graphs = {
        TfidfForest(trees=5)
        .fit(tweets, tweets, seed=seed, checkpoints=tmp_path)
        .export()
        .SerializeToString(deterministic=True)
        for seed in (7, 8)
    }
    assert len(graphs) == 2


def test_boosting_stops_when_the_validation_loss_rises_and_ships_the_best_round(tmp_path: Path) -> None:
    fitted = fit(TfidfXgboost(max_rounds=300, patience=5), load_sample(BINARY), tmp_path)
    losses = [row["validation_loss"] for row in fitted.history]
    assert [row["round"] for row in fitted.history] == list(range(1, len(losses) + 1))
    assert fitted.parameters["rounds"] == int(np.argmin(losses)) + 1 == len(losses) - 5
    assert fitted.history[-1]["train_loss"] < fitted.history[0]["train_loss"]
    (ensemble,) = [node for node in fitted.export().graph.node if node.op_type == "TreeEnsemble"]
    (roots,) = [attribute.ints for attribute in ensemble.attribute if attribute.name == "tree_roots"]
    assert len(roots) == fitted.parameters["rounds"]


def test_without_xgboost_it_says_how_to_install_it(
    tweets: Tweets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xgboost", None)
    with pytest.raises(TrainerError, match="uv sync --all-packages --extra trees"):
        CANDIDATES["tfidf_xgboost"].fit(tweets, tweets, seed=7, checkpoints=tmp_path)


def test_the_graph_counts_no_phrase_that_no_tree_asks_for() -> None:
    graph = build_tree_graph(
        [[5], [2, 3], [4]],
        [tree([2, LEAF, 1, LEAF, LEAF], [1, 1, 3, 3, 4], [2, 1, 4, 3, 4], [0, -1, 0, 1, 2])],
        temperature=1.0,
        are_votes=False,
    )
    (pool,) = [each.ints for each in graph.graph.node[0].attribute if each.name == "pool_int64s"]
    assert list(pool) == [4, 2, 3]
    # Neither phrase, the first, both (the first twice).
    odds = run(graph, [[9, 9, 9, 9], [4, 9, 9, 9], [4, 2, 3, 4]])[:, 1]
    np.testing.assert_allclose(odds, 1 / (1 + np.exp([1, -1, -2])), rtol=1e-6)


def test_trees_without_a_question_still_make_a_model() -> None:
    leaves = [tree([LEAF], [-1], [-1], [value], column) for column, value in enumerate([0.2, 0.3, 0.5])]
    graph = build_tree_graph([[2], [2, 3]], leaves, temperature=1.0, are_votes=True)
    np.testing.assert_allclose(run(graph, [[2, 3]]), [[0.2, 0.3, 0.5]], rtol=1e-6)


def test_a_unanimous_forest_is_not_infinitely_sure() -> None:
    graph = build_tree_graph([[2]], [tree([LEAF], [-1], [-1], [1.0])], temperature=0.05, are_votes=True)
    assert np.isfinite(run(graph, [[2]])).all()


@pytest.mark.data
@pytest.mark.parametrize("recipe", [TfidfForest(trees=20), TfidfXgboost(max_rounds=20)], ids=lambda recipe: recipe.name)
def test_parity_on_real_tweets(recipe: Candidate, data_dir: Path, tmp_path: Path) -> None:
    dataset = load_dataset("sentiment140", data_dir=data_dir, limit=10_000)
    fitted = fit(recipe, dataset, tmp_path)
    bundle = export(fitted, recipe.name, dataset, tmp_path / "bundle")
    assert largest_difference(bundle, fitted, dataset.train.texts) < 1e-5
