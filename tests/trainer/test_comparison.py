"""`trainer compare`: bundles side by side on the same tweets, and what their fits left beside them."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient
from sklearn.metrics import f1_score
from typer.testing import CliRunner

from trainer import comparison, comparison_report, significance
from trainer.__main__ import app
from trainer.bundle import Bundle, BundleRefused, load_bundle, write_bundle
from trainer.candidates import CANDIDATES, FittedCandidate
from trainer.card import DatasetCard
from trainer.comparison_results import Comparison, Group, read_results, write_results
from trainer.dataset import Tweets, load_dataset
from trainer.errors import TrainerError
from trainer.figures import marks
from trainer.fit_record import FILE, FitRecord, read_record, write_record
from trainer.memory import forget_peak, peak_megabytes, resident_megabytes
from trainer.plots import draw_history
from trainer.settings import Settings
from trainer.training import train

BINARY, THREE_CLASS = ("negative", "positive"), ("negative", "neutral", "positive")
HISTORY = [{"epoch": 1, "train_loss": 0.7, "accuracy": 0.5}, {"epoch": 2, "train_loss": 0.4, "accuracy": 0.8}]


def fit_bundle(folder: Path, tweets: Tweets, labels: tuple[str, ...], threshold: float = 0.5) -> Bundle:
    fitted = CANDIDATES["tfidf_logreg"].fit(tweets, tweets, seed=7, checkpoints=folder / "checkpoints")
    return write_bundle(
        folder,
        name="tfidf_logreg",
        labels=labels,
        tokenizer=fitted.tokenizer,
        graph=fitted.export(),
        command="trainer train tfidf_logreg --dataset lines",
        dataset=DatasetCard(name="lines", fingerprint="0" * 64, train=len(tweets), validation=0, test=0),
        threshold=threshold,
    )


@pytest.fixture(scope="module")
def folders(tweets: Tweets, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three binary bundles and one of three classes. `blunt` calls everything negative, `mirrored` names its
    labels the other way round, and `neutral` has a third one."""
    root = tmp_path_factory.mktemp("bundles")
    third = Tweets(
        [*tweets.texts, *(f"gate {gate} is open" for gate in range(10))], np.append(tweets.labels * 2, [1] * 10)
    )
    fit_bundle(root / "sharp", tweets, BINARY)
    fit_bundle(root / "blunt", tweets, BINARY, threshold=0.0)
    fit_bundle(root / "mirrored", Tweets(tweets.texts, 1 - tweets.labels), BINARY[::-1])
    fit_bundle(root / "neutral", third, THREE_CLASS)
    return {folder.name: folder for folder in root.iterdir()}


