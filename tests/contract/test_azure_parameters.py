"""`make azure-parameters`: what it writes is what the Bicep files ask for, and nobody else can read it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from inference.access.keys import read_keys

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("app-service", "container-apps")
SERVICES = ("inference", "ui", "mlflow", "trainer")
DIGEST = "sha256:" + "0a" * 32


def run(script: str, place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / script), *arguments]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """With secrets, and the images of a release."""
    assert run("make_secrets.py", tmp_path).returncode == 0
    images = {service: f"ghcr.io/owner/air-paradis/{service}@{DIGEST}" for service in SERVICES}
    (tmp_path / "images.json").write_text(json.dumps({"release": "1", "images": images}), encoding="utf-8")
    return tmp_path


def written(place: Path, target: str) -> dict[str, Any]:
    done = run("azure_parameters.py", place, target)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"written  secrets/azure/{target}.json\n"
    content = json.loads((place / "secrets" / "azure" / f"{target}.json").read_text(encoding="utf-8"))
    return {name: given["value"] for name, given in content["parameters"].items()}


def asked(target: str) -> dict[str, bool]:
    """The parameters of its main file, and whether each has to be given."""
    bicep = (ROOT / "infra" / "azure" / target / "main.bicep").read_text(encoding="utf-8")
    return {name: not default for name, default in re.findall(r"^param (\w+) \w+( =)?", bicep, re.MULTILINE)}


@pytest.mark.parametrize("target", TARGETS)
def test_all_that_has_to_be_given_is_but_the_name(place: Path, target: str) -> None:
    parameters = written(place, target)
    known = asked(target)
    assert set(parameters) <= set(known)
    assert {name for name, needed in known.items() if needed} - set(parameters) == {"name"}


@pytest.mark.parametrize("target", TARGETS)
def test_images_are_named_by_digest(place: Path, target: str) -> None:
    images = {name: value for name, value in written(place, target).items() if name.endswith("Image")}
    assert len(images) == (2 if target == "app-service" else 4)
    assert all(str(value).endswith(DIGEST) for value in images.values())


def test_the_api_knows_the_pages_by_their_key(place: Path) -> None:
    parameters = written(place, "app-service")
    assert "\n" not in parameters["apiKeys"]
    known = read_keys(parameters["apiKeys"].replace(";", "\n").encode())
    assert {key.caller.name for key in known.values()} == {"ui", "trainer"}
    assert parameters["pagesApiKey"] == (place / "secrets" / "ui-api-key").read_text().strip()


def test_the_secrets_of_container_apps_are_those_that_its_vault_asks_for(place: Path) -> None:
    (place / "secrets" / "sign-in").write_text("[auth]\n", encoding="utf-8")
    bicep = (ROOT / "infra" / "azure" / "container-apps" / "main.bicep").read_text(encoding="utf-8")
    [names] = re.findall(r"var secretNames = concat\(\[(.*?)\]", bicep, re.DOTALL)
    given = written(place, "container-apps")["secrets"]
    assert set(re.findall(r"'([\w-]+)'", names)) | {"sign-in"} == set(given)
    assert given["sign-in"] == "[auth]"


def test_the_password_of_the_administrator_stays_and_is_one_that_azure_takes(place: Path) -> None:
    password = written(place, "container-apps")["secrets"]["database-admin"]
    assert written(place, "container-apps")["secrets"]["database-admin"] == password
    assert all(re.search(kind, password) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    assert 8 <= len(password) <= 128


@pytest.mark.parametrize("target", TARGETS)
def test_nobody_else_can_read_it(place: Path, target: str) -> None:
    written(place, target)
    folder = place / "secrets" / "azure"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_what_is_missing_is_named_with_what_makes_it(place: Path) -> None:
    (place / "secrets" / "subject-key").unlink()
    said = run("azure_parameters.py", place, "app-service")
    assert (said.returncode, said.stderr) == (1, "error: secrets/subject-key is missing or empty: make secrets\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "images.json is not there: scripts/publish.sh writes it"),
        ("{", "images.json does not name the images of app-service: scripts/publish.sh writes it"),
        ('{"images": {"inference": "i:1", "ui": "u:1"}}', "images.json: i:1 is no image by digest"),
    ],
    ids=["absent", "broken", "by tag"],
)
def test_images_that_are_none_are_refused(place: Path, content: str | None, words: str) -> None:
    (place / "images.json").unlink()
    if content is not None:
        (place / "images.json").write_text(content, encoding="utf-8")
    said = run("azure_parameters.py", place, "app-service")
    assert (said.returncode, said.stderr) == (1, f"error: {words}\n")
    assert not (place / "secrets" / "azure").exists()
