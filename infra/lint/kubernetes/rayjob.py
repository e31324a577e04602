"""The pods that KubeRay makes of a RayJob, so that Kubernetes' own schema reads them."""

from collections.abc import Iterator
from typing import Any

# What KubeRay takes from autoscalerOptions for the container that it adds to the head.
OF_THE_CONTAINER = ("env", "resources", "securityContext", "volumeMounts")


def pods_of(job: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    spec = part(job, "spec")
    cluster = part(spec, "rayClusterSpec")
    yield from pod("submitterPodTemplate", spec.get("submitterPodTemplate"))
    yield from pod("headGroupSpec", part(cluster, "headGroupSpec").get("template"))
    for group in cluster.get("workerGroupSpecs") or []:
        if isinstance(group, dict):
            yield from pod(f"workerGroupSpecs {group.get('groupName')}", group.get("template"))
    options = part(cluster, "autoscalerOptions")
    container = {"name": "autoscaler"} | {key: options[key] for key in OF_THE_CONTAINER if key in options}
    yield from pod("autoscalerOptions", {"spec": {"containers": [container]}})


def pod(place: str, template: object) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(template, dict):
        yield place, {"apiVersion": "v1", "kind": "Pod"} | template


def part(content: dict[str, Any], key: str) -> dict[str, Any]:
    """What is something else there is said by own.yaml."""
    found = content.get(key)
    return found if isinstance(found, dict) else {}
