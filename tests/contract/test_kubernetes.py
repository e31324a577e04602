"""What no schema knows of infra/kubernetes/api: that it says what the services, compose and each other say."""

import re

import pytest
import yaml

from inference.app import create_app
from inference.settings import Settings as InferenceSettings
from tests.contract.kubernetes_reader import (
    COMPOSE,
    KUBERNETES,
    ROOT,
    Content,
    container_of,
    every_pod,
    find,
    kustomize,
    labels_of,
    variables_of,
)
from trainer.settings import Settings as TrainerSettings

SETTINGS = {"INFERENCE": InferenceSettings, "TRAINER": TrainerSettings}
# Of all services, uvicorn, Ray and the system; and of the manifest itself, which puts it into an address.
OF_OTHERS = {"ENVIRONMENT", "FORWARDED_ALLOW_IPS", "RAY_USAGE_STATS_ENABLED", "HOME", "DATABASE_HOST"}
PODS = dict(every_pod())
DEPLOYMENTS = {name: find(f"api/{name}.yaml", "Deployment") for name in ("inference", "edge")}
each_pod = pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
each_deployment = pytest.mark.parametrize("name", DEPLOYMENTS)


# --- settings, secrets, addresses


@each_pod
def test_each_variable_is_a_setting(pod: Content) -> None:
    for variable in container_of(pod).get("env", []):
        service, _, field = variable["name"].partition("_")
        known = service in SETTINGS and field.lower() in SETTINGS[service].model_fields
        assert known or variable["name"] in OF_OTHERS, variable["name"]


def test_production_is_what_all_of_them_run_in() -> None:
    told = {name for name, pod in PODS.items() if variables_of(pod).get("ENVIRONMENT") == "production"}
    # These two run nothing of ours.
    assert set(PODS) - told == {"edge", "submitter"}


@pytest.mark.parametrize("service", ["inference", "migrate"])
def test_it_is_handed_the_secrets_that_compose_hands_it(service: str) -> None:
    volumes = {each["name"]: each for each in PODS[service]["spec"]["volumes"]}
    handed = {item["key"]: item["path"] for item in volumes["secrets"]["secret"]["items"]}
    listed = COMPOSE["services"][service]["secrets"]
    assert handed == dict(
        (each, each) if isinstance(each, str) else (each["source"], each["target"]) for each in listed
    )
    assert set(handed) <= {file.name for file in (ROOT / "infra" / "local-secrets").iterdir()}
    [mount] = [each for each in container_of(PODS[service])["volumeMounts"] if each["name"] == "secrets"]
    assert mount == {"name": "secrets", "mountPath": "/run/secrets", "readOnly": True}


def test_no_document_holds_a_secret() -> None:
    kinds = {each.get("kind") for path in KUBERNETES.rglob("*.yaml") for each in yaml.safe_load_all(path.read_text())}
    assert "Secret" not in kinds and {"Deployment", "RayJob"} <= kinds


def test_each_address_is_one_of_the_config_map() -> None:
    [generated] = find("api/kustomization.yaml", "Kustomization")["configMapGenerator"]
    given = {literal.partition("=")[0] for literal in generated["literals"]}
    asked = set()
    for pod in (PODS["inference"], PODS["migrate"]):
        for variable in container_of(pod)["env"]:
            if reference := variable.get("valueFrom", {}).get("configMapKeyRef"):
                assert reference == {"name": generated["name"], "key": variable["name"]}
                asked.add(variable["name"])
    assert asked == given


@pytest.mark.parametrize("service", ["inference", "migrate"])
def test_the_database_has_the_user_that_compose_gives(service: str) -> None:
    variables = variables_of(PODS[service])
    names, url = list(variables), variables["INFERENCE_DATABASE_URL"]
    # What goes into another variable has to stand before it.
    assert names.index("DATABASE_HOST") < names.index("INFERENCE_DATABASE_URL")
    of_compose = COMPOSE["services"][service]["environment"]["INFERENCE_DATABASE_URL"]
    assert url.partition("@")[0] == of_compose.partition("@")[0]
    assert url.endswith("?sslmode=require")


