"""What of MLflow people reach through the edge. How nginx reads the same file is tested in tests/stack."""

import json
import re

import pytest

from tests.contract.edge_rules import CONF, PASSED, EdgeRules, edge_rules
from tests.contract.mlflow_listing import list_routes

RUN, MODEL = "0" * 32, "m-" + "0" * 32
AJAX = "/ajax-api/2.0/mlflow"
# All of MLflow that passes, with the methods that do.
READ = {
    "/",
    "/health",
    "/version",
    "/static-files/<path:path>",
    "/get-artifact",
    "/model-versions/get-artifact",
    f"{AJAX}/artifacts/list",
    f"{AJAX}/experiments/get",
    f"{AJAX}/experiments/get-by-name",
    f"{AJAX}/experiments/search",
    f"{AJAX}/logged-models/<model_id>",
    f"{AJAX}/logged-models/<model_id>/artifacts/directories",
    f"{AJAX}/logged-models/<model_id>/artifacts/files",
    f"{AJAX}/metrics/get-history",
    f"{AJAX}/metrics/get-history-bulk",
    f"{AJAX}/metrics/get-history-bulk-interval",
    f"{AJAX}/model-versions/get",
    f"{AJAX}/model-versions/search",
    f"{AJAX}/registered-models/alias",
    f"{AJAX}/registered-models/get",
    f"{AJAX}/registered-models/search",
    f"{AJAX}/runs/get",
    f"{AJAX}/users/current",
    "/ajax-api/3.0/mlflow/users/current/permissions",
    "/ajax-api/3.0/mlflow/server-info",
}
ASKED = {
    "/graphql",
    f"{AJAX}/experiments/search-datasets",
    f"{AJAX}/logged-models/search",
    f"{AJAX}/runs/search",
    "/ajax-api/3.0/mlflow/datasets/search",
    "/ajax-api/3.0/mlflow/traces/metrics",
    "/ajax-api/3.0/mlflow/traces/search",
}


@pytest.fixture(scope="module")
def edge() -> EdgeRules:
    return edge_rules()


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    return list_routes(tmp_path_factory.mktemp("routes"))


def example_of(route: str) -> str:
    route = route.replace("<model_id>", MODEL)
    return re.sub(r"<[^>]+>|\{[^}]+\}", "1", route)


def test_of_all_that_mlflow_has_a_browser_reaches_only_this(edge: EdgeRules, routes: list[tuple[str, str]]) -> None:
    passed: dict[str, set[str]] = {}
    for method, route in routes:
        if edge.answer(method, example_of(route), origin="http://127.0.0.1:5000") == PASSED:
            passed.setdefault(route, set()).add(method)
    assert {route for route, methods in passed.items() if methods <= {"GET", "HEAD"}} == READ
    assert {route for route, methods in passed.items() if methods == {"POST"}} == ASKED
    assert set(passed) == READ | ASKED


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("POST", f"{AJAX}/registered-models/alias", 403),
        ("DELETE", f"{AJAX}/registered-models/alias", 403),
        ("PATCH", f"{AJAX}/logged-models/{MODEL}", 403),
        ("DELETE", f"{AJAX}/logged-models/{MODEL}", 403),
        ("GET", "/graphql?query=x", 403),
        ("POST", "/", 403),
        ("POST", "/api/2.0/mlflow-artifacts/mpu/create/0/x", 404),
        ("POST", "/api/2.0/mlflow/webhooks", 404),
        ("POST", "/api/2.0/mlflow/users/create", 404),
        ("POST", "/api/3.0/mlflow/traces", 404),
        ("GET", "/api/3.0/jobs/1", 404),
        ("POST", f"{AJAX}/experiments/create", 404),
        ("POST", f"{AJAX}/upload-artifact?run_uuid={RUN}&path=a", 404),
        ("PUT", "/ajax-api/2.0/mlflow-artifacts/artifacts/0/x", 404),
        ("POST", "/ajax-api/2.0/mlflow-artifacts/mpu/create/0/x", 404),
        ("GET", "/ajax-api/3.0/jobs/1", 404),
        ("POST", "/ajax-api/3.0/mlflow/scorer/invoke", 404),
        ("POST", "/ajax-api/3.0/mlflow/genai/evaluate/invoke", 404),
        ("POST", "/ajax-api/3.0/mlflow/demo/generate", 404),
        ("POST", "/ajax-api/3.0/mlflow/assistant/message", 404),
        ("GET", "/ajax-api/3.0/mlflow/get-trace-artifact?request_id=tr-1", 404),
        ("POST", f"{AJAX}/webhooks", 404),
        ("POST", "/gateway/mlflow/v1/chat/completions", 404),
        ("GET", f"{AJAX}/gateway-proxy", 404),
        ("GET", "/ajax-api/3.0/mlflow/gateway/secrets/list", 404),
        ("POST", f"{AJAX}/users/create", 404),
        ("GET", "/signup", 404),
        ("POST", "/v1/traces", 404),
        ("POST", "/health", 403),
    ],
)
def test_what_writes_runs_or_sends_is_refused(edge: EdgeRules, method: str, target: str, status: int) -> None:
    assert edge.answer(method, target) == status


