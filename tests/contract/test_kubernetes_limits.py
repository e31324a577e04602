"""infra/kubernetes is as shut as compose: what its pods may, whom they reach, how long they have to end."""

import re

import pytest

from tests.contract.kubernetes_reader import COMPOSE, ROOT, Content, container_of, every_pod, find, labels_of, read

PODS = dict(every_pod())
HARDENED = COMPOSE["x-hardened"]
POLICIES = {each["metadata"]["name"]: each["spec"] for each in read("api/network.yaml")}
each_pod = pytest.mark.parametrize("pod", PODS.values(), ids=PODS)


def waits_before_it_stops(name: str) -> int:
    return int(container_of(PODS[name])["lifecycle"]["preStop"]["sleep"]["seconds"])


@each_pod
def test_it_is_as_shut_as_compose(pod: Content) -> None:
    spec, container = pod["spec"], container_of(pod)
    user, group = map(int, HARDENED["user"].split(":"))
    assert (spec["securityContext"]["runAsUser"], spec["securityContext"]["runAsGroup"]) == (user, group)
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": "no-new-privileges:true" not in HARDENED["security_opt"],
        "readOnlyRootFilesystem": HARDENED["read_only"],
        "capabilities": {"drop": HARDENED["cap_drop"]},
    }
    assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers"} & spec.keys()
    assert spec["enableServiceLinks"] is False


def test_nobody_has_a_token_of_kubernetes_but_who_starts_workers() -> None:
    shut = {name for name, pod in PODS.items() if pod["spec"].get("automountServiceAccountToken") is False}
    assert set(PODS) - shut == {"head"}


@each_pod
def test_there_is_an_end_to_what_it_takes(pod: Content) -> None:
    resources = container_of(pod)["resources"]
    assert set(resources["requests"]) == set(resources["limits"]) == {"cpu", "memory", "ephemeral-storage"}
    for volume in pod["spec"]["volumes"]:
        assert "sizeLimit" in volume.get("emptyDir", {"sizeLimit": "is none"}), volume["name"]
        assert not {"hostPath", "nfs"} & volume.keys()


@each_pod
def test_it_writes_only_where_something_is_mounted(pod: Content) -> None:
    mounted = {each["name"]: each for each in container_of(pod)["volumeMounts"]}
    assert set(mounted) == {each["name"] for each in pod["spec"]["volumes"]}
    assert mounted["tmp"]["mountPath"] == "/tmp"


def test_it_has_longer_to_stop_than_it_needs() -> None:
    gunicorn = (ROOT / "services" / "inference" / "gunicorn.conf.py").read_text(encoding="utf-8")
    [drain] = re.findall(r"^graceful_timeout = (\d+)$", gunicorn, re.MULTILINE)
    [clients] = re.findall(r"worker_shutdown_timeout (\d+)s", (ROOT / "infra/edge/clients.conf").read_text())
    [workers] = re.findall(r"worker_shutdown_timeout (\d+)s", (ROOT / "infra/edge/workers.conf").read_text())
    for name, needed in {"inference": int(drain), "edge": int(clients) + int(workers)}.items():
        given = PODS[name]["spec"]["terminationGracePeriodSeconds"]
        assert given > waits_before_it_stops(name) + needed
        assert f"{given}s" == HARDENED["stop_grace_period"]


def test_it_waits_until_the_edge_has_looked_again() -> None:
    [generation] = re.findall(r"^generation_seconds=(\d+)$", (ROOT / "infra/edge/run.sh").read_text(), re.MULTILINE)
    assert waits_before_it_stops("inference") >= 2 * int(generation)


def test_only_the_edge_and_prometheus_reach_the_api_and_all_else_is_shut() -> None:
    assert POLICIES["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert {name for name, spec in POLICIES.items() if "ingress" in spec} == {"edge", "inference"}
    [into] = POLICIES["inference"]["ingress"]
    assert [each["podSelector"]["matchLabels"] for each in into["from"]] == [
        labels_of(PODS["edge"]),
        {"app.kubernetes.io/name": "prometheus"},
    ]
    assert "namespaceSelector" not in into["from"][0] and "namespaceSelector" in into["from"][1]


def test_each_goes_out_only_to_whom_compose_lets_it_talk() -> None:
    rules = {name: spec.get("egress", []) for name, spec in POLICIES.items()}
    ports = {name: {port["port"] for rule in each for port in rule["ports"]} for name, each in rules.items()}
    assert ports == {"nobody": set(), "names": {53}, "edge": {8000}, "inference": {5432, 5000}, "migrate": {5432}}
    for name in ("edge", "inference", "migrate"):
        assert POLICIES[name]["podSelector"]["matchLabels"] == labels_of(PODS[name])
    # Closed until somebody opens it, as with compose.
    [outbound] = read("outbound/outbound.yaml")
    assert outbound["spec"]["podSelector"]["matchLabels"] == labels_of(PODS["inference"])
    assert "../outbound" not in find("api/kustomization.yaml", "Kustomization")["resources"]
    assert "outbound" in COMPOSE["services"]["inference"]["networks"]