def test_the_migration_is_that_of_compose() -> None:
    assert container_of(PODS["migrate"])["args"] == COMPOSE["services"]["migrate"]["command"]


# --- who is asked what


def test_the_probes_are_routes_of_the_api() -> None:
    routes = set(create_app().openapi()["paths"])
    container = container_of(PODS["inference"])
    asked = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")}
    assert {kind: probe["path"] for kind, probe in asked.items()} == {
        "startup": "/health/ready",
        "readiness": "/health/ready",
        "liveness": "/health/live",
    }
    assert {probe["path"] for probe in asked.values()} <= routes
    assert {probe["port"] for probe in asked.values()} == {container["ports"][0]["name"]}


def test_the_edge_is_asked_what_compose_asks_it() -> None:
    edge = COMPOSE["services"]["edge"]
    container = container_of(PODS["edge"])
    for kind in ("startup", "readiness", "liveness"):
        assert container[f"{kind}Probe"]["exec"]["command"] == edge["healthcheck"]["test"][1:]
    assert container["command"] == edge["entrypoint"]
    assert container["image"] == re.sub(r"\$\{\w+:-(.+)\}", r"\1", edge["image"])


@each_deployment
def test_ports_and_labels_agree(name: str) -> None:
    service = find(f"api/{name}.yaml", "Service")
    deployment = DEPLOYMENTS[name]
    [port], [opened] = service["spec"]["ports"], container_of(deployment["spec"]["template"])["ports"]
    assert (port["targetPort"], port["port"]) == (opened["name"], opened["containerPort"])
    labels = labels_of(deployment["spec"]["template"])
    budget = find(f"api/{name}.yaml", "PodDisruptionBudget")
    [spread] = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
    for selector in (deployment["spec"]["selector"], budget["spec"]["selector"], spread["labelSelector"]):
        assert selector == {"matchLabels": labels}
    assert service["spec"]["selector"] == labels


def test_the_edge_asks_the_service_of_the_api_for_all_its_addresses() -> None:
    service = find("api/inference.yaml", "Service")
    [port] = service["spec"]["ports"]
    assert container_of(PODS["edge"])["args"] == [service["metadata"]["name"], str(port["port"])]
    assert container_of(PODS["edge"])["args"] == COMPOSE["services"]["edge"]["command"]
    assert service["spec"]["clusterIP"] == "None"
    [listens] = re.findall(r"listen (8\d{3}) backlog=4096", (ROOT / "infra/edge/clients.conf").read_text())
    assert container_of(PODS["edge"])["ports"][0]["containerPort"] == int(listens)


def test_all_of_the_edge_is_in_its_config_map() -> None:
    [generated] = yaml.safe_load((ROOT / "infra/edge/kustomization.yaml").read_text())["configMapGenerator"]
    there = {each.name for each in (ROOT / "infra" / "edge").iterdir()} - {"kustomization.yaml"}
    assert set(generated["files"]) == there
    assert {"name": "edge", "configMap": {"name": generated["name"]}} in PODS["edge"]["spec"]["volumes"]


def test_kustomize_puts_it_together() -> None:
    rendered = kustomize(KUBERNETES / "api")
    namespaces = {each["metadata"].get("namespace") for each in rendered if each["kind"] != "Namespace"}
    assert namespaces == {find("api/namespace.yaml", "Namespace")["metadata"]["name"]}
    assert {each["metadata"]["labels"].get("app.kubernetes.io/part-of") for each in rendered} == {"air-paradis"}
    [maps, deployments] = [[each for each in rendered if each["kind"] == kind] for kind in ("ConfigMap", "Deployment")]
    names = {each["metadata"]["name"] for each in maps}
    [edge] = [each for each in deployments if each["metadata"]["name"] == "edge"]
    [mounted] = [each["configMap"] for each in edge["spec"]["template"]["spec"]["volumes"] if "configMap" in each]
    # Another name with each change: the pods start anew with it.
    assert mounted["name"] in names - {"edge"}