# What MLflow's client is for: runs, models and their files.
PROGRAMS = re.compile(
    r"/api/2\.0/mlflow/(experiments|runs|metrics|artifacts|logged-models|registered-models|model-versions)/\S+"
    r"|/api/2\.0/mlflow-artifacts/artifacts(/\S+)?"
)


def test_a_program_reaches_runs_models_and_files_besides(edge: EdgeRules, routes: list[tuple[str, str]]) -> None:
    for method, route in routes:
        target = example_of(route)
        is_for_programs = bool(PROGRAMS.fullmatch(target))
        assert (edge.answer(method, target) == PASSED) == (
            is_for_programs or edge.answer(method, target, origin="http://127.0.0.1:5000") == PASSED
        ), target
        # Nobody's page is one, not even MLflow's.
        if is_for_programs:
            assert edge.answer(method, target, origin="http://127.0.0.1:5000") == 403, target


@pytest.mark.parametrize(
    "target",
    [
        "/static-files/../ajax-api/3.0/jobs/1",
        "/static-files/..%2fajax-api/3.0/jobs/1",
        "/%61jax-api/3.0/jobs/1",
        "//ajax-api/2.0/mlflow/runs/get",
        "/ajax-api/3.0/jobs/1/../../../../static-files/x",
        "/static-files/a\\b",
        "/get-artifact%3fpath=a",
        "/get-artifact;path=a",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(edge: EdgeRules, target: str) -> None:
    assert edge.answer("GET", target) == 400


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "%2e%2e/secret",
        ".%2E/secret",
        "%252e%252e/secret",
        "a/../../secret",
        "/etc/passwd",
        "%2Fetc/passwd",
        "..%5Csecret",
        "a%00",
        "~/x",
        "file:///etc/passwd",
        "file%3a/etc/passwd",
        "c%3A%5Cx",
    ],
)
def test_no_path_to_a_file_leads_out(edge: EdgeRules, path: str) -> None:
    files = f"{AJAX}/logged-models/{MODEL}/artifacts/files?artifact_file_path={path}"
    for target in (
        f"/get-artifact?run_id={RUN}&path={path}",
        # Another letter of the name, or a second time.
        f"/get-artifact?run_id={RUN}&PATH=a&p%61th={path}",
        f"/model-versions/get-artifact?name=tweet-sentiment&version=1&path={path}",
        f"{AJAX}/artifacts/list?run_id={RUN}&path={path}",
        files,
    ):
        assert edge.answer("GET", target) == 400, target


@pytest.mark.parametrize("path", ["MLmodel", "artifacts%2Fbundle%2Fmodel.json", "plots/a%20b.png", "%C3%A9t%C3%A9.txt"])
def test_ordinary_files_are_read(edge: EdgeRules, path: str) -> None:
    assert edge.answer("GET", f"/get-artifact?run_uuid={RUN}&path={path}") == PASSED
    assert edge.answer("GET", f"{AJAX}/artifacts/list?run_id={RUN}&path={path}&page_token=") == PASSED


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("", PASSED),
        ("http://127.0.0.1:5000", PASSED),
        # TLS ends before the edge.
        ("https://127.0.0.1:5000", PASSED),
        ("http://127.0.0.1:8501", 403),
        ("http://localhost:9999", 403),
        ("http://evil.example", 403),
        ("http://evil.example/127.0.0.1:5000", 403),
        ("null", 403),
    ],
)
def test_only_its_own_page_asks(edge: EdgeRules, origin: str, status: int) -> None:
    assert edge.answer("POST", f"{AJAX}/runs/search", origin=origin) == status
    assert edge.answer("GET", f"{AJAX}/runs/get?run_id={RUN}", origin=origin) == status


def test_every_place_says_what_may_be_done_there() -> None:
    text = CONF.read_text(encoding="utf-8")
    guards = text.count("limit_except ") + text.count("    if ($http_origin) {\n        return 403;")
    assert text.count("proxy_pass http://$registry;") == guards == text.count("location ") - 1
    assert not re.search(r"limit_except (?!GET|POST)", text)
    assert json.dumps(text).count("location / {\\n    return 404;\\n}") == 1
