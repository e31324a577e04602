"""What the tests ask of infra/kubernetes: its documents, their pods, what a check or kustomize says of a folder."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "infra" / "kubernetes"
PYTHON = ROOT / ".tools" / "lint" / "bin" / "python"
CHECK = ROOT / "infra" / "lint" / "kubernetes" / "check.py"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
Content = dict[str, Any]


def need_tools() -> None:
    installed = ROOT / ".tools" / "lint" / "requirements.txt"
    pins = ROOT / "infra" / "lint" / "requirements.txt"
    if not installed.exists() or installed.read_bytes() != pins.read_bytes():
        pytest.skip("the tools are not in .tools/lint, or not the pinned ones: scripts/lint.sh --install")


def read(name: str) -> list[Content]:
    return list(yaml.safe_load_all((KUBERNETES / name).read_text(encoding="utf-8")))


def find(name: str, kind: str) -> Content:
    [found] = [each for each in read(name) if each["kind"] == kind]
    return dict(found)


def every_pod() -> Iterator[tuple[str, Content]]:
    """The pod template of each Deployment, Job and part of the RayJob, by its name."""
    for path in sorted(KUBERNETES.rglob("*.yaml")):
        for each in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if each.get("kind") in ("Deployment", "Job"):
                yield each["metadata"]["name"], each["spec"]["template"]
            if each.get("kind") == "RayJob":
                cluster = each["spec"]["rayClusterSpec"]
                yield "submitter", each["spec"]["submitterPodTemplate"]
                yield "head", cluster["headGroupSpec"]["template"]
                yield from ((group["groupName"], group["template"]) for group in cluster["workerGroupSpecs"])


def container_of(template: Content) -> Content:
    [container] = template["spec"]["containers"]
    return dict(container)


def variables_of(template: Content) -> dict[str, Any]:
    """What each is set to; None where it comes from elsewhere."""
    return {each["name"]: each.get("value") for each in container_of(template).get("env", [])}


def labels_of(template: Content) -> dict[str, str]:
    return dict(template["metadata"]["labels"])


def check(*folders: Path) -> tuple[int, list[str]]:
    command = [str(PYTHON), str(CHECK), *map(str, folders)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return said.returncode, (said.stdout + said.stderr).splitlines()


def copy_to(folder: Path) -> Path:
    """With the edge's folder beside it, which kustomization.yaml names."""
    shutil.copytree(ROOT / "infra" / "edge", folder / "infra" / "edge")
    shutil.copytree(KUBERNETES, folder / "infra" / "kubernetes")
    return folder / "infra" / "kubernetes"


def kustomize(folder: Path) -> list[Content]:
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl here")
    said = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, timeout=60)
    assert (said.returncode, said.stderr) == (0, "")
    return list(yaml.safe_load_all(said.stdout))
