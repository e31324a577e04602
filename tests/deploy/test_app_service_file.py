"""A site whose database is a file: never two containers at once, and never one that stands still afterwards."""

import pytest

from tests.deploy.conftest import Deploy
from tests.deploy.fake_azure import FakeAzure
from tests.deploy.releases import NEW, OLD

API = "PATCH sites/air-api/config/web"
STOP, START = "POST sites/air-api/stop", "POST sites/air-api/start"
FORWARD = [STOP, f"{API} inference new", START]
BACK = [STOP, f"{API} inference old", START]


@pytest.fixture(autouse=True)
def kept(azure: FakeAzure) -> None:
    azure.sites["air-api"].settings = {"INFERENCE_SQLITE_COPY": "/home/data/inference.db"}


def test_it_is_stopped_while_it_gets_another_image(azure: FakeAzure, deploy: Deploy) -> None:
    assert deploy("app-service") == 0
    pages = ["PATCH sites/air-pages/config/web ui new", "POST sites/air-pages/restart"]
    assert azure.journal.changes == [*FORWARD, *pages]
    answered = [line for line in azure.journal.lines if line.startswith("air-api: GET /health/ready")]
    assert answered == [f"air-api: GET /health/ready 200 from inference {word}" for word in ("old", "new")]


def test_it_is_stopped_on_the_way_back_too(azure: FakeAzure, deploy: Deploy) -> None:
    azure.behaviours.change(NEW.image("inference"), labels={"negative": "positive"})
    assert deploy("app-service") == 1
    assert azure.journal.changes == [*FORWARD, *BACK]
    assert azure.sites["air-api"].state == "Running"


@pytest.mark.parametrize("status", [403, 500])
def test_it_is_started_again_where_its_image_is_not_taken(azure: FakeAzure, deploy: Deploy, status: int) -> None:
    azure.refuse(API, status, times=20)
    assert deploy("app-service") != 0
    assert azure.sites["air-api"].state == "Running"
    assert azure.sites["air-api"].image == OLD.image("inference")


def test_one_that_cannot_be_stopped_stays_as_it_is(azure: FakeAzure, deploy: Deploy) -> None:
    azure.refuse(STOP, 403, "AuthorizationFailed")
    assert deploy("app-service") == 1
    assert azure.journal.changes == [f"{STOP} refused with 403"]
    assert azure.sites["air-api"].image == OLD.image("inference")


def test_one_that_does_not_start_is_put_back_or_left_to_hands(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.refuse(START, 403, "AuthorizationFailed")
    assert deploy("app-service") == 2
    said = capsys.readouterr().out
    start = "az webapp start --subscription 00000000-0000-4000-8000-000000000001 --resource-group air-paradis"
    assert said.endswith(f"--linux-fx-version 'DOCKER|{OLD.image('inference')}' && {start} --name air-api\n")


def test_a_dry_run_says_so(azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy("app-service", "--dry-run") == 0
    assert azure.journal.changes == []
    calls = [line.strip() for line in capsys.readouterr().out.splitlines() if " - P" in line and "air-api" in line]
    assert calls == [f"- {STOP}", f"- {API}: linuxFxVersion DOCKER|{NEW.image('inference')}", f"- {START}"]
