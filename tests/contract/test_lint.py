"""What `scripts/lint.sh` must find, planted in a copy; what it is for a secret to be accepted."""

import base64
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import secret_scan

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools" / "lint"
PINS = ROOT / "infra" / "lint" / "requirements.txt"
COPIED = (
    "services",
    "docker-compose.yml",
    ".github",
    ".hadolint.yaml",
    ".checkov.yaml",
    ".checkov-bicep.yaml",
    ".checkov-kubernetes.yaml",
    "scripts",
    "infra",
    ".ci",
)
# Put together here, or else they would be found here.
PLANTED = {
    "AWS Access Key": "key = 'AKIA" + "QYLPMN5HHHFPZAM2'",
    "GitHub Token": "token: gh" + "p_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx",
    "Private Key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "Slack Token": "https://hooks.slack"
    + ".com/services/T0000AAAA/B0000AAAA/"
    + base64.b64encode(b"made up for a test").decode(),
    "Secret Keyword": "pass" + "word = 'tulip-Harbour-92'",
}


@pytest.fixture(autouse=True)
def tools() -> None:
    installed = TOOLS / "requirements.txt"
    if not installed.exists() or installed.read_bytes() != PINS.read_bytes():
        pytest.skip("the tools are not in .tools/lint, or not the pinned ones: scripts/lint.sh --install")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What lint.sh reads, as a repository of its own that has the same tools."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "src", "var"))
        else:
            shutil.copy(source, tmp_path / name)
    (tmp_path / ".tools").symlink_to(ROOT / ".tools")
    (tmp_path / ".gitignore").write_text(".tools\n", encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def lint(checkout: Path) -> tuple[int, set[str], str]:
    command = ["bash", "scripts/lint.sh"]
    result = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    said = result.stdout + result.stderr
    return (
        result.returncode,
        {line.removeprefix("FAILS ") for line in said.splitlines() if line.startswith("FAILS")},
        said,
    )


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_each_check_finds_what_is_wrong(checkout: Path) -> None:
    (checkout / "services" / "ui" / "Dockerfile").write_text("FROM debian:12\nRUN cd /tmp\n", encoding="utf-8")
    (checkout / "infra" / "edge" / "run.sh").write_text("#!/bin/sh\nrm -rf $1/*\n", encoding="utf-8")
    compose = (checkout / "docker-compose.yml").read_text(encoding="utf-8")
    (checkout / "docker-compose.yml").write_text(
        compose.replace("pids_limit: 200", "pid_limits: 200", 1), encoding="utf-8"
    )
    workflow = checkout / ".github" / "workflows" / "other.yml"
    job = "{runs-on: ubuntu-24.04, steps: [{uses: actions/checkout@main}]}"
    workflow.write_text(f"on: push\nsurprise: 1\njobs: {{a: {job}}}\n", encoding="utf-8")
    (checkout / ".github" / "dependabot.yml").write_text("version: 2\nupdates: []\nunheard: 1\n", encoding="utf-8")
    (checkout / "infra" / "key.pem").write_text(PLANTED["Private Key"], encoding="utf-8")
    azure = checkout / "infra" / "azure"
    change(azure / "app-service" / "site.bicep", "httpsOnly: true", "httpsOnly: false")
    change(azure / "modules" / "alerts.bicep", "evaluationFrequency:", "evaluationFrequenzy:")
    change(azure / "alerts" / "rejected_burst.kql", "customDimensions", "customDimension")
    api = checkout / "infra" / "kubernetes" / "api"
    change(api / "inference.yaml", "maxSurge", "maxSurges")
    change(api / "edge.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false")
    status, failed, said = lint(checkout)
    assert status == 1
    assert failed == {
        "Dockerfiles (hadolint)",
        "shell scripts (shellcheck)",
        "compose files (compose specification)",
        "workflows (schema)",
        "dependabot.yml (schema)",
        "workflows (zizmor)",
        "Dockerfiles, workflows (checkov)",
        "Bicep (two parsers, models of Azure)",
        "Bicep (checkov)",
        "queries for Azure (Kusto language service)",
        "Kubernetes (schemas)",
        "Kubernetes (checkov)",
        "secrets (detect-secrets)",
    }
    for sign in (
        "DL3003",
        "SC2086",
        "pid_limits",
        "surprise",
        "unheard",
        "unpinned-uses",
        "CKV_DOCKER_3",
        "evaluationFrequenzy",
        "CKV_AZURE_14",
        "maxSurges",
        "CKV_K8S_22",
        "rejected_burst.kql:17:",
        "infra/key.pem:1",
    ):
        assert sign in said, sign


def test_a_check_of_no_files_does_not_pass(checkout: Path) -> None:
    for dockerfile in (checkout / "services").glob("*/Dockerfile"):
        dockerfile.unlink()
    status, _, said = lint(checkout)
    assert (status, said) == (1, "error: no Dockerfiles found\n")


def test_tools_that_cannot_be_installed_are_an_error(checkout: Path) -> None:
    """Neither uv nor a package index, as on a new machine without a network."""
    (checkout / ".tools").unlink()
    status, _, said = lint(checkout)
    assert (status, said) == (1, "error: uv and .venv are not there yet: scripts/setup.sh dev\n")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / "harmless.txt").write_text("nothing in here\n", encoding="utf-8")
    yield tmp_path


