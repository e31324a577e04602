"""From a bundle to the champion and back, as it is typed: real MLflow, and the real API that moves the alias."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from typer.testing import CliRunner, Result

from tests.trainer.made_bundles import recarded
from tests.trainer.served_registry import api, mlflow_server
from trainer.__main__ import app
from trainer.api import ApiRefused, ApiUnreachable
from trainer.bundle import load_bundle
from trainer.promotion import NoSuchVersion, read_verdict
from trainer.registry import CHAMPION, connect, version_of
from trainer.settings import Settings

FIRST = Path(__file__).parents[2] / "models" / "champion"

StartApi = Callable[..., str]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mlflow_server(tmp_path_factory.mktemp("registry")) as url:
        yield url


@pytest.fixture
def settings(registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A registered model of the test's own; no published set is here, so that our own sample judges."""
    variables = {
        "MLFLOW_TRACKING_URI": registry,
        "TRAINER_MODEL_NAME": f"model-{tmp_path.name}",
        "TRAINER_BUNDLES_DIR": str(tmp_path / "bundles"),
        "TRAINER_DATA_DIR": str(tmp_path / "none"),
        "TRAINER_API_URL": "http://127.0.0.1:9",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.fixture
def start_api(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartApi]:
    """The API, told to the commands; started again it goes on with its database."""
    with ExitStack() as stack:

        def start(**changes: Any) -> str:
            stack.pop_all().close()
            running: AbstractContextManager[str] = api(
                tmp_path / "api", settings.tracking_uri, settings.model_name, FIRST, **changes
            )
            url = stack.enter_context(running)
            monkeypatch.setenv("TRAINER_API_URL", url)
            return url

        yield start


@pytest.fixture
def first(settings: Settings) -> str:
    """The pretrained champion, registered as `make run` does it."""
    return typed("register", FIRST, "--champion-if-none")


def typed(*arguments: object, code: int = 0) -> str:
    """What a command printed. What it raised is raised here too: `main` makes a line of it."""
    answer: Result = CliRunner().invoke(app, list(map(str, arguments)))
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    assert answer.exit_code == code, answer.output
    return answer.stdout


def as_good(folder: Path) -> Path:
    """The champion's model with another card: it loses nothing."""
    return recarded(load_bundle(FIRST), folder, f"trainer train {folder.name}").folder


def champion(settings: Settings) -> str | None:
    return version_of(CHAMPION, connect(settings), settings)


def test_the_first_bundle_of_a_registry_is_its_champion(first: str, settings: Settings) -> None:
    assert "version 1 is the champion" in first
    assert champion(settings) == "1"
    assert "champion" not in typed("register", FIRST, "--champion-if-none").replace(str(FIRST), "")
    assert "there is nothing to judge" in typed("gate", "1")
    assert read_verdict("1", connect(settings), settings) is None


def test_the_api_lists_what_a_registered_version_scores_and_costs_and_where_its_run_is(
    first: str, settings: Settings, start_api: StartApi
) -> None:
    url = start_api()
    [found] = requests.get(f"{url}/v1/models", timeout=30).json()["items"]
    bundle = load_bundle(FIRST)
    assert [(each["dataset"], each["size"], each["macro_f1"]) for each in found["figures"]["metrics"]] == [
        (each.dataset, each.size, each.macro_f1) for each in bundle.card.metrics
    ]
    assert found["figures"]["microseconds"] > 0
    assert found["figures"]["megabytes"] == round(bundle.megabytes, 3)
    query = {"run_id": found["run_id"]}
    run = requests.get(f"{settings.tracking_uri}/api/2.0/mlflow/runs/get", params=query, timeout=30).json()["run"]
    assert run["info"]["experiment_id"] == found["experiment_id"]


def test_a_good_version_is_judged_promoted_and_taken_back(
    first: str, settings: Settings, start_api: StartApi, tmp_path: Path
) -> None:
    start_api()
    said = typed("register", as_good(tmp_path / "good"))
    assert "version 2 passed the gate beside version 1" in said
    assert 'trainer promote 2 --reason "..."' in said
    moved = typed("promote", "2", "--reason", "as good, and ours", "--by", "ada")
    assert moved == "champion: version 1 -> 2 by ada: as good, and ours\n"
    assert champion(settings) == "2"
    between = datetime.now(UTC)
    assert "champion: version 2 -> 1 by grace: it is worse" in typed(
        "rollback", "--reason", "it is worse", "--by", "grace"
    )
    assert champion(settings) == "1"

    rows = [[cell.strip() for cell in line.split("|")[2:-1]] for line in typed("journal").splitlines()[2:-1]]
    assert rows == [
        ["rollback", "2", "1", "grace", "it is worse"],
        ["promotion", "1", "2", "ada", "as good, and ours"],
        ["found", "–", "1", "–", "the first champion of this registry"],
    ]
    assert typed("journal", "--at", between.isoformat()).splitlines()[-1] == "champion then: version 2"
    assert typed("journal", "--at", between.replace(tzinfo=None)).splitlines()[-1] == "champion then: version 2"
    elsewhere = (between + timedelta(hours=5)).replace(tzinfo=None).isoformat() + "+05:00"
    assert typed("journal", "--at", elsewhere).splitlines()[-1] == "champion then: version 2"
    assert typed("journal", "--at", "2020-01-01").splitlines() == ["no move of the champion is known"]
    assert len(typed("journal", "--limit", "1").splitlines()) == 4


def test_a_version_trained_on_the_sample_alone_is_refused_with_the_reason(
    first: str, settings: Settings, start_api: StartApi
) -> None:
    start_api()
    said = typed("train", "tfidf_logreg", "--dataset", "sample")
    assert "version 2 was refused beside version 1" in said
    assert "behaviours: " in said
    assert "trainer promote" not in said
    with pytest.raises(ApiRefused, match="Version 2 did not pass the gate.*behavioural tests passed, by the champion"):
        typed("promote", "--reason", "why not")
    assert champion(settings) == "1"
    table = typed("gate", "2", code=1)
    assert "| behaviours | REFUSED | " in table
    assert "| size | passed | " in table


def test_a_verdict_against_another_champion_counts_no_more(
    first: str, settings: Settings, start_api: StartApi, tmp_path: Path
) -> None:
    start_api()
    for name in ("two", "three"):
        typed("register", as_good(tmp_path / name))
    typed("promote", "2", "--reason", "first come")
    with pytest.raises(ApiRefused, match="run `trainer gate 3`"):
        typed("promote", "3", "--reason", "late")
    assert "version 3 passed the gate beside version 2" in typed("gate")
    typed("promote", "--reason", "judged again")
    assert champion(settings) == "3"


def test_a_version_without_a_verdict_is_refused_until_it_is_judged(
    settings: Settings, start_api: StartApi, tmp_path: Path
) -> None:
    """In a registry without champion: the gate has nothing to compare it with, and says so."""
    start_api()
    typed("register", as_good(tmp_path / "one"))
    with pytest.raises(ApiRefused, match="run `trainer gate 1`"):
        typed("promote", "1", "--reason", "first")
    assert "there is no champion to compare with" in typed("gate", "1")
    assert typed("promote", "1", "--reason", "first").startswith("champion: version none -> 1 by ")


def test_a_refused_version_is_never_what_a_rollback_restores(
    first: str, settings: Settings, start_api: StartApi, tmp_path: Path
) -> None:
    start_api()
    typed("train", "tfidf_logreg", "--dataset", "sample")
    with pytest.raises(ApiRefused, match="no champion before"):
        typed("rollback", "--reason", "try")
    typed("register", as_good(tmp_path / "good"))
    typed("promote", "3", "--reason", "good")
    typed("rollback", "--reason", "back")
    assert champion(settings) == "1"


def test_moves_and_journal_outlive_a_restart(
    first: str, settings: Settings, start_api: StartApi, tmp_path: Path
) -> None:
    start_api()
    typed("register", as_good(tmp_path / "good"))
    typed("promote", "2", "--reason", "good", "--by", "ada")
    before = typed("journal")
    start_api()
    assert typed("journal") == before
    assert "champion: version 2 -> 1" in typed("rollback", "--reason", "after a restart")


def test_only_the_owner_moves_the_champion(
    first: str, settings: Settings, start_api: StartApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_api(owner_key="s3cret")
    typed("register", as_good(tmp_path / "good"))
    for command in (("promote", "2"), ("rollback",)):
        with pytest.raises(ApiRefused, match="key"):
            typed(*command, "--reason", "mine")
    monkeypatch.setenv("TRAINER_OWNER_KEY", "s3cret")
    typed("promote", "2", "--reason", "mine")
    assert champion(settings) == "2"


def test_the_api_shows_verdict_and_card_of_every_version(
    first: str, settings: Settings, start_api: StartApi, tmp_path: Path
) -> None:
    url = start_api()
    typed("register", as_good(tmp_path / "good"))
    latest, oldest = requests.get(f"{url}/v1/models", timeout=10).json()["items"]
    assert (latest["version"], latest["verdict"]["passed"], oldest["verdict"]) == ("2", True, None)
    assert latest["verdict"]["against_digest"] == oldest["digest"]
    assert {"labels", "behaviours", "size"} <= {check["name"] for check in latest["verdict"]["checks"]}
    assert "Passed on " in latest["card"]
    assert "has not been through the gate" in oldest["card"]


@pytest.mark.parametrize("command", [("promote", "1"), ("rollback",)])
def test_a_move_needs_a_reason(first: str, start_api: StartApi, command: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, list(command)).exit_code == 2
    start_api()
    with pytest.raises(ApiRefused, match="reason"):
        typed(*command, "--reason", " ")


def test_without_the_api_nothing_moves_and_the_address_is_named(first: str, settings: Settings) -> None:
    for command in (("promote", "1", "--reason", "x"), ("rollback", "--reason", "x"), ("journal",)):
        with pytest.raises(ApiUnreachable, match=r"does not answer at http://127.0.0.1:9 .*TRAINER_API_URL"):
            typed(*command)
    assert champion(settings) == "1"


def test_what_does_not_exist_is_said(first: str, start_api: StartApi) -> None:
    start_api()
    with pytest.raises(NoSuchVersion, match="no version 9"):
        typed("gate", "9")
    with pytest.raises(NoSuchVersion, match="no alias 'best'"):
        typed("gate", "best")
    with pytest.raises(ApiRefused, match="no such version"):
        typed("promote", "9", "--reason", "x")
    assert CliRunner().invoke(app, ["journal", "--at", "yesterday"]).exit_code == 2
