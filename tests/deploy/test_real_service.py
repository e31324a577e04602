"""The gate and the smoke test before the real API: a champion that reads, keys that count, a process that restarts."""

from pathlib import Path

import pytest

from tests.deploy.conftest import Deploy
from tests.deploy.fake_azure import FakeAzure
from tests.deploy.real_service import real_site
from tests.deploy.releases import NEW, NEW_RELEASE, OLD, OLD_RELEASE

PACE = ("--timeout", "30", "--poll", "0.2", "--answer-within", "5")


def test_the_real_api_passes(
    azure: FakeAzure, deploy: Deploy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with real_site(azure, tmp_path) as release:
        assert release() == OLD_RELEASE
        assert deploy("app-service", *PACE) == 0
        assert release() == NEW_RELEASE
    said = capsys.readouterr().out
    assert "smoke test: positive, in" in said
    assert "smoke test: negative, in" in said


def test_a_real_api_that_is_open_to_all_is_taken_back(
    azure: FakeAzure, deploy: Deploy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    azure.behaviours.change(NEW.image("inference"), refuses_strangers=False)
    with real_site(azure, tmp_path) as release:
        assert deploy("app-service", *PACE) == 1
        assert release() == OLD_RELEASE
    assert azure.sites["air-api"].image == OLD.image("inference")
    assert "a wrong key is answered with 200 instead of 401" in capsys.readouterr().out