def secrets_in(folder: Path) -> tuple[int, str]:
    command = [sys.executable, str(ROOT / "scripts" / "secret_scan.py"), str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode, result.stderr


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_secret_is_found_and_not_repeated(folder: Path, kind: str) -> None:
    assert secrets_in(folder) == (0, "")
    # In a file that is not small.
    before = "# a comment that fills the file\n" * 1000
    (folder / "settings.py").write_text(f"{before}{PLANTED[kind]}\n", encoding="utf-8")
    status, said = secrets_in(folder)
    assert status == 1
    assert f"settings.py:1001: looks like a secret ('{kind} " in said
    assert PLANTED[kind] not in said


def test_what_git_ignores_is_not_looked_at(folder: Path) -> None:
    (folder / ".env").write_text(PLANTED["Private Key"], encoding="utf-8")
    assert secrets_in(folder)[0] == 1
    (folder / ".gitignore").write_text(".env\n", encoding="utf-8")
    assert secrets_in(folder) == (0, "")


def test_an_accepted_secret_does_not_cover_another_in_its_file(folder: Path) -> None:
    name = "tests/inference/test_mail.py"
    copy = folder / name
    copy.parent.mkdir(parents=True)
    shutil.copy(ROOT / name, copy)
    assert secrets_in(folder) == (0, "")
    with copy.open("a", encoding="utf-8") as file:
        file.write(PLANTED["Secret Keyword"] + "\n")
    assert secrets_in(folder)[0] == 1
    copy.write_text("# all gone\n", encoding="utf-8")
    status, said = secrets_in(folder)
    assert status == 1
    assert "is accepted in secrets.toml, and is not there any more" in said


def test_a_placeholder_is_one_alone(folder: Path) -> None:
    (folder / "placeholder.py").write_text("pass" + 'word = "local-only"\n', encoding="utf-8")
    assert secrets_in(folder) == (0, "")
    (folder / "placeholder.py").write_text("pass" + 'word = "local-only-2b7"\n', encoding="utf-8")
    assert secrets_in(folder)[0] == 1


def test_a_checksum_is_one_in_its_own_files_only() -> None:
    policy = secret_scan.read_policy()
    checksum = f"{secret_scan.CHECKSUM} 0123456789ab"
    assert secret_scan.is_accepted(secret_scan.Finding("models/champion/model.json", checksum), policy)
    assert not secret_scan.is_accepted(secret_scan.Finding("services/ui/src/ui/app.py", checksum), policy)
    assert not secret_scan.is_accepted(
        secret_scan.Finding("models/champion/model.json", "Private Key 0123456789ab"), policy
    )
