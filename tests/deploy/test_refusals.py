"""What is refused before anything is changed, what Azure refuses, and in which words."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.deploy.__main__ import main
from scripts.deploy.azure import Azure
from scripts.deploy.waiting import Pace
from tests.deploy.conftest import Deploy
from tests.deploy.fake_azure import FakeAzure
from tests.deploy.releases import NEW, OLD

ROOT = Path(__file__).parents[2]
API = "PATCH sites/air-api/config/web"
TAGGED = "ghcr.io/somebody/air-paradis/inference:latest"
LISTS = {
    "no-json": ("{", "cannot be read as JSON"),
    "no-object": ("[]", "must hold"),
    "no-images": ('{"release": "1"}', "must hold"),
    "no-release": ({"release": None}, "release must be the commit"),
    "odd-release": ({"release": "a b"}, "release must be the commit"),
    "no-image": ({"images": {"ui": NEW.image("ui")}}, "has no image of inference"),
    "a-tag": ({"images": {"inference": TAGGED, "ui": NEW.image("ui")}}, "only images by digest are deployed"),
    "short-digest": ({"images": {"inference": NEW.image("inference")[:-1]}}, "only images by digest are deployed"),
    "a-number": ({"images": {"inference": 7}}, "only images by digest are deployed"),
    "a-command": ({"images": {"inference": f"a/b';x@sha256:{'a' * 64}"}}, "only images by digest are deployed"),
}
READING = {
    "not-signed-in": ("GET sites/air-api", 401, "", "not signed in to Azure: run `az login`"),
    "no-group": ("GET sites/air-api", 404, "ResourceGroupNotFound", "there is no resource group air-paradis in"),
    "no-site": ("GET sites/air-pages", 404, "ResourceNotFound", "there is no site air-pages in resource group"),
    "forbidden": ("GET .*", 403, "AuthorizationFailed", "site air-api: not allowed; who deploys needs a role"),
    "throttled": ("GET .*", 429, "TooManyRequests", "site air-api: Azure answers 429 (too many requests)"),
    "ill": ("GET .*", 500, "InternalServerError", "site air-api: Azure answers 500"),
}
# Azure has said no: it is as it was.
CHANGING = {
    "forbidden": (403, "site air-api: not allowed"),
    "throttled": (429, "site air-api: Azure answers 429"),
    "busy": (409, "site air-api: another operation goes on there"),
}


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_that_is_none_is_refused_before_any_call(
    azure: FakeAzure, deploy: Deploy, images: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    content, words = LISTS[kind]
    text = content if isinstance(content, str) else json.dumps({**NEW.content(), **content})
    images.write_text(text, encoding="utf-8")
    assert deploy("app-service") == 3
    said = capsys.readouterr().err
    assert words in said
    assert said.endswith("Nothing was changed.\n")
    assert azure.journal.lines == []


def test_a_list_that_is_not_there(deploy: Deploy, images: Path, capsys: pytest.CaptureFixture[str]) -> None:
    images.unlink()
    assert deploy("app-service") == 3
    assert "scripts/publish.sh writes it" in capsys.readouterr().err


@pytest.mark.parametrize("kind", READING)
def test_what_cannot_be_read_is_not_touched(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    pattern, status, code, words = READING[kind]
    azure.refuse(pattern, status, code)
    assert deploy("app-service") == 3
    assert words in capsys.readouterr().err
    assert azure.journal.changes == []


@pytest.mark.parametrize("kind", CHANGING)
def test_a_change_that_azure_refuses_is_none(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    status, words = CHANGING[kind]
    azure.refuse(API, status)
    assert deploy("app-service") == 1
    said = capsys.readouterr().out.splitlines()[-1]
    assert words in said
    assert said.endswith("Nothing had been changed.")
    assert azure.sites["air-api"].image == OLD.image("inference")
    assert set(azure.journal.changes) == {f"{API} refused with {status}"}


def test_after_an_error_of_azure_nobody_knows_so_the_old_image_is_put_back(azure: FakeAzure, deploy: Deploy) -> None:
    # The library asks four times.
    azure.refuse(API, 500, times=4)
    assert deploy("app-service") == 1
    assert azure.journal.changes == [f"{API} refused with 500", f"{API} inference old"]


@pytest.mark.parametrize("status", [409, 429, 503])
def test_what_passes_is_waited_for(azure: FakeAzure, deploy: Deploy, status: int) -> None:
    azure.refuse(API, status, times=2)
    assert deploy("app-service") == 0
    assert azure.journal.changes[:2] == [f"{API} refused with {status}", f"{API} inference new"]


@pytest.mark.parametrize(
    ("state", "usage", "words"),
    [
        ("Stopped", "Normal", "site air-api is Stopped: start it first (az webapp start --subscription"),
        ("Running", "Exceeded", "site air-api has used up its plan's quota"),
    ],
)
def test_a_site_that_cannot_answer_gets_no_image(
    azure: FakeAzure, deploy: Deploy, capsys: pytest.CaptureFixture[str], state: str, usage: str, words: str
) -> None:
    azure.sites["air-api"].state, azure.sites["air-api"].usage = state, usage
    assert deploy("app-service") == 3
    assert words in capsys.readouterr().err
    assert azure.journal.changes == []


@pytest.mark.parametrize(
    ("endpoint", "host", "address"),
    [
        ("http://127.0.0.1:1", "127.0.0.1:2", "http://127.0.0.1:2"),
        ("http://127.0.0.1:1", "site.example", "https://site.example"),
        ("https://management.azure.com", "127.0.0.1:2", "https://127.0.0.1:2"),
    ],
)
def test_a_site_is_asked_without_tls_only_where_all_is_on_this_machine(endpoint: str, host: str, address: str) -> None:
    assert Azure(endpoint, "subscription", "group", Pace()).address(host) == address


def test_azure_that_is_not_there(command: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    arguments = command("app-service")
    arguments[arguments.index("--arm-endpoint") + 1] = "http://127.0.0.1:1"
    assert main(arguments) == 3
    assert "http://127.0.0.1:1 cannot be reached" in capsys.readouterr().err


def test_without_tls_only_this_machine_is_spoken_to(
    command: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = command("app-service")
    arguments[arguments.index("--arm-endpoint") + 1] = "http://management.example"
    assert main(arguments) == 3
    assert "without https only on this machine" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["", "two words"])
def test_without_a_key_nothing_is_begun(
    azure: FakeAzure, deploy: Deploy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    monkeypatch.setenv("DEPLOY_API_KEY", key)
    assert deploy("app-service") == 3
    assert "the smoke test needs a key" in capsys.readouterr().err
    assert azure.journal.lines == []


def test_a_key_that_the_api_refuses_is_said_and_never_shown(
    azure: FakeAzure, deploy: Deploy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "key"
    path.write_text("ts_another\n", encoding="utf-8")
    assert deploy("app-service", "--api-key-file", str(path)) == 1
    said = "".join(capsys.readouterr())
    assert "GET /v1/model refuses the key (401)" in said
    assert "ts_" not in said


@pytest.mark.parametrize("option", [("--timeout", "0"), ("--poll", "never"), ("--nonsense",)], ids=" ".join)
def test_options_that_are_none_end_as_any_refusal(deploy: Deploy, option: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        deploy("app-service", *option)
    assert ended.value.code == 3


def test_nobody_is_signed_in(command: Callable[..., list[str]], tmp_path: Path) -> None:
    """The real chain of credentials, on a machine without the Azure CLI: no call leaves it."""
    arguments = command("app-service")
    arguments[arguments.index("--arm-endpoint") + 1] = "https://management.azure.com"
    environment = {"PATH": str(tmp_path), "AZURE_TOKEN_CREDENTIALS": "AzureCliCredential", "HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "scripts.deploy", *arguments],
        env={**environment, "DEPLOY_API_KEY": os.environ["DEPLOY_API_KEY"]},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 3
    words = "not signed in to Azure: run `az login` (in a workflow: azure/login), then this again"
    assert ended.stderr.endswith(f"refused: {words}. Nothing was changed.\n")
