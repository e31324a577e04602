"""The ways to a file of MLflow's, and paths that try to lead out of where its files are."""

from tests.contract.started_mlflow import StartedMlflow

API = "/api/2.0/mlflow"
UP = (
    "../../../secret",
    "..%2f..%2f..%2fsecret",
    "%2e%2e/%2e%2e/%2e%2e/secret",
    "%252e%252e%252f%252e%252e%252fsecret",
    "%25252e%25252e%25252fsecret",
    "a/../../../../secret",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "%252fetc%252fpasswd",
    "file:///etc/passwd",
)
# Names of files on a POSIX system, as odd as they are: they stay where they belong.
ODD = ("..%5c..%5csecret", "%00/../secret", ".%00./secret", "~/secret", "C:%5csecret", "....//....//secret")


def create_run(mlflow: StartedMlflow, experiment: str) -> dict[str, str]:
    answer = mlflow.ask("POST", f"{API}/runs/create", json={"experiment_id": experiment})
    assert answer.ok, answer.text
    info: dict[str, str] = answer.json()["run"]["info"]
    return info


def artifacts_of(run: dict[str, str]) -> str:
    return f"/api/2.0/mlflow-artifacts/artifacts/{run['experiment_id']}/{run['run_id']}/artifacts"


def ways(run: dict[str, str], path: str) -> list[tuple[str, str]]:
    return [
        ("GET", f"/get-artifact?run_id={run['run_id']}&path={path}"),
        ("GET", f"/model-versions/get-artifact?name=m&version=1&path={path}"),
        ("GET", f"{API}/artifacts/list?run_id={run['run_id']}&path={path}"),
        ("GET", f"/api/2.0/mlflow-artifacts/artifacts?path={path}"),
        ("GET", f"/api/2.0/mlflow-artifacts/artifacts/{path}"),
        ("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{path}"),
        ("DELETE", f"/api/2.0/mlflow-artifacts/artifacts/{path}"),
        ("PUT", f"/ajax-api/2.0/mlflow-artifacts/artifacts/{path}"),
        ("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run['run_id']}&path={path}"),
        ("POST", f"/api/2.0/mlflow-artifacts/mpu/create/{path}"),
    ]
