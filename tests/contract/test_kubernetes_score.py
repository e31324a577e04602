"""The RayJob of infra/kubernetes/score: a command that the trainer knows, on pods that Ray can live in."""

import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.contract.kubernetes_reader import (
    KUBERNETES,
    ROOT,
    Content,
    container_of,
    every_pod,
    find,
    kustomize,
    labels_of,
    read,
    variables_of,
)
from trainer.__main__ import app

JOB = find("score/rayjob.yaml", "RayJob")["spec"]
CLUSTER = JOB["rayClusterSpec"]
GROUPS = {"head": CLUSTER["headGroupSpec"], **{each["groupName"]: each for each in CLUSTER["workerGroupSpecs"]}}
UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
each_group = pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS)


def bytes_of(quantity: str) -> int:
    return int(quantity[:-2]) * UNITS[quantity[-2:]]


def mounts_of(template: Content) -> dict[str, Any]:
    volumes = {each["name"]: each for each in template["spec"]["volumes"]}
    return {each["mountPath"]: volumes[each["name"]] for each in container_of(template)["volumeMounts"]}


def parameters() -> dict[str, Any]:
    """As `trainer score` itself reads them; what it does not know ends here."""
    python, module, trainer, command, *arguments = shlex.split(JOB["entrypoint"])
    assert (python, module, trainer, command) == ("python", "-m", "trainer", "score")
    group = typer.main.get_command(app)
    score = group.get_command(typer.Context(group), "score")  # type: ignore[attr-defined]
    return dict(score.make_context("score", arguments).params)


def test_the_command_is_one_that_the_trainer_knows() -> None:
    given = parameters()
    assert (given["engine"], given["address"], given["overwrite"]) == ("ray", "auto", False)
    # Whatever folder Ray starts it in, the bundle of the image is found.
    assert given["model"] == "/app/models/champion"
    assert (ROOT / given["model"].removeprefix("/app/")).is_dir()


def test_it_asks_for_as_many_workers_as_the_cluster_may_have() -> None:
    (group,) = JOB["rayClusterSpec"]["workerGroupSpecs"]
    processors = int(container_of(group["template"])["resources"]["limits"]["cpu"])
    assert parameters()["workers"] == group["maxReplicas"] * processors


def test_it_ends_where_the_trainer_does_not_know_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(JOB, "entrypoint", JOB["entrypoint"].replace("--address", "--adress"))
    with pytest.raises(Exception, match="--adress"):
        parameters()


@each_group
def test_all_nodes_have_both_folders_at_one_path(group: Content) -> None:
    claim = find("score/volume.yaml", "PersistentVolumeClaim")
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    mounted = mounts_of(group["template"])
    for folder in (parameters()["source"], parameters()["output"]):
        assert mounted[str(Path(folder).parent)]["persistentVolumeClaim"] == {"claimName": claim["metadata"]["name"]}


@each_group
def test_ray_finds_room_for_its_objects_and_its_sessions(group: Content) -> None:
    mounted = mounts_of(group["template"])
    shared = mounted["/dev/shm"]["emptyDir"]
    limits = container_of(group["template"])["resources"]["limits"]
    assert shared["medium"] == "Memory"
    # Beyond what is there Ray ends, or falls back on the disk.
    assert int(group["rayStartParams"]["object-store-memory"]) < bytes_of(shared["sizeLimit"])
    assert 2 * bytes_of(shared["sizeLimit"]) < bytes_of(limits["memory"])
    assert bytes_of(mounted["/tmp"]["emptyDir"]["sizeLimit"]) < bytes_of(limits["ephemeral-storage"])


@pytest.mark.parametrize("pod", ["submitter", "head", "workers"])
def test_ray_tells_nobody_and_has_a_home(pod: str) -> None:
    variables = variables_of(dict(every_pod())[pod])
    assert variables["RAY_USAGE_STATS_ENABLED"] == "0" and variables["HOME"] == "/tmp"
    added = {each["name"]: each["value"] for each in CLUSTER["autoscalerOptions"]["env"]}
    assert added.items() <= variables.items()


def test_the_container_that_kuberay_adds_is_as_shut() -> None:
    head = GROUPS["head"]["template"]
    options = CLUSTER["autoscalerOptions"]
    assert options["securityContext"] == container_of(head)["securityContext"]
    assert {each["name"] for each in options["volumeMounts"]} <= {each["name"] for each in head["spec"]["volumes"]}


def test_it_is_the_ray_of_the_lock_which_listens_to_nobody_without_a_token() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    assert [each["version"] for each in lock if each["name"] == "ray"] == [CLUSTER["rayVersion"]]
    assert CLUSTER["authOptions"] == {"mode": "token"}


def test_the_extra_has_what_kuberay_asks() -> None:
    text = (ROOT / "services/trainer/pyproject.toml").read_text(encoding="utf-8")
    extras = tomllib.loads(text)["project"]["optional-dependencies"]["ray"]
    assert any(each.startswith("ray[") and "default" in each for each in extras)


def test_it_goes_on_where_it_was_and_leaves_nothing_running() -> None:
    assert JOB["backoffLimit"] > 0 and not parameters()["overwrite"]
    assert JOB["shutdownAfterJobFinishes"] is True
    for group in CLUSTER["workerGroupSpecs"]:
        assert group["minReplicas"] <= group["replicas"] < group["maxReplicas"]


def test_only_its_own_pods_and_the_operator_reach_it() -> None:
    [policy] = read("score/network.yaml")
    [own, operator] = policy["spec"]["ingress"]
    assert policy["spec"]["podSelector"] == {} and own == {"from": [{"podSelector": {}}]}
    dashboard = {each["name"]: each["containerPort"] for each in container_of(GROUPS["head"]["template"])["ports"]}
    assert [each["port"] for each in operator["ports"]] == [dashboard["dashboard"]]
    for template in (JOB["submitterPodTemplate"], *(group["template"] for group in GROUPS.values())):
        assert labels_of(template) == {"app.kubernetes.io/name": "score"}


def test_kustomize_puts_it_together() -> None:
    rendered = kustomize(KUBERNETES / "score")
    assert {each["kind"] for each in rendered} == {"Namespace", "NetworkPolicy", "PersistentVolumeClaim", "RayJob"}
