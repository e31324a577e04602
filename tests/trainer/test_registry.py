"""Registering, and the first champion, on a real MLflow store."""

import json
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient

from trainer.bundle import Bundle, load_bundle, write_card
from trainer.promotion import NoSuchVersion, crown_first, resolve, user_name
from trainer.registry import (
    CHALLENGER,
    CHAMPION,
    Registered,
    RegistryUnreachable,
    connect,
    register,
    version_of,
)
from trainer.settings import Settings


def changed(bundle: Bundle) -> Bundle:
    """Another bundle: the same model with another line in its card."""
    write_card(bundle.folder, bundle.card.model_copy(update={"command": f"{bundle.card.command} --again"}))
    return load_bundle(bundle.folder)


def test_a_registered_bundle_is_the_challenger(bundle: Bundle, client: MlflowClient, settings: Settings) -> None:
    assert register(bundle, client, settings) == Registered("1", is_new=True)
    assert version_of(CHALLENGER, client, settings) == "1"
    assert version_of(CHAMPION, client, settings) is None
    assert client.get_model_version(settings.model_name, "1").tags["digest"] == bundle.digest


def test_registering_again_changes_nothing(bundle: Bundle, client: MlflowClient, settings: Settings) -> None:
    register(bundle, client, settings)
    crown_first("1", client, settings)
    register(changed(bundle), client, settings)
    write_card(bundle.folder, bundle.card)
    assert register(load_bundle(bundle.folder), client, settings) == Registered("1", is_new=False)
    assert version_of(CHAMPION, client, settings) == "1"
    assert version_of(CHALLENGER, client, settings) == "2"


def test_the_version_holds_the_three_files(bundle: Bundle, client: MlflowClient, settings: Settings) -> None:
    version = register(bundle, client, settings).version
    folder = mlflow.artifacts.download_artifacts(f"models:/{settings.model_name}/{version}")
    assert load_bundle(Path(folder) / "artifacts" / "bundle").digest == bundle.digest


def test_the_version_runs_where_the_trainer_is_absent(
    bundle: Bundle, client: MlflowClient, settings: Settings, tmp_path: Path
) -> None:
    version = register(bundle, client, settings).version
    texts = ["the crew was lovely", "they lost my bag"]
    code = (
        "import sys, json; sys.modules['trainer'] = None\n"
        "import mlflow, logging; logging.getLogger('mlflow').setLevel(logging.ERROR)\n"
        f"mlflow.set_tracking_uri({settings.tracking_uri!r})\n"
        f"model = mlflow.pyfunc.load_model('models:/{settings.model_name}/{version}')\n"
        f"print(model.predict({texts!r}).to_json(orient='records'))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    rows = json.loads(answer.stdout.splitlines()[-1])
    assert [row["label"] for row in rows] == ["positive", "negative"]
    assert [list(row) for row in rows] == [["label", "p_negative", "p_positive", "abstained"]] * 2
    expected = bundle.classifier.probabilities(texts)
    np.testing.assert_allclose([[row["p_negative"], row["p_positive"]] for row in rows], expected, atol=1e-6)


def test_the_first_champion_is_set_where_there_is_none(
    bundle: Bundle, client: MlflowClient, settings: Settings
) -> None:
    for each in (bundle, changed(bundle)):
        register(each, client, settings)
    assert crown_first("1", client, settings)
    assert not crown_first("2", client, settings)
    assert version_of(CHAMPION, client, settings) == "1"


def test_a_version_is_found_by_its_number_or_an_alias(bundle: Bundle, client: MlflowClient, settings: Settings) -> None:
    register(bundle, client, settings)
    assert resolve("1", client, settings) == resolve(CHALLENGER, client, settings) == "1"


@pytest.mark.parametrize(("version", "reason"), [("9", "no version 9"), ("best", "no alias 'best'")])
def test_an_unknown_version_is_said_in_one_line(
    bundle: Bundle, client: MlflowClient, settings: Settings, version: str, reason: str
) -> None:
    register(bundle, client, settings)
    with pytest.raises(NoSuchVersion, match=reason):
        resolve(version, client, settings)


def test_a_user_without_a_name_is_a_number_in_the_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("trainer.promotion.getpass.getuser", nobody)
    assert user_name().startswith("uid ")


def test_a_server_that_is_away_is_said_in_one_line(settings: Settings) -> None:
    with pytest.raises(RegistryUnreachable, match="does not answer at http://127.0.0.1:9"):
        connect(settings.model_copy(update={"tracking_uri": "http://127.0.0.1:9"}))
