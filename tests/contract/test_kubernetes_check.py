"""infra/lint/kubernetes/check.py says nothing of what is there, and finds what is planted in a copy."""

import re
from pathlib import Path

import pytest

from tests.contract.kubernetes_reader import CHECK, KUBERNETES, ROOT, check, need_tools

API, SCALING, JOB = "api/inference.yaml", "api/scaling.yaml", "score/rayjob.yaml"
KUSTOMIZATION, VALUES = "api/kustomization.yaml", "api/prometheus-adapter.values.yaml"
# What it is in the file, what it becomes, what has to be said.
PLANTED = {
    "an unknown field": (API, "maxSurge: 1", "maxSurges: 1", "('maxSurges' was unexpected)"),
    "deep down": (API, "periodSeconds: 2\n", "period: 2\n", "containers.0.startupProbe: Additional properties"),
    "a wrong type": (API, "containerPort: 8000", 'containerPort: "8000"', "ports.0.containerPort: '8000'"),
    "a number for a text": (API, 'value: "1"', "value: 1", "spec.template.spec.containers.0.env.6.value: 1 is not"),
    "a missing field": (API, "  selector:\n    matchLabels:\n", "  x:\n    matchLabels:\n", "'selector' is a required"),
    "a kind that nobody knows": (SCALING, "kind: HorizontalPod", "kind: VerticalPod", "no kind VerticalPodAutoscaler"),
    "a version that is gone": (SCALING, "autoscaling/v2", "autoscaling/v2beta2", "of autoscaling/v2beta2"),
    "no kind at all": (SCALING, "kind: HorizontalPodAutoscaler\n", "", "has no kind, or no apiVersion"),
    "a key that stands twice": (SCALING, "minReplicas: 2", "maxReplicas: 2", "maxReplicas stands here a second time"),
    "no YAML": (SCALING, "minReplicas: 2", "minReplicas: [2", "is no YAML: "),
    "no manifest": (
        SCALING,
        "apiVersion: autoscaling/v2",
        "- a list\n---\napiVersion: autoscaling/v2",
        "is no manifest",
    ),
    "a field of a RayJob": (
        JOB,
        "shutdownAfterJobFinishes:",
        "shutDownAfterJobFinishes:",
        "'shutDownAfterJobFinishes'",
    ),
    "a text of a RayJob": (JOB, 'num-cpus: "0"', "num-cpus: 0", "rayStartParams.num-cpus: 0 is not of type 'string'"),
    "a part of a RayJob": (JOB, "        minReplicas: 1\n", "", "'minReplicas' is a required property"),
    "the head": (JOB, "name: ray-head", "nam: ray-head", "headGroupSpec: spec.containers.0: "),
    "a worker": (
        JOB,
        "terminationGracePeriodSeconds: 40\n            s",
        "grace: 40\n            s",
        "workerGroupSpecs workers",
    ),
    "the submitter": (JOB, "restartPolicy: Never", "restart: Never", "submitterPodTemplate: spec: "),
    "the autoscaler": (
        JOB,
        "readOnlyRootFilesystem: true\n        c",
        "readOnly: true\n        c",
        "autoscalerOptions: ",
    ),
    "a field of kustomize": (KUSTOMIZATION, "namespace:", "nameSpace:", "('nameSpace' was unexpected)"),
    "a field of a chart": (VALUES, "metricsQuery:", "metricQuery:", "'metricsQuery' is a required property"),
}
Said = dict[str, list[str]]


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    need_tools()


@pytest.fixture(scope="module")
def faults(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """Of a copy for each, all read at once."""
    folder = tmp_path_factory.mktemp("planted")
    places = {fault: folder / f"fault-{number}" for number, fault in enumerate(PLANTED)}
    for fault, (name, right, wrong, _) in PLANTED.items():
        content = (KUBERNETES / name).read_text(encoding="utf-8")
        assert right in content, fault
        (places[fault] / name).parent.mkdir(parents=True)
        (places[fault] / name).write_text(content.replace(right, wrong, 1), encoding="utf-8")
    status, said = check(folder)
    assert status == 1
    return {fault: [line for line in said if line.startswith(f"{place}/")] for fault, place in places.items()}


def test_it_has_nothing_to_say() -> None:
    there = [*KUBERNETES.rglob("*.yaml"), ROOT / "infra" / "edge" / "kustomization.yaml"]
    assert check() == (0, [f"{len(there)} manifests, nothing to say"])


@pytest.mark.parametrize("fault", PLANTED)
def test_it_finds(fault: str, faults: Said) -> None:
    name, _, _, words = PLANTED[fault]
    found = [line for line in faults[fault] if words in line]
    assert found, faults[fault]
    assert re.search(rf"/fault-\d+/{re.escape(name)}:[1-9]\d*: ", found[0])


def test_a_fault_is_said_once_for_all_versions(faults: Said) -> None:
    [line] = faults["an unknown field"]
    oldest, newest = re.findall(r"\(Kubernetes (1\.\d+), (1\.\d+)\)$", line)[0]
    assert f'OLDEST = "{oldest}"' in CHECK.read_text(encoding="utf-8")
    assert float(oldest[2:]) < float(newest[2:])
    document = (ROOT / "docs" / "supply-chain.md").read_text(encoding="utf-8")
    assert f"the schemas of Kubernetes {oldest} and {newest}" in document


def test_a_folder_without_manifests_does_not_pass(tmp_path: Path) -> None:
    assert check(tmp_path) == (1, [f"error: there is no manifest in {tmp_path}"])
