"""The tag `figures`: the trainer writes it, the API reads it, and neither knows the other."""

from pathlib import Path

import pytest

import inference.version_figures
import trainer.version_figures
from inference.version_figures import read_figures
from trainer.bundle import load_bundle
from trainer.version_figures import measure_figures, write_tag

CHAMPION = Path(__file__).resolve().parents[2] / "models" / "champion"


def test_what_the_trainer_writes_of_the_champion_the_api_reads() -> None:
    champion = load_bundle(CHAMPION)
    written = measure_figures(champion)
    read = read_figures(write_tag(written))
    assert read is not None
    assert read.model_dump() == written.model_dump()
    assert [each.dataset for each in read.metrics] == [each.dataset for each in champion.card.metrics] != []


def test_a_bundle_without_scores_can_be_read_too() -> None:
    written = measure_figures(load_bundle(CHAMPION)).model_copy(update={"metrics": []})
    read = read_figures(write_tag(written))
    assert read is not None
    assert read.metrics == []


@pytest.mark.parametrize("name", ["VersionFigures", "SetFigures"])
def test_both_name_the_same_fields(name: str) -> None:
    written, read = (
        getattr(module, name).model_fields for module in (trainer.version_figures, inference.version_figures)
    )
    assert list(written) == list(read)