@pytest.fixture(scope="module")
def lines(tweets: Tweets, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file of one's own, of which a fifth is the test: tweets like those that were learnt, and gates."""
    rows = [
        f"{text} take {turn}\t{BINARY[label]}"
        for turn in range(20)
        for text, label in zip(tweets.texts, tweets.labels, strict=True)
    ]
    rows += [f"gate {gate} is open\tneutral" for gate in range(200)]
    file = tmp_path_factory.mktemp("data") / "lines.tsv"
    file.write_text("\n".join(["text\tlabel", *rows]), encoding="utf-8")
    return str(file)


@pytest.fixture(scope="module")
def compared(folders: dict[str, Path], lines: str) -> Comparison:
    return comparison.compare(comparison.load_bundles(folders.values()), Settings(), names=[lines, "sample"])


def group_of(compared: Comparison, labels: Sequence[str]) -> Group:
    return next(group for group in compared.groups if group.labels == list(labels))


def test_bundles_meet_those_with_the_same_labels_only(compared: Comparison) -> None:
    binary, three = group_of(compared, BINARY), group_of(compared, THREE_CLASS)
    assert {bundle.name.split()[0] for bundle in binary.bundles} == {"sharp", "blunt", "mirrored"}
    assert [bundle.name for bundle in three.bundles] == ["neutral (tfidf_logreg)"]
    assert [quality.scores.dataset for quality in three.bundles[0].qualities] == ["lines", "sample"]


def test_the_order_of_the_labels_changes_no_score(compared: Comparison) -> None:
    by_name = {bundle.name.split()[0]: bundle for bundle in group_of(compared, BINARY).bundles}
    sharp, mirrored = (by_name[name].qualities[0].scores for name in ("sharp", "mirrored"))
    assert sharp.accuracy > 0.95
    assert mirrored.accuracy == pytest.approx(sharp.accuracy, abs=0.01)
    assert mirrored.macro_f1 == pytest.approx(sharp.macro_f1, abs=0.01)


def test_a_worse_bundle_is_told_from_the_best_on_the_same_tweets(compared: Comparison) -> None:
    by_name = {bundle.name.split()[0]: bundle.qualities[0] for bundle in group_of(compared, BINARY).bundles}
    assert by_name["blunt"].p_against_best is not None
    assert by_name["blunt"].p_against_best < 1e-4
    assert [each.p_against_best for each in by_name.values()].count(None) == 1
    assert all(each.macro_f1_low <= each.scores.macro_f1 <= each.macro_f1_high for each in by_name.values())


def test_costs_are_those_of_the_bundle_alone(compared: Comparison) -> None:
    for bundle in group_of(compared, BINARY).bundles:
        assert 0 < bundle.serving.microseconds_in_batches < 5_000
        assert 0 < bundle.serving.microseconds_alone < 50_000
        assert 0 < bundle.serving.bundle_megabytes < 1
        # More than an interpreter, less than this process, which holds MLflow and pandas too.
        assert 20 < bundle.serving.resident_megabytes < resident_megabytes()
        assert bundle.fit is None


def test_a_set_without_a_label_is_left_out_and_said(folders: dict[str, Path], lines: str, tmp_path: Path) -> None:
    two = tmp_path / "two.csv"
    two.write_text("text,label\n" + "".join(f"late {row},negative\nkind {row},positive\n" for row in range(50)))
    found = comparison.compare(comparison.load_bundles([folders["neutral"]]), Settings(), names=[str(two), lines])
    assert found.groups[0].left_out == [str(two)]
    assert f"lacks one of the labels: {two}" in comparison_report.page(found)


def test_results_are_read_back_as_they_were_written(compared: Comparison, tmp_path: Path) -> None:
    write_results(tmp_path / "new", compared)
    assert read_results(tmp_path / "new") == compared


@pytest.mark.parametrize("content", [None, "{}"])
def test_results_that_are_not_there_are_asked_for(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / "results.json").write_text(content, encoding="utf-8")
    with pytest.raises(TrainerError, match="`trainer compare` makes it"):
        read_results(tmp_path)


def test_the_command_writes_page_plots_and_block(
    folders: dict[str, Path], lines: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "bundles" / "damaged"
    damaged.mkdir(parents=True)
    (damaged / "model.json").write_text("{}", encoding="utf-8")
    (damaged.parent / "sharp").symlink_to(folders["sharp"])
    begin, end = marks("compare")
    (tmp_path / "README.md").write_text(f"before\n{begin}\n{end}\nafter\n", encoding="utf-8")
    monkeypatch.setenv("TRAINER_BUNDLES_DIR", str(damaged.parent))
    monkeypatch.chdir(tmp_path)
    output = ("--output", "docs/comparison", "--write", "README.md")
    printed = CliRunner().invoke(app, ["compare", "--dataset", lines, *output], catch_exceptions=False).stdout
    assert "| sharp (tfidf_logreg) | 1.000" in printed
    assert f"{damaged}: format_version None is unknown" in printed
    written = contents(tmp_path / "docs" / "comparison")
    assert set(written) == {"README.md", "results.json", "cost-binary.svg", "quality-binary.svg"}
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "![Quality against cost](docs/comparison/cost-binary.svg)" in readme
    assert (readme.startswith("before"), readme.endswith("after\n")) == (True, True)
    assert CliRunner().invoke(app, ["compare", "--recorded", *output]).exit_code == 0
    assert contents(tmp_path / "docs" / "comparison") == written


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_damaged_bundle_asked_for_by_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match="model.json is missing"):
        comparison.load_bundles([tmp_path])


def test_a_copy_is_compared_once_and_a_namesake_keeps_its_name(folders: dict[str, Path]) -> None:
    sharp, blunt = load_bundle(folders["sharp"]), load_bundle(folders["blunt"])
    assert list(comparison.load_bundles([sharp.folder, sharp.folder])) == ["sharp (tfidf_logreg)"]
    assert comparison.name_of(blunt, {"blunt (tfidf_logreg)"}) == f"blunt (tfidf_logreg) {blunt.digest[:6]}"


def test_no_bundle_at_all_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TrainerError, match="make one with `trainer train`"):
        comparison.find_bundles(Settings())


def test_macro_f1_is_that_of_scikit_learn() -> None:
    matrix = np.array([[[5, 1, 0], [2, 7, 1], [0, 0, 0]], [[3, 0, 0], [0, 4, 1], [1, 1, 9]]])
    expected = []
    for each in matrix:
        truth, chosen = np.indices(each.shape).reshape(2, -1).repeat(each.ravel(), axis=1)
        expected.append(f1_score(truth, chosen, average="macro", labels=[0, 1, 2], zero_division=0))
    np.testing.assert_allclose(significance.macro_f1(matrix), expected)


