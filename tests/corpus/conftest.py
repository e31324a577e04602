"""One running service for all cases, and apps in this process for what happens without a guard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from front_door import ROOT, FrontDoor, migrate, opened_front_door
from pydantic import SecretStr
from talking import Talk

from inference.app import create_app
from inference.settings import Settings


@pytest.fixture(scope="session")
def front_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDoor]:
    with opened_front_door(tmp_path_factory.mktemp("front-door")) as front_door:
        yield front_door


@pytest.fixture(scope="session")
def talk(front_door: FrontDoor) -> Talk:
    return Talk(front_door)


@pytest.fixture(scope="session")
def database(front_door: FrontDoor) -> Path:
    return front_door.log.with_name("inference.db")


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of the apps in this process."""
    url = f"sqlite:///{tmp_path_factory.mktemp('controls') / 'inference.db'}"
    migrate(url)
    return url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=SecretStr(database_url),
        bundle=ROOT / "models" / "champion",
        model_dir=tmp_path / "models",
        spool_dir=tmp_path / "spool",
    )


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def another_app(settings: Settings) -> FastAPI:
    return create_app(settings)
