"""docs/kubernetes.md: what needs no cluster is run, in a copy; the rest is bash, and names what is there."""

import json
import math
import re
import subprocess
from pathlib import Path

import pytest

from tests.contract.kubernetes_reader import ROOT, Content, copy_to, find, kustomize

TEXT = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?P<mark>\*Needs a cluster\*\n\n)?^```sh\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(found["mark"] is not None, found["code"]) for found in BLOCK.finditer(TEXT)]
DIGEST = "sha256:" + "0" * 64
each_block = pytest.mark.parametrize(("needs_a_cluster", "code"), BLOCKS, ids=map(str, range(len(BLOCKS))))


def test_every_block_is_read() -> None:
    assert TEXT.count("\n```") == 2 * len(BLOCKS)
    assert 2 <= sum(not needs for needs, _ in BLOCKS) < len(BLOCKS)


@each_block
def test_it_is_marked_where_it_needs_more_than_this_machine(needs_a_cluster: bool, code: str) -> None:
    away = r"^(kubectl|helm|scripts/publish\.sh|EXTRAS|SECRETS)\b"
    assert bool(re.search(away, code, re.MULTILINE)) is needs_a_cluster


@each_block
def test_bash_understands_it(needs_a_cluster: bool, code: str) -> None:
    said = subprocess.run(["bash", "-n"], input=code, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


@each_block
def test_the_files_that_it_names_are_there(needs_a_cluster: bool, code: str) -> None:
    named = re.findall(r"(?<![\w@.-])((?:infra|scripts)/[\w./-]+)", code)
    assert [name for name in named if not (ROOT / name).exists()] == []


@each_block
def test_what_it_asks_the_cluster_for_is_in_the_manifests(needs_a_cluster: bool, code: str) -> None:
    for space, kind, name in re.findall(r"--namespace (air-paradis\S*) (?:\S+ )*?(deployment|job|service)/(\S+)", code):
        file = {"edge": "edge", "inference": "inference", "migrate": "migrate"}[name]
        assert find(f"api/{file}.yaml", kind.capitalize())["metadata"]["name"] == name
        assert find("api/kustomization.yaml", "Kustomization")["namespace"] == space


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What publish.sh leaves, and what the unmarked blocks make of it."""
    copy_to(tmp_path)
    (tmp_path / "var").mkdir()
    for file, service in (("images.json", "inference"), ("var/trainer.json", "trainer")):
        content = {"release": "1", "images": {service: f"ghcr.io/you/{service}@{DIGEST}"}}
        (tmp_path / file).write_text(json.dumps(content), encoding="utf-8")
    script = "".join(code for needs, code in BLOCKS if not needs)
    said = subprocess.run(["bash", "-eu"], input=script, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    return tmp_path


def of_kind(rendered: list[Content], kind: str) -> Content:
    [found] = [each for each in rendered if each["kind"] == kind and not each["metadata"]["name"].startswith("edge")]
    return found


def test_the_overlay_of_the_api_has_its_image_and_its_addresses(checkout: Path) -> None:
    rendered = kustomize(checkout / "secrets" / "kubernetes" / "api")
    for kind in ("Deployment", "Job"):
        [container] = of_kind(rendered, kind)["spec"]["template"]["spec"]["containers"]
        assert container["image"] == f"ghcr.io/you/inference@{DIGEST}"
    addresses = of_kind(rendered, "ConfigMap")
    assert addresses["data"] == {
        "DATABASE_HOST": "postgres.example.org",
        "INFERENCE_MLFLOW_URL": "http://mlflow.example.org:5000",
        "INFERENCE_ALERT_PAGE_URL": "https://pages.example.org/monitor",
    }
    [container] = of_kind(rendered, "Deployment")["spec"]["template"]["spec"]["containers"]
    asked = {each["valueFrom"]["configMapKeyRef"]["name"] for each in container["env"] if "valueFrom" in each}
    assert asked == {addresses["metadata"]["name"]}


def test_the_way_out_is_a_line_of_the_overlay(checkout: Path) -> None:
    overlay = checkout / "secrets" / "kubernetes" / "api" / "kustomization.yaml"
    content = overlay.read_text(encoding="utf-8")
    overlay.write_text(content.replace("  # - ../", "  - ../"), encoding="utf-8")
    policies = [each for each in kustomize(overlay.parent) if each["kind"] == "NetworkPolicy"]
    assert "outbound" in {each["metadata"]["name"] for each in policies}
    assert {each["metadata"]["namespace"] for each in policies} == {"air-paradis"}


def test_the_overlay_of_the_job_has_its_image_and_its_storage(checkout: Path) -> None:
    rendered = kustomize(checkout / "secrets" / "kubernetes" / "score")
    assert of_kind(rendered, "PersistentVolumeClaim")["spec"]["storageClassName"] == "your-shared-class"
    images = re.findall(r"'image': '([^']+)'", str(of_kind(rendered, "RayJob")))
    assert images == [f"ghcr.io/you/trainer@{DIGEST}"] * 3


def test_the_example_of_scaling_is_what_kubernetes_would_work_out() -> None:
    scaling = find("api/scaling.yaml", "HorizontalPodAutoscaler")["spec"]
    target = int(scaling["metrics"][0]["pods"]["target"]["averageValue"])
    assert f"mean in flight ÷ {target} ⌉" in TEXT
    assert f"at least {scaling['minReplicas']}, at most {scaling['maxReplicas']}" in TEXT
    assert math.ceil(3 * (40 + 30 + 26) / 3 / target) == 6 and f"3 × 32 ÷ {target} = 6" in TEXT
    assert math.ceil(6 * 4 / target) == 2 and f"⌈6 × 4 ÷ {target}⌉ = 2" in TEXT
