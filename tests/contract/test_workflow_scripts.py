"""The scripts inside deploy.yml, run here with stand-ins for what they call; the flags are read by the real parsers."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.deploy.__main__ import build_parser
from tests.contract.workflows import JOBS, ROOT, run, stand_in, step_named

SETUP = step_named("deploy", "deploy", "Is everything set up?")
DEPLOY = step_named("deploy", "deploy", "Deploy")
PUSH = step_named("deploy", "publish", "Push")
SET = {
    "AZURE_CLIENT_ID": "client",
    "AZURE_TENANT_ID": "tenant",
    "AZURE_SUBSCRIPTION_ID": "subscription",
    "AZURE_RESOURCE_GROUP": "group",
    "AZURE_APP_NAME": "paradis",
}
IMAGES = {"release": "c0ffee", "images": {"inference": "ghcr.io/o/p/inference@sha256:1"}}


# --- is everything set up?


@pytest.mark.parametrize("target", ["app-service", "container-apps"])
def test_where_all_is_set_nothing_is_said(tmp_path: Path, target: str) -> None:
    said = run(SETUP, tmp_path, TARGET=target, **SET)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_what_is_missing_is_named_all_at_once(tmp_path: Path) -> None:
    some = dict.fromkeys(SET, "") | {"AZURE_CLIENT_ID": "client"}
    said = run(SETUP, tmp_path, TARGET="app-service", **some)
    assert said.returncode == 1
    missing = "AZURE_TENANT_ID AZURE_SUBSCRIPTION_ID AZURE_RESOURCE_GROUP AZURE_APP_NAME"
    assert f"::error::The environment production has no variable {missing}. docs/deployment.md" in said.stdout


def test_container_apps_need_no_name(tmp_path: Path) -> None:
    assert run(SETUP, tmp_path, TARGET="container-apps", **SET | {"AZURE_APP_NAME": ""}).returncode == 0


def test_it_looks_at_what_the_job_has() -> None:
    assert set(SET) <= set(JOBS["deploy", "deploy"]["env"])


# --- deploy


def deploy_words(folder: Path, **variables: str) -> list[str]:
    stand_in(folder / ".venv/bin/python", 'printf "%s\\n" "$@"')
    said = run(DEPLOY, folder, **SET | variables)
    assert (said.returncode, said.stderr) == (0, "")
    program, words = said.stdout.splitlines()[:2], said.stdout.splitlines()[2:]
    assert program == ["-m", "scripts.deploy"]
    return words


@pytest.mark.parametrize("first", ["", "yes"])
@pytest.mark.parametrize("target", ["app-service", "container-apps"])
def test_the_deployment_is_told_what_it_understands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, first: str
) -> None:
    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", SET["AZURE_SUBSCRIPTION_ID"])
    options = build_parser().parse_args(deploy_words(tmp_path, TARGET=target, FIRST=first))
    assert (options.target, options.subscription, options.resource_group) == (target, "subscription", "group")
    assert (options.images, options.first, options.dry_run) == (Path("var/release/images.json"), bool(first), False)
    assert getattr(options, "name", None) == ("paradis" if target == "app-service" else None)


def test_a_deployment_that_failed_fails_the_job(tmp_path: Path) -> None:
    stand_in(tmp_path / ".venv/bin/python", "exit 2")
    assert run(DEPLOY, tmp_path, TARGET="container-apps", FIRST="", **SET).returncode == 2


# --- push


def push_words(folder: Path, acr: str) -> list[str]:
    stand_in(
        folder / "scripts/publish.sh",
        f"printf '%s\\n' \"$@\"; cat >\"$RUNNER_TEMP/images.json\" <<'END'\n{json.dumps(IMAGES)}\nEND",
    )
    said = run(PUSH, folder, GITHUB_REPOSITORY="Owner/Air-Paradis", RELEASE="c0ffee", ACR_NAME=acr)
    assert (said.returncode, said.stderr) == (0, "")
    return said.stdout.splitlines()


@pytest.mark.parametrize(
    ("acr", "prefix"), [("", "ghcr.io/owner/air-paradis"), ("Paradis", "paradis.azurecr.io/air-paradis")]
)
def test_images_go_to_the_registry_that_is_set_up(tmp_path: Path, acr: str, prefix: str) -> None:
    words = push_words(tmp_path, acr)
    assert words == [prefix, "--built", "--output", f"{tmp_path}/images.json"]
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "### Images of release `c0ffee`" in summary
    assert "| inference | `ghcr.io/o/p/inference@sha256:1` |" in summary


@pytest.mark.parametrize("acr", ["", "paradis"])
def test_publishing_understands_these_words(tmp_path: Path, acr: str) -> None:
    """As far as it comes without Docker, which it looks for once it has read them."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in ("bash", "dirname"):
        (commands / name).symlink_to(shutil.which(name) or name)
    command = [str(commands / "bash"), str(ROOT / "scripts/publish.sh"), *push_words(tmp_path, acr)]
    said = subprocess.run(command, env={"PATH": str(commands)}, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert said.stderr.startswith("error: no docker here")
