"""The modelling notebook runs from top to bottom, with results and without."""

import json
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from trainer import comparison
from trainer.comparison_results import write_results
from trainer.settings import Settings

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "modelisation.ipynb"
CELLS: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]


def run_cells() -> dict[str, Any]:
    """Execute the code in one namespace, as a kernel does, and give that back."""
    names: dict[str, Any] = {}
    for cell in CELLS:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{NOTEBOOK.name} {cell['id']}", "exec"), names)
    names["plt"].close("all")
    return names


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh checkout as the notebook sees it, with the notebook's folder as the working directory."""
    (tmp_path / "uv.lock").touch()
    (tmp_path / "models").symlink_to(ROOT / "models")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    monkeypatch.setenv("MPLBACKEND", "agg")
    return tmp_path


def test_on_a_fresh_checkout_it_says_what_is_missing(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{checkout}/none.db")
    names = run_cells()
    assert "`trainer compare` makes it" in capsys.readouterr().out
    assert "`make train`" in names["runs"]
    assert sorted(path.name for path in checkout.iterdir()) == ["models", "notebooks", "uv.lock"]


def test_with_results_it_shows_them(
    checkout: Path, settings: Settings, client: MlflowClient, capsys: pytest.CaptureFixture[str]
) -> None:
    bundles = comparison.load_bundles([ROOT / "models" / "champion"])
    write_results(checkout / "docs" / "comparison", comparison.compare(bundles, settings, names=["sample"]))
    names = run_cells()
    printed = capsys.readouterr().out
    assert "sample: champion (bigru_distilled) is best" in printed
    assert "soo late again :( nobody answers" in printed
    assert list(names["table"](names["binary"])["fitted on"]) == [
        bundle.card.dataset.name for bundle in bundles.values()
    ]


def test_it_runs_in_a_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient = pytest.importorskip("nbclient", reason="the notebook's kernel is not installed here")
    nbformat = pytest.importorskip("nbformat")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/none.db")
    folder = {"metadata": {"path": str(NOTEBOOK.parent)}}
    nbclient.NotebookClient(nbformat.read(NOTEBOOK, as_version=4), timeout=120, resources=folder).execute()


def test_it_is_kept_without_outputs() -> None:
    assert [cell["id"] for cell in CELLS if cell.get("outputs")] == []
