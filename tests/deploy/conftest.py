"""A stand-in for Azure with the old release in it, and the deployment as somebody types it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.deploy.__main__ import main
from tests.deploy.fake_azure import GROUP, SUBSCRIPTION, FakeAzure, faked_azure
from tests.deploy.releases import KEY, NEW

Deploy = Callable[..., int]
TARGETS = {"app-service": ("--name", "air"), "container-apps": ()}


@pytest.fixture
def azure() -> Iterator[FakeAzure]:
    with faked_azure() as faked:
        yield faked


@pytest.fixture
def images(tmp_path: Path) -> Path:
    path = tmp_path / "images.json"
    path.write_text(json.dumps(NEW.content()), encoding="utf-8")
    return path


@pytest.fixture
def command(azure: FakeAzure, images: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    monkeypatch.setenv("DEPLOY_API_KEY", KEY)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)

    def build(target: str, *options: str) -> list[str]:
        where = ["--subscription", SUBSCRIPTION, "--resource-group", GROUP, *TARGETS[target]]
        pace = ["--timeout", "0.9", "--poll", "0.01", "--answer-within", "0.6"]
        return [target, *where, "--images", str(images), "--arm-endpoint", azure.endpoint, *pace, *options]

    return build


@pytest.fixture
def deploy(command: Callable[..., list[str]]) -> Deploy:
    """What it ends with."""
    return lambda target, *options: main(command(target, *options))
