"""Nothing gets into an image but what a hash, a version or a digest names; docs/supply-chain.md says why each is so."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".tools" / "uv"
TOOLS = ROOT / ".tools" / "lint"
DOCKERFILES = sorted((ROOT / "services").glob("*/Dockerfile"))
SERVICES = {"inference": "inference", "mlflow": "mlflow-server", "trainer": "trainer", "ui": "ui"}
LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
each_dockerfile = pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
needs_uv = pytest.mark.skipif(not UV.exists(), reason="no .tools/uv: scripts/setup.sh dev")


def instructions(dockerfile: Path) -> list[str]:
    """Without comments, each on one line."""
    lines = [line for line in dockerfile.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    return [each for each in re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines() if each.strip()]


def commands(dockerfile: Path) -> list[str]:
    ran = [each.removeprefix("RUN ") for each in instructions(dockerfile) if each.startswith("RUN ")]
    return [command.strip() for each in ran for command in re.split(r"&&|\|\||;|\|", each)]


# --- the lock


def test_the_lock_knows_every_package_from_the_index_or_from_here() -> None:
    sources = {tuple(package["source"]) for package in LOCK}
    assert sources <= {("registry",), ("editable",), ("virtual",)}
    assert {package["source"]["registry"] for package in LOCK if "registry" in package["source"]} == {
        "https://pypi.org/simple"
    }
    ours = {path for package in LOCK for kind, path in package["source"].items() if kind != "registry"}
    assert ours == {".", *(f"services/{service}" for service in SERVICES)}


def test_the_lock_has_a_hash_for_every_file() -> None:
    files = [
        (package["name"], file)
        for package in LOCK
        if "registry" in package["source"]
        for file in [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
    ]
    assert {name for name, _ in files} == {package["name"] for package in LOCK if "registry" in package["source"]}
    assert [name for name, file in files if not re.fullmatch(r"sha256:[0-9a-f]{64}", file.get("hash", ""))] == []


def test_what_is_installed_beside_the_lock_is_pinned() -> None:
    bert = (ROOT / "services" / "trainer" / "requirements-bert.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in bert if line and not re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line)] == []


@pytest.mark.parametrize(
    "file", [ROOT / "infra/lint/requirements.txt", ROOT / "infra/images/uv.txt"], ids=lambda p: p.name
)
def test_what_is_installed_with_hashes_has_them(file: Path) -> None:
    if not file.exists():
        pytest.skip(f"there is no {file.name}")
    text = re.sub(r"^#.*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    entries = [entry for entry in re.sub(r"\\\n\s*", "", text).splitlines() if entry.strip()]
    assert entries
    pinned = r"[\w.\[\]-]+==\S+( ; [^#]+?)? (--hash=sha256:[0-9a-f]{64} ?)+"
    assert [entry[:80] for entry in entries if not re.fullmatch(pinned, entry)] == []


# --- the images


def test_there_is_a_dockerfile_for_each_service() -> None:
    assert [path.parent.name for path in DOCKERFILES] == sorted(SERVICES)


@each_dockerfile
def test_an_image_starts_from_the_one_base(dockerfile: Path) -> None:
    content = dockerfile.read_text(encoding="utf-8")
    defaults = re.findall(r"^ARG PYTHON_IMAGE=(\S+)", content, re.MULTILINE)
    assert defaults == [COMPOSE["x-build-args"]["PYTHON_IMAGE"].removeprefix("${PYTHON_IMAGE:-").removesuffix("}")]
    assert is_pinned(defaults[0])
    stages = re.findall(r"^FROM \S+ AS (\S+)", content, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", content, re.MULTILINE)) <= {"${PYTHON_IMAGE}", *stages}
    assert set(re.findall(r"--from=(\S+)", content)) <= set(stages)


@each_dockerfile
def test_an_image_installs_what_the_lock_names(dockerfile: Path) -> None:
    syncs = [each for each in commands(dockerfile) if each.startswith("uv sync")]
    assert syncs
    assert all({"--frozen", "--no-dev"} <= set(each.split()) for each in syncs)
    # Ours is the only thing that comes otherwise, and nothing comes with it.
    ours = f"./services/{dockerfile.parent.name}"
    others = [each for each in commands(dockerfile) if each.startswith("uv ") and each not in syncs]
    assert [each for each in others if not ("--no-deps" in each and each.endswith(ours))] == []


@each_dockerfile
def test_an_image_fetches_nothing_by_itself(dockerfile: Path) -> None:
    text = "\n".join(instructions(dockerfile))
    assert (
        re.findall(r"https?://(?!127\.0\.0\.1)\S+|\bcurl\b|\bwget\b|\bgit\b|^ADD |\bapt(-get)? install\b", text, re.M)
        == []
    )
    installs = [each for each in commands(dockerfile) if re.match(r"(python -m )?pip install", each)]
    assert len(installs) == 1
    assert re.search(r" uv==[\d.]+$| --require-hashes .*uv\.txt", installs[0])


def test_uv_has_one_version_and_brings_the_build_back_end_with_it() -> None:
    """It builds with the back end inside it where that is in range; any other would be fetched, and without a hash."""
    files = [*DOCKERFILES, ROOT / "scripts" / "setup.sh", ROOT / "infra" / "images" / "uv.txt"]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files if file.exists())
    [version] = set(re.findall(r"\buv(?:_version)?={1,2}(\d+\.\d+\.\d+)", text))
    for service in SERVICES:
        project = tomllib.loads((ROOT / "services" / service / "pyproject.toml").read_text(encoding="utf-8"))
        for each in project.get("build-system", {"requires": []})["requires"]:
            back_end = Requirement(each)
            assert back_end.name == "uv_build"
            assert version in back_end.specifier


# --- the compose file


def is_pinned(image: str) -> bool:
    name, _, tag = image.partition("@")[0].rpartition(":")
    return "@sha256:" in image or bool(name and tag and re.match(r"\d", tag))


@pytest.mark.parametrize(
    ("image", "pinned"),
    [
        ("python:3.11-slim-bookworm", True),
        ("python:3.11-slim@sha256:" + 64 * "0", True),
        ("mirror:5000/python:3.11", True),
        ("python", False),
        ("python:latest", False),
        ("python:slim", False),
    ],
)
def test_an_image_is_pinned_by_a_number_or_a_digest(image: str, pinned: bool) -> None:
    assert is_pinned(image) is pinned


@pytest.mark.parametrize("service", COMPOSE["services"])
def test_a_container_is_ours_or_pinned(service: str) -> None:
    given: dict[str, Any] = COMPOSE["services"][service]
    default = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", given["image"])
    assert "build" in given or is_pinned(default) or any(default == each["image"] for each in built())


def built() -> list[dict[str, Any]]:
    return [each for each in COMPOSE["services"].values() if "build" in each]


@pytest.mark.parametrize("service", COMPOSE["services"])
def test_a_container_has_no_way_to_the_machine(service: str) -> None:
    given: dict[str, Any] = COMPOSE["services"][service]
    forbidden = {"privileged", "cap_add", "devices", "pid", "ipc", "userns_mode", "network_mode", "env_file"}
    assert forbidden & set(given) == set()
    assert "docker.sock" not in json.dumps(given)


# --- workflows, updates


def test_actions_are_pinned_by_commit_and_their_token_may_only_read() -> None:
    for workflow in (ROOT / ".github" / "workflows").glob("*.y*ml"):
        content = workflow.read_text(encoding="utf-8")
        used = re.findall(r"uses: (\S+)", content)
        # `$/`: of this repository, at the very commit that runs.
        pinned = r"[\w./-]+@[0-9a-f]{40}|\$/\.github/workflows/[\w-]+\.yml"
        assert [each for each in used if not re.fullmatch(pinned, each)] == []
        assert yaml.safe_load(content)["permissions"] == {"contents": "read"}


def test_dependabot_covers_what_is_pinned_grouped_and_weekly() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    assert {each["package-ecosystem"] for each in updates} >= {
        "uv",
        "pip",
        "docker",
        "docker-compose",
        "github-actions",
    }
    for each in updates:
        assert each["schedule"]["interval"] == "weekly"
        assert len(each["groups"]) == 1
        folders = [each["directory"]] if "directory" in each else each["directories"]
        assert all([*ROOT.glob(folder.lstrip("/") or "*")] for folder in folders)


# --- what is in an image, as CycloneDX


@pytest.fixture(scope="session")
def sboms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sbom")
    subprocess.run(["bash", "scripts/sbom.sh", str(folder)], cwd=ROOT, check=True, capture_output=True)
    return folder


@needs_uv
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_a_list_of_what_it_is_made_of(sboms: Path, service: str) -> None:
    content = json.loads((sboms / f"{service}.json").read_text(encoding="utf-8"))
    assert content["metadata"]["component"]["name"] == SERVICES[service]
    locked = {(package["name"], package.get("version")) for package in LOCK}
    listed = {(each["name"], each["version"]) for each in content["components"] if "purl" in each}
    assert len(listed) > 40
    assert listed <= locked
    hashes = [file.get("hashes") for each in content["components"] for file in each.get("externalReferences", [])]
    assert hashes and all(hashes)
    left_out = set(
        re.findall(r"--no-install-package[ =](\S+)", (ROOT / "services" / service / "Dockerfile").read_text())
    )
    assert left_out & {name for name, _ in listed} == set()


@needs_uv
@pytest.mark.skipif(not (TOOLS / "requirements.txt").exists(), reason="no .tools/lint: scripts/lint.sh --install")
def test_these_lists_are_valid_cyclonedx(sboms: Path) -> None:
    program = (
        "import sys\n"
        "from cyclonedx.schema import SchemaVersion\n"
        "from cyclonedx.validation.json import JsonStrictValidator\n"
        "for path in sys.argv[1:]:\n"
        "    print(JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(path, encoding='utf-8').read()))"
    )
    spoiled = sboms / "spoiled.json"
    content = json.loads((sboms / "ui.json").read_text(encoding="utf-8"))
    spoiled.write_text(json.dumps(content | {"components": [{"name": "no type"}]}), encoding="utf-8")
    paths = [str(sboms / f"{service}.json") for service in SERVICES]
    command = [str(TOOLS / "bin" / "python"), "-c", program, *paths, str(spoiled)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n", len(paths))
    assert said[: len(paths)] == ["None"] * len(paths)
    assert "'type' is a required property" in said[-1]
