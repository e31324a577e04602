"""Behind MLflow's sign-in the service follows, promotes and goes back with its own account, or keeps what it has."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from inference.cache import BundleCache
from inference.champion import Champion
from inference.errors import RegistryUnavailable
from inference.follower import ChampionFollower
from inference.registry import Registry
from tests.contract.started_mlflow import PASSWORDS, SECRETS, StartedMlflow, set_accounts, started_mlflow
from tests.inference.conftest import MakeBundle, RegisteredModel
from tests.inference.conftest import database_url as database_url
from tests.inference.conftest import migrated_sqlite as migrated_sqlite
from tests.inference.conftest import settings as settings
from tests.inference.conftest import start_app as start_app
from tests.inference.conftest import wait_for_fixture as wait_for_fixture
from tests.inference.gated import OTHER_WEIGHTS, Gated, StartApp, WaitFor, journal, moves, promote, roll_back

CHAMPION = Path(__file__).resolve().parents[2] / "models" / "champion"
API = "/api/2.0/mlflow"
MODEL = "tweet-sentiment"
ACCOUNT = {"mlflow_username": "inference", "mlflow_password": SecretStr(PASSWORDS["inference"])}


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedMlflow]:
    with started_mlflow(tmp_path_factory.mktemp("mlflow"), SECRETS, MLFLOW_SIGN_IN="true") as server:
        done = set_accounts(server)
        assert done.returncode == 0, done.stderr
        yield server


@pytest.fixture
def registered(mlflow: StartedMlflow, monkeypatch: pytest.MonkeyPatch) -> RegisteredModel:
    """Used as the trainer: a model that is there already, since accounts.py makes it."""
    from mlflow import MlflowClient

    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "trainer")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", PASSWORDS["trainer"])
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    model = object.__new__(RegisteredModel)
    model.url, model.name, model._client = mlflow.url, MODEL, MlflowClient(mlflow.url, mlflow.url)
    return model


class Signed(Gated):
    """As the trainer signs in, too."""

    def post(self, path: str, body: dict[str, str]) -> None:
        mlflow = StartedMlflow(self.url, Path(), None)  # type: ignore[arg-type]
        answer = mlflow.ask("POST", f"{API}/{path}", "trainer", json={"name": self.name} | body)
        assert answer.ok, answer.text


def served(client: TestClient) -> str:
    response = client.post("/v1/predictions", json={"text": "late"})
    assert response.status_code == 200, response.text
    version: str = response.json()["model"]["version"]
    return version


def test_a_champion_is_followed_promoted_and_rolled_back_by_accounts_of_their_own(
    registered: RegisteredModel, make_bundle: MakeBundle, start_app: StartApp, wait_for: WaitFor
) -> None:
    gated = Signed(registered, make_bundle)
    one = gated.first_champion()
    two = gated.judged("two", against=one, weights=OTHER_WEIGHTS)
    with start_app(poll_seconds=0.2, **gated.settings, **ACCOUNT) as client:
        wait_for(lambda: served(client) == one, seconds=30)
        assert promote(client, two).status_code == 201
        wait_for(lambda: served(client) == two, seconds=30)
        assert roll_back(client).status_code == 201
        wait_for(lambda: served(client) == one, seconds=30)
        assert [kind for kind, _, _ in moves(client)] == ["found", "promotion", "rollback"]
        assert journal(client)[-1]["to_version"] == one


def test_the_trainer_registers_a_bundle_by_its_own_account(
    mlflow: StartedMlflow, registered: RegisteredModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trainer.bundle import load_bundle
    from trainer.registry import connect, register, version_of
    from trainer.settings import Settings

    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.url)
    settings = Settings()
    client = connect(settings)
    made = register(load_bundle(CHAMPION), client, settings)
    assert made.is_new
    assert version_of("challenger", client, settings) == made.version
    with Registry(mlflow.url, MODEL, ("inference", PASSWORDS["inference"])) as registry:
        found = registry.fetch_alias("challenger")
        assert found is not None
        assert (found.version, found.digest) == (made.version, load_bundle(CHAMPION).digest)


def test_with_a_password_that_is_wrong_now_the_old_model_goes_on_until_it_is_right(
    mlflow: StartedMlflow,
    registered: RegisteredModel,
    make_bundle: MakeBundle,
    start_app: StartApp,
    wait_for: WaitFor,
) -> None:
    gated = Signed(registered, make_bundle)
    one = gated.first_champion("before")
    two = gated.judged("after", against=one, weights=OTHER_WEIGHTS)
    with start_app(poll_seconds=0.2, **gated.settings, **ACCOUNT) as client:
        wait_for(lambda: served(client) == one, seconds=30)
        changed = {"username": "inference", "password": "somebody else's password"}
        assert mlflow.ask("PATCH", f"{API}/users/update-password", "admin", json=changed).ok
        gated.move_by_hand(two)
        time.sleep(1.5)
        assert served(client) == one
        refused = promote(client, two)
        assert refused.status_code == 503
        assert "status 401: the account or its password is not MLflow's" in refused.json()["detail"]
        assert set_accounts(mlflow).returncode == 0
        wait_for(lambda: served(client) == two, seconds=40)


@pytest.mark.parametrize(
    ("password", "said"), [("wrong", "status 401"), ("pässwörd ✈", "status 401"), (None, "status 401")]
)
def test_what_mlflow_refuses_is_no_missing_model(
    mlflow: StartedMlflow, tmp_path: Path, password: str | None, said: str
) -> None:
    credentials = None if password is None else ("inference", password)
    with Registry(mlflow.url, MODEL, credentials) as registry:
        follower = ChampionFollower(Champion(), registry, BundleCache(tmp_path), 0.1)
        for ask in (registry.fetch_champion, registry.fetch_aliases, follower.poll):
            with pytest.raises(RegistryUnavailable, match=said):
                ask()


def test_a_model_that_the_account_may_not_see_is_not_missing(mlflow: StartedMlflow) -> None:
    with (
        Registry(mlflow.url, "another", ("inference", PASSWORDS["inference"])) as registry,
        pytest.raises(RegistryUnavailable, match="status 403: the account may not do that"),
    ):
        registry.fetch_champion()