def test_more_tweets_make_the_interval_narrower_and_a_seed_makes_it_again() -> None:
    truth = np.arange(200) % 2
    chosen = np.where(np.arange(200) % 5 == 0, 1 - truth, truth)
    few = significance.macro_f1_interval(truth, chosen, 2, seed=7)
    many = significance.macro_f1_interval(np.tile(truth, 100), np.tile(chosen, 100), 2, seed=7)
    assert few == significance.macro_f1_interval(truth, chosen, 2, seed=7)
    assert few[0] < many[0] < 0.8 < many[1] < few[1]
    assert few[1] - few[0] == pytest.approx(2 * 1.96 * np.sqrt(0.8 * 0.2 / 200), rel=0.1)


def test_mcnemar_counts_only_what_one_got_right_and_the_other_not() -> None:
    one = np.array([True] * 9 + [False] + [True] * 50)
    other = np.array([False] * 9 + [True] + [True] * 50)
    assert significance.mcnemar(one, other) == pytest.approx(2 * (1 + 10) / 2**10)  # 9 heads or more of 10, or 9 tails
    assert significance.mcnemar(one, one) == 1.0


@dataclass
class WithHistory:
    """The baseline, with a course as a network's fit has one."""

    name: str = "tfidf_logreg"

    def fit(self, train: Tweets, validation: Tweets, *, seed: int, checkpoints: Path) -> FittedCandidate:
        fitted = CANDIDATES["tfidf_logreg"].fit(train, validation, seed=seed, checkpoints=checkpoints)
        fitted.history = HISTORY
        return fitted


def test_a_training_leaves_its_cost_beside_the_bundle_and_its_course_in_mlflow(
    client: MlflowClient, settings: Settings, lines: str, tmp_path: Path
) -> None:
    dataset = load_dataset(lines, data_dir=tmp_path)
    result = train(WithHistory(), dataset, [], client, settings, folder=tmp_path / "bundle", command="trainer train")
    record = read_record(tmp_path / "bundle")
    assert record is not None
    assert (record.history, record.fit_seconds) == (HISTORY, result.fit_seconds)
    assert record.peak_megabytes > 50
    version = client.get_model_version(settings.model_name, result.registered.version)
    assert version.run_id is not None
    run = client.get_run(version.run_id)
    assert {"fit_seconds", "fit_peak_megabytes", "bundle_megabytes", "lines.test.microseconds_per_tweet"} <= set(
        run.data.metrics
    )
    losses = client.get_metric_history(version.run_id, "history.train_loss")
    assert [(each.step, each.value) for each in losses] == [(1, 0.7), (2, 0.4)]
    assert "plots/history.png" in {file.path for file in client.list_artifacts(version.run_id, "plots")}
    kept = {file.path for file in client.list_artifacts(version.run_id, "model/artifacts/bundle")}
    assert not any(path.endswith(FILE) for path in kept)


def test_the_cost_is_no_part_of_the_bundle(bundle: Bundle) -> None:
    before = (bundle.digest, bundle.megabytes)
    write_record(bundle.folder, FitRecord(fit_seconds=1.5, peak_megabytes=200, history=[{"loss": float("nan")}]))
    again = load_bundle(bundle.folder)
    assert (again.digest, again.megabytes) == before
    kept = read_record(bundle.folder)
    assert kept is not None
    assert np.isnan(kept.history[0]["loss"])


def test_a_new_bundle_does_not_inherit_the_cost_of_the_old_one(bundle: Bundle, tweets: Tweets) -> None:
    write_record(bundle.folder, FitRecord(fit_seconds=1.5, peak_megabytes=200, history=[]))
    fit_bundle(bundle.folder, tweets, BINARY)
    assert read_record(bundle.folder) is None


def test_a_damaged_cost_leaves_a_gap(bundle: Bundle) -> None:
    (bundle.folder / FILE).write_text(json.dumps({"fit_seconds": "long"}), encoding="utf-8")
    assert read_record(bundle.folder) is None


def test_the_plot_of_a_fit_has_a_panel_a_quantity() -> None:
    axes = draw_history([row | {"validation_loss": 0.9} for row in HISTORY]).axes
    assert [(each.get_title(), each.get_xlabel()) for each in axes] == [("loss", "epoch"), ("accuracy", "epoch")]
    assert [line.get_label() for line in axes[0].lines] == ["train_loss", "validation_loss"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak is that of the whole process")
def test_the_peak_is_that_of_the_fit() -> None:
    forget_peak()
    before = peak_megabytes()
    held = bytearray(100_000_000)
    del held
    assert peak_megabytes() - before > 80
    forget_peak()
    assert peak_megabytes() - before < 80
