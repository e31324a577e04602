"""The job that labels a folder: what it is told is a command of the trainer's, and where it writes it may write."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tests.contract.bicep_reader import ROOT, Parsed, need_tools, parse_all
from trainer.__main__ import app

MAIN, SCORING, ENVIRONMENT = (f"container-apps/{name}.bicep" for name in ("main", "scoring", "environment"))


@pytest.fixture(scope="module")
def parsed() -> Parsed:
    need_tools()
    return parse_all()


@pytest.fixture(scope="module")
def job(parsed: Parsed) -> dict[str, Any]:
    return dict(parsed[SCORING]["resources"]["score"]["config"]["properties"])


@pytest.fixture(scope="module")
def arguments(parsed: Parsed) -> list[str]:
    return list(parsed[MAIN]["parameters"]["scoreArguments"]["default"])


def test_it_waits_for_a_person_and_what_was_killed_goes_on(job: dict[str, Any]) -> None:
    configuration = job["configuration"]
    assert configuration["triggerType"] == "Manual"
    assert configuration["manualTriggerConfig"] == {"parallelism": 1, "replicaCompletionCount": 1}
    assert configuration["replicaRetryLimit"] == 3
    assert configuration["replicaTimeout"] == 24 * 60 * 60


def test_it_knows_no_secret(job: dict[str, Any]) -> None:
    assert "secrets" not in job["configuration"]
    assert [volume["storageType"] for volume in job["template"]["volumes"]] == ["AzureFile"]


def test_its_folders_lie_in_a_share_that_its_user_may_write(
    parsed: Parsed, job: dict[str, Any], arguments: list[str]
) -> None:
    [container], [volume] = job["template"]["containers"], job["template"]["volumes"]
    [mount] = container["volumeMounts"]
    assert mount["volumeName"] == volume["name"]
    assert [Path(each).parent.as_posix() for each in arguments[1:]] == [mount["mountPath"]] * 2
    assert (
        parsed[ENVIRONMENT]["outputs"]["tweetsStorage"]["value"]["operator"]["operands"]["operand_1"] == "tweetsMount"
    )
    options = dict(each.split("=") for each in volume["mountOptions"].split(",") if "=" in each)
    dockerfile = (ROOT / "services" / "trainer" / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (\d+):(\d+)$", dockerfile, re.MULTILINE) == [(options["uid"], options["gid"])]
    assert (options["dir_mode"], options["file_mode"]) == ("0700", "0600")


def test_what_it_is_told_labels_the_folder_and_twice_is_as_good_as_once(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    tweets = tmp_path / "tweets"
    tweets.mkdir()
    (tweets / "monday.csv").write_text("id,text\n1,what a lovely crew\n2,two hours in the queue\n", encoding="utf-8")
    here = [each.replace("/data", str(tmp_path)) for each in arguments]
    for _ in range(2):
        ended = CliRunner().invoke(app, here)
        assert ended.exit_code == 0, ended.output
        found = {file.relative_to(tmp_path / "scored").as_posix() for file in (tmp_path / "scored").iterdir()}
        assert {"monday.csv-00000.parquet", "_SUCCESS"} <= found


def test_with_ray_it_is_told_two_words_more(arguments: list[str]) -> None:
    command = typer.main.get_command(app).commands[arguments[0]]  # type: ignore[attr-defined]
    told = command.make_context(arguments[0], [*arguments[1:], "--engine", "ray"]).params
    assert str(told["engine"]) == "ray" and [str(told["source"]), str(told["output"])] == arguments[1:]
