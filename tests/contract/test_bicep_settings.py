"""What infra/azure tells the services they know: each variable is a setting, each secret a file that is read."""

import re

import pytest

from inference.settings import Settings as InferenceSettings
from scripts.make_secrets import EMPTY, HASHES, RANDOM, SCOPES
from tests.contract.bicep_reader import AZURE, Parsed, need_tools, parse_all, text
from trainer.settings import Settings as TrainerSettings
from ui.settings import Settings as UiSettings

SITE, APPS = "app-service/main.bicep", "container-apps/main.bicep"
SETTINGS = {"INFERENCE": InferenceSettings, "UI": UiSettings, "TRAINER": TrainerSettings}
# Of Azure, MLflow, Streamlit and uvicorn.
OF_OTHERS = {
    "ENVIRONMENT",
    "WEBSITES_PORT",
    "WEBSITES_ENABLE_APP_SERVICE_STORAGE",
    "WEBSITES_CONTAINER_STOP_TIME_LIMIT",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "FORWARDED_ALLOW_IPS",
    "STREAMLIT_SECRETS_FILES",
    "DATABASE_HOST",
    "DATABASE_ADMIN",
    "PGSSLMODE",
    "ROLES",
    "DOCKER_REGISTRY_SERVER_URL",
    "DOCKER_REGISTRY_SERVER_USERNAME",
    "DOCKER_REGISTRY_SERVER_PASSWORD",
    "AZURE_CLIENT_ID",
    "AZURE_TOKEN_CREDENTIALS",
    "MLFLOW_ARTIFACTS_DESTINATION",
    "MLFLOW_TRACKING_URI",
    "MLFLOW_BACKEND_STORE_URI",
    "MLFLOW_SERVER_ALLOWED_HOSTS",
    "MLFLOW_SIGN_IN",
    "MLFLOW_WORKERS",
}


@pytest.fixture(scope="module")
def parsed() -> Parsed:
    need_tools()
    return parse_all()


def variables_set() -> dict[str, set[str]]:
    """Each variable of a container, with the files that set it."""
    found: dict[str, set[str]] = {}
    for path in AZURE.rglob("*.bicep"):
        code = path.read_text(encoding="utf-8")
        for pattern in (r"^  ([A-Z][A-Z_]+): ", r"\{ name: '([A-Z][A-Z_]+)', value: "):
            for name in re.findall(pattern, code, re.MULTILINE):
                found.setdefault(name, set()).add(path.name)
    return found


def is_setting(name: str) -> bool:
    service, _, rest = name.partition("_")
    return service in SETTINGS and rest.lower() in SETTINGS[service].model_fields


def test_each_variable_is_a_setting_of_its_service() -> None:
    variables = variables_set()
    assert {"INFERENCE_CPU_MINUTES_A_DAY", "UI_SIGN_IN", "TRAINER_API_URL"} <= variables.keys()
    assert {name for name in variables if not is_setting(name)} == OF_OTHERS


def test_the_numbers_of_the_alert_are_the_services_own_defaults(parsed: Parsed) -> None:
    fields = InferenceSettings.model_fields
    for path in (SITE, APPS):
        parameters = parsed[path]["parameters"]
        assert parameters["rejections"]["default"] == fields["alert_rejections"].default
        assert parameters["minutes"]["default"] == fields["alert_minutes"].default


def test_each_secret_is_a_file_that_its_service_reads() -> None:
    files = re.findall(r"\{ name: '([\w-]+)', file: '([\w.-]+)' \}", text("container-apps/apps.bicep"))
    assert len(files) == 10
    for _, file in files:
        assert file == "sign-in.toml" or is_setting(file.upper()), file


def test_secrets_have_the_names_that_make_secrets_gives_them() -> None:
    given = {*RANDOM, *EMPTY, HASHES, *(f"{service}-api-key" for service in SCOPES)}
    named = set(re.findall(r"name: '([\w-]+)', file", text("container-apps/apps.bicep")))
    assert named - given == {"sign-in"}
    [listed] = re.findall(r"var secretNames = concat\(\[(.+?)\n\n", text(APPS), re.DOTALL)
    assert set(re.findall(r"'([\w-]+)'", listed)) - given == {"database-admin", "sign-in"}
    assert named <= set(re.findall(r"'([\w-]+)'", listed))
