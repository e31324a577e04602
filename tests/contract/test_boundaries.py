"""The rooms of the repository, held by reading the imports: no service imports another, nor what it may not know."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("trainer", "inference", "ui")
SERVED_MODEL = ROOT / "services/trainer/src/trainer/served_model.py"
# Where each library may be imported, seen from a service's package.
ROOMS = {
    "jwt": {"inference": {"provider.py", "signing_keys.py", "tokens.py"}},
    "mlflow": {
        "trainer": {
            "registry.py",
            "promotion.py",
            "training.py",
            "narrowing.py",
            "served_model.py",
            "scoring_model.py",
            "study.py",
            "study_report.py",
            "search.py",
            "drift_registry.py",
        }
    },
    "optuna": {"trainer": {"search.py", "search_ray.py"}},
    "ray": {"trainer": {"ray_cluster.py", "scoring_ray.py", "search_ray.py", "search_reports.py"}},
    "simplemma": {"trainer": {"word_forms.py"}},
    "snowballstemmer": {"trainer": {"word_forms.py"}},
    "xgboost": {"trainer": {"tfidf_xgboost.py"}},
    "cleanlab": {"trainer": {"noise.py"}},
    "psycopg2": {"inference": {"postgres.py"}},
    "sqlalchemy": {
        "inference": {
            "store.py",
            "feedback_store.py",
            "activity_store.py",
            "alert_store.py",
            "delivery_store.py",
            "watch_store.py",
            "incidents.py",
            "outbox.py",
            "retention.py",
            "journal_store.py",
            "turns.py",
            "shadow_store.py",
            "drift_store.py",
            "review_store.py",
            "loop_tables.py",
            "rows.py",
            "tables.py",
            "transactions.py",
            "database.py",
            "postgres.py",
            # Whether a URL is one, and which file it names.
            "settings.py",
            "sqlite_copy.py",
            # Its errors only: Alembic speaks SQL.
            "migrating.py",
            # The engine only, handed from where it is opened to those who speak SQL.
            "jobs.py",
        }
    },
    "opencensus": {"inference": {"opencensus.py"}},
    "azure": {"inference": {"opentelemetry.py"}},
    "opentelemetry": {"inference": {"opentelemetry.py"}},
    "apprise": {"inference": {"apprise_notifier.py"}},
    "smtplib": {"inference": {"mail.py"}},
    "streamlit": {"ui": None},
    "sklearn": {"trainer": None},
    "onnx": {"trainer": None},
    # The pages read and write tables with it; what a model says they have from the API alone.
    "pandas": {"trainer": None, "ui": None},
}


def sources(service: str) -> Iterator[Path]:
    yield from (ROOT / "services" / service / "src" / service).rglob("*.py")


def imported(file: Path) -> set[str]:
    """Top-level names of the packages a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_imports_another(service: str) -> None:
    others = set(SERVICES) - {service}
    assert {file.name: imported(file) & others for file in sources(service) if imported(file) & others} == {}


@pytest.mark.parametrize("library", ROOMS)
def test_a_library_stays_in_its_rooms(library: str) -> None:
    rooms = ROOMS[library]
    strays = [
        file
        for service in SERVICES
        for file in sources(service)
        if library in imported(file)
        and (service not in rooms or (rooms[service] is not None and file.name not in rooms[service]))
    ]
    assert strays == []


def test_the_served_model_imports_third_party_packages_only() -> None:
    assert imported(SERVED_MODEL) & set(SERVICES) == set()


def test_the_mlflow_service_holds_no_code() -> None:
    assert list((ROOT / "services/mlflow").rglob("*.py")) == []


def test_serving_depends_on_no_training_library() -> None:
    """Read from the lock: everything the inference package pulls in, directly or not."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    needs: dict[str, set[str]] = {}
    for package in lock["package"]:
        extras = [each for group in package.get("optional-dependencies", {}).values() for each in group]
        names = {each["name"] for each in (*package.get("dependencies", []), *extras)}
        needs.setdefault(package["name"], set()).update(names)
    reached, waiting = set(), ["inference"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += needs[name]
    assert "onnxruntime" in reached
    assert reached & {"scikit-learn", "tensorflow", "tensorflow-cpu", "torch", "mlflow", "pandas", "onnx"} == set()
