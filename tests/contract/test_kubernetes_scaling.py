"""How many replicas infra/kubernetes has, and the way of the figure that says so, from service to autoscaler."""

import re

import yaml

from inference.gate import LEAST_ON_LOOP
from inference.metrics import Metrics
from tests.contract.kubernetes_reader import container_of, every_pod, find, labels_of, read, variables_of

PODS = dict(every_pod())
SCALING = find("api/scaling.yaml", "HorizontalPodAutoscaler")["spec"]


def test_one_replica_is_left_when_one_is_taken() -> None:
    least = {"inference": SCALING["minReplicas"], "edge": find("api/edge.yaml", "Deployment")["spec"]["replicas"]}
    for name, replicas in least.items():
        budget = find(f"api/{name}.yaml", "PodDisruptionBudget")["spec"]
        assert replicas - budget["maxUnavailable"] >= 1 and budget["maxUnavailable"] >= 1
    assert "replicas" not in find("api/inference.yaml", "Deployment")["spec"]
    assert SCALING["scaleTargetRef"]["name"] == find("api/inference.yaml", "Deployment")["metadata"]["name"]


def test_it_scales_by_a_metric_that_the_service_has() -> None:
    [metric] = SCALING["metrics"]
    name = metric["pods"]["metric"]["name"]
    exposed = re.findall(r"^# TYPE (\w+) gauge$", Metrics().render().decode(), re.MULTILINE)
    assert name in exposed and f"{name}_limit" in exposed
    [adapter] = read("api/prometheus-adapter.values.yaml")
    [rule] = adapter["rules"]["custom"]
    assert rule["seriesQuery"].partition("{")[0] == name
    [prometheus] = read("api/prometheus.values.yaml")
    [job] = yaml.safe_load(prometheus["extraScrapeConfigs"])
    made = {each["target_label"] for each in job["relabel_configs"] if "target_label" in each}
    assert made == set(rule["resources"]["overrides"]) == set(re.findall(r'(\w+)!=""', rule["seriesQuery"]))


def test_prometheus_reads_the_pods_of_the_api_where_they_are() -> None:
    [prometheus] = read("api/prometheus.values.yaml")
    [job] = yaml.safe_load(prometheus["extraScrapeConfigs"])
    namespace = find("api/namespace.yaml", "Namespace")["metadata"]["name"]
    assert [each["namespaces"]["names"] for each in job["kubernetes_sd_configs"]] == [[namespace]]
    port = container_of(PODS["inference"])["ports"][0]["name"]
    [kept] = [each["regex"] for each in job["relabel_configs"] if each.get("action") == "keep"]
    assert kept == f"{labels_of(PODS['inference'])['app.kubernetes.io/name']};{port}"
    [mount] = prometheus["server"]["extraSecretMounts"]
    assert job["authorization"]["credentials_file"] == f"{mount['mountPath']}/key"


def test_the_target_is_an_eighth_of_what_a_replica_takes_on() -> None:
    [metric] = SCALING["metrics"]
    workers = variables_of(PODS["inference"])["INFERENCE_WORKERS"]
    assert 8 * int(metric["pods"]["target"]["averageValue"]) == int(workers) * LEAST_ON_LOOP
