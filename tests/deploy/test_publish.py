"""scripts/publish.sh with the real engine and a real registry; its Dockerfiles stand in a small checkout of its own."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.deploy.images import read_images
from tests.deploy.registry import digest_there, registry, skip_without_parts

SCRIPT = Path(__file__).parents[2] / "scripts" / "publish.sh"
SERVICES = ("inference", "ui")
# As small as an image can be: nothing of it runs.
DOCKERFILE = """ARG PYTHON_IMAGE=scratch
FROM ${PYTHON_IMAGE}
COPY services/%s/Dockerfile /
ARG RELEASE=""
ENV INFERENCE_RELEASE=${RELEASE}
"""
needs_engine = pytest.mark.stack


def run(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(checkout.parent), **environment}
    command = ["bash", str(checkout / "scripts" / "publish.sh"), *arguments]
    return subprocess.run(command, cwd=checkout, env=variables, capture_output=True, text=True, check=False)


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(SCRIPT, folder / "scripts")
    for service in SERVICES:
        (folder / "services" / service).mkdir(parents=True)
        (folder / "services" / service / "Dockerfile").write_text(DOCKERFILE % service, encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "all")
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    skip_without_parts()
    with registry(tmp_path) as address:
        yield address
        remove(address)


def remove(start: str) -> None:
    names = docker("images", "--format", "{{.Repository}}:{{.Tag}}").splitlines()
    for name in names:
        if name.startswith(start):
            subprocess.run(["docker", "rmi", "--force", name], capture_output=True, check=True)


@needs_engine
def test_the_digests_are_those_of_the_registry(host: str, checkout: Path) -> None:
    prefix = f"{host}/somebody/air-paradis"
    ended = run(checkout, prefix, "--services", "inference ui", "--output", "out.json")
    assert ended.returncode == 0, ended.stderr
    commit = git(checkout, "rev-parse", "HEAD")
    images = read_images(checkout / "out.json", SERVICES)
    assert images.release == commit
    for service in SERVICES:
        there = digest_there(host, f"somebody/air-paradis/{service}", commit)
        assert images.of(service) == f"{prefix}/{service}@{there}"
        assert f"{service}: {images.of(service)}" in ended.stdout


@needs_engine
def test_by_its_digest_the_image_comes_back_and_knows_its_release(host: str, checkout: Path) -> None:
    ended = run(checkout, f"{host}/a", "--services", "inference", "--release", "v1.2.3", "--output", "out.json")
    assert ended.returncode == 0, ended.stderr
    image = read_images(checkout / "out.json", ["inference"]).of("inference")
    remove(f"{host}/a/inference")
    docker("pull", image)
    variables = json.loads(docker("image", "inspect", "--format", "{{json .Config.Env}}", image))
    assert "INFERENCE_RELEASE=v1.2.3" in variables
    docker("rmi", "--force", image)


@needs_engine
def test_another_base_image_is_built_on(host: str, checkout: Path) -> None:
    base = f"{host}/base:1"
    empty = subprocess.run(["docker", "import", "-c", "LABEL base=ours", "-", base], input=b"\0" * 10240, check=True)
    assert empty.returncode == 0
    ended = run(checkout, f"{host}/a", "--services", "ui", "--release", "x", PYTHON_IMAGE=base)
    assert ended.returncode == 0, ended.stderr
    assert docker("image", "inspect", "--format", "{{.Config.Labels.base}}", f"{host}/a/ui:x") == "ours"


@needs_engine
def test_extras_reach_what_has_extras(host: str, checkout: Path) -> None:
    dockerfile = checkout / "services/ui/Dockerfile"
    dockerfile.write_text(f'{DOCKERFILE % "ui"}ARG EXTRAS=""\nLABEL extras=${{EXTRAS}}\n', encoding="utf-8")
    extras = "--extra ray --extra trees"
    ended = run(checkout, f"{host}/a", "--services", "inference ui", "--release", "x", EXTRAS=extras)
    assert ended.returncode == 0, ended.stderr
    labels = [
        docker("image", "inspect", "--format", "{{.Config.Labels.extras}}", f"{host}/a/{each}:x") for each in SERVICES
    ]
    assert labels == ["<no value>", extras]


@needs_engine
@pytest.mark.parametrize("baked", ["", "another"])
def test_what_compose_has_built_must_know_its_release(host: str, checkout: Path, baked: str) -> None:
    # Under a name that no service has: the machine's own images are left alone.
    service = f"made-by-a-test-{baked or 'without'}"
    (checkout / "services/ui").rename(checkout / "services" / service)
    dockerfile = checkout / "services" / service / "Dockerfile"
    dockerfile.write_text(DOCKERFILE % service, encoding="utf-8")
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message", "another")
    commit = git(checkout, "rev-parse", "HEAD")
    publish = [f"{host}/a", "--services", service, "--built"]
    build = ["build", "--quiet", "--tag", f"air-paradis/{service}", "--file", str(dockerfile), "--build-arg"]
    try:
        docker(*build, f"RELEASE={baked}", str(checkout))
        refused = run(checkout, *publish)
        assert refused.returncode == 1
        assert f"it is release '{baked}', not '{commit}': RELEASE={commit} docker compose build" in refused.stderr
        docker("rmi", "--force", f"air-paradis/{service}")
        docker(*build, f"RELEASE={commit}", str(checkout))
        ended = run(checkout, *publish, "--output", "../out.json")
        assert ended.returncode == 0, ended.stderr
        assert read_images(checkout.parent / "out.json", [service]).release == commit
    finally:
        docker("rmi", "--force", f"air-paradis/{service}")


@needs_engine
def test_what_compose_has_not_built_cannot_be_taken(checkout: Path) -> None:
    skip_without_parts()
    (checkout / "services/ui").rename(checkout / "services/made-by-nobody")
    ended = run(checkout, "127.0.0.1:1/a", "--services", "made-by-nobody", "--built", "--release", "x")
    assert ended.returncode == 1
    assert "error: there is no image air-paradis/made-by-nobody: docker compose build" in ended.stderr


@needs_engine
def test_who_has_not_signed_in_is_told_so(checkout: Path, tmp_path: Path) -> None:
    skip_without_parts()
    with registry(tmp_path, asks_who=True) as host:
        ended = run(checkout, f"{host}/a", "--services", "ui")
        remove(host)
    assert ended.returncode == 1
    assert f"error: ui was not taken: sign in first (docker login {host})" in ended.stderr
    assert not (checkout / "images.json").exists()


@needs_engine
def test_a_registry_that_is_away(checkout: Path) -> None:
    skip_without_parts()
    ended = run(checkout, "127.0.0.1:1/a", "--services", "ui")
    remove("127.0.0.1:1/a")
    assert ended.returncode == 1
    assert "error: ui could not be pushed to 127.0.0.1:1/a/ui:" in ended.stderr


@needs_engine
def test_an_image_that_cannot_be_built(checkout: Path) -> None:
    skip_without_parts()
    (checkout / "services/ui/Dockerfile").write_text("FROM scratch\nCOPY nothing /\n", encoding="utf-8")
    ended = run(checkout, "127.0.0.1:1/a", "--services", "ui", "--release", "x")
    assert ended.returncode == 1
    assert "error: ui could not be built" in ended.stderr


REFUSED = {
    "no-registry": ([], "REGISTRY/PREFIX must be such as"),
    "big-letters": (["ghcr.io/Owner/air"], "in small letters"),
    "two": (["ghcr.io/a/b", "ghcr.io/c/d"], "one REGISTRY/PREFIX only"),
    "no-such-service": (["ghcr.io/a/b", "--services", "nobody"], "there is no services/nobody/Dockerfile"),
    "no-such-option": (["ghcr.io/a/b", "--force"], "unknown option --force"),
    "no-value": (["ghcr.io/a/b", "--output"], "--output needs a value"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused_before_anything_is_built(checkout: Path, kind: str) -> None:
    arguments, words = REFUSED[kind]
    ended = run(checkout, *arguments)
    assert ended.returncode == 1
    assert words in ended.stderr


def engine_that_answers(folder: Path) -> str:
    """Nothing more is asked of it before the checkout is looked at."""
    folder.mkdir()
    (folder / "docker").write_text("#!/bin/sh\n", encoding="utf-8")
    (folder / "docker").chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def test_changes_in_no_commit_have_no_release(checkout: Path, tmp_path: Path) -> None:
    (checkout / "new").write_text("", encoding="utf-8")
    ended = run(checkout, "ghcr.io/a/b", "--services", "ui", PATH=engine_that_answers(tmp_path / "bin"))
    assert ended.returncode == 1
    assert "changes that are in no commit" in ended.stderr


def test_a_release_must_be_a_tag(checkout: Path, tmp_path: Path) -> None:
    path = engine_that_answers(tmp_path / "bin")
    ended = run(checkout, "ghcr.io/a/b", "--services", "ui", "--release", "a/b", PATH=path)
    assert ended.returncode == 1
    assert "--release must be a commit or a word that can be a tag, not 'a/b'" in ended.stderr


def test_without_docker(checkout: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("bash", "dirname", "git"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    ended = run(checkout, "ghcr.io/a/b", "--services", "ui", PATH=str(folder))
    assert ended.returncode == 1
    assert "error: no docker here" in ended.stderr
