"""The Bicep of infra/azure: which resources and parameters there are, and when its alerts fire.

No compiler can be had offline, and nothing here has seen a subscription. What is read stands in the files.
"""

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.contract.bicep_reader import (
    AZURE,
    ROOT,
    Parsed,
    need_tools,
    parse_all,
    query_of,
    reached,
    resources,
    strings_of,
    text,
    window_of,
)

SITE, APPS = "app-service/main.bicep", "container-apps/main.bicep"
WATCHED = {
    "Microsoft.OperationalInsights/workspaces@2023-09-01",
    "Microsoft.Insights/components@2020-02-02",
    "Microsoft.Insights/actionGroups@2023-01-01",
    "Microsoft.Insights/scheduledQueryRules@2023-12-01",
    "Microsoft.Insights/workbooks@2023-06-01",
    "Microsoft.Authorization/roleAssignments@2022-04-01",
}
WINDOWS = {"PT10M": 10, "PT15M": 15, "PT30M": 30, "PT45M": 45, "PT1H": 60, "PT2H": 120, "PT3H": 180, "PT4H": 240,
           "PT5H": 300, "PT6H": 360}  # fmt: skip


@pytest.fixture(scope="module")
def parsed() -> Parsed:
    need_tools()
    return parse_all()


def test_the_site_is_made_of_these(parsed: Parsed) -> None:
    own = {
        "Microsoft.Web/serverfarms@2024-04-01",
        "Microsoft.Web/sites@2024-04-01",
        "Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01",
        "Microsoft.Insights/metricAlerts@2018-03-01",
    }
    assert set(resources(parsed, SITE)) == WATCHED | own


def test_the_apps_are_made_of_these(parsed: Parsed) -> None:
    own = {
        "Microsoft.App/managedEnvironments@2025-01-01",
        "Microsoft.App/managedEnvironments/storages@2025-01-01",
        "Microsoft.App/containerApps@2025-01-01",
        "Microsoft.App/jobs@2025-01-01",
        "Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01",
        "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01",
        "Microsoft.KeyVault/vaults@2023-07-01",
        "Microsoft.KeyVault/vaults/secrets@2023-07-01",
        "Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31",
        "Microsoft.Storage/storageAccounts@2023-05-01",
        "Microsoft.Storage/storageAccounts/blobServices@2023-05-01",
        "Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01",
        "Microsoft.Storage/storageAccounts/fileServices@2023-05-01",
        "Microsoft.Storage/storageAccounts/fileServices/shares@2023-05-01",
    }
    assert set(resources(parsed, APPS)) == WATCHED | own


def test_every_file_is_reached_from_one_of_the_two(parsed: Parsed) -> None:
    assert reached(parsed, SITE) | reached(parsed, APPS) == set(parsed)


def test_the_free_plan_is_the_default_and_the_next_one_word_away(parsed: Parsed) -> None:
    sku = parsed[SITE]["parameters"]["sku"]
    assert sku["default"] == "F1"
    [allowed] = [each["argument"] for each in sku["decorators"] if each["type"] == "allowed"]
    assert allowed == ["F1", "B1", "B2", "P0v3"]
    assert parsed[SITE]["variables"]["tiers"]["value"].keys() == set(allowed)


def test_the_free_plan_is_never_always_on(parsed: Parsed) -> None:
    code = text(SITE)
    assert "var isFree = sku == 'F1'\n" in code and "var alwaysOn = !isFree\n" in code
    sites = [each for each in parsed[SITE]["modules"].values() if each["detail"]["path"] == "site.bicep"]
    assert len(sites) == 2 and code.count("    alwaysOn: alwaysOn\n") == 2
    assert text("app-service/site.bicep").count("alwaysOn:") == 1
    assert "      alwaysOn: alwaysOn\n" in text("app-service/site.bicep")


def test_the_site_is_shut(parsed: Parsed) -> None:
    site = parsed["app-service/site.bicep"]["resources"]["site"]["config"]
    assert site["identity"] == {"type": "SystemAssigned"}
    properties, config = site["properties"], site["properties"]["siteConfig"]
    assert (properties["httpsOnly"], config["minTlsVersion"], config["ftpsState"]) == (True, "1.2", "Disabled")
    assert config["linuxFxVersion"] == "DOCKER|${image}" and config["healthCheckPath"] == "healthCheckPath"
    assert text(SITE).count("healthCheckPath: '/health/ready'") == 1
    assert text(SITE).count("healthCheckPath: '/_stcore/health'") == 1


@pytest.mark.parametrize("path", [SITE, APPS])
def test_what_is_secure_is_said_to_be(parsed: Parsed, path: str) -> None:
    secure = {
        name
        for name, each in parsed[path]["parameters"].items()
        if any(decorator["type"] == "secure" for decorator in each["decorators"])
    }
    expected = {
        SITE: {"apiKeys", "subjectKey", "ownerKey", "pagesApiKey", "signIn", "databaseUrl", "alertUrls",
               "alertWebhooks", "registryPassword"},
        APPS: {"secrets", "alertWebhooks"},
    }  # fmt: skip
    assert secure == expected[path]


@pytest.mark.parametrize("minutes", [1, 5, 6, 10, 11, 25, 26, 40, 41, 55, 56, 115, 116, 175, 235, 295, 296, 355])
def test_the_window_is_the_smallest_that_holds_every_burst(minutes: int) -> None:
    """At least the minutes and the five between two looks together."""
    chosen = window_of(minutes)
    fitting = [name for name, length in WINDOWS.items() if length >= minutes + 5]
    assert chosen == min(fitting, key=WINDOWS.__getitem__)


def test_no_more_minutes_are_taken_than_there_are_windows(parsed: Parsed) -> None:
    for path in (SITE, APPS, "modules/alerts.bicep"):
        limits = {each["type"]: each.get("argument") for each in parsed[path]["parameters"]["minutes"]["decorators"]}
        assert limits["max_value"] == max(WINDOWS.values()) - 5, path


def test_any_row_of_a_query_fires_its_rule(parsed: Parsed) -> None:
    rule = parsed["modules/alerts.bicep"]["resources"]["logAlerts"]["config"]["config"]["properties"]
    [criterion] = rule["criteria"]["allOf"]
    assert (criterion["timeAggregation"], criterion["operator"], criterion["threshold"]) == ("Count", "GreaterThan", 0)
    assert (rule["evaluationFrequency"], rule["autoMitigate"]) == ("PT5M", True)
    assert criterion["failingPeriods"] == {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1}


@pytest.mark.parametrize(("rejections", "minutes"), [(3, 5), (10, 30), (2, 355)])
def test_the_burst_query_gets_its_numbers(rejections: int, minutes: int) -> None:
    query = query_of("burstQuery", {"rejections": rejections, "minutes": minutes})
    assert f"\nlet n = {rejections}; let m = {minutes}m;\n" in query
    original = (AZURE / "alerts" / "rejected_burst.kql").read_text(encoding="utf-8")
    assert query.replace(f"n = {rejections}; let m = {minutes}m", "n = 3; let m = 5m") == original


@pytest.mark.parametrize("percent", [1, 25, 99])
def test_the_rate_query_gets_its_share(percent: int) -> None:
    query = query_of("rateQuery", {"acceptedPercent": percent})
    assert f"\nlet accepted = {percent} / 100.0; let enough = 20; let z = 1.96;\n" in query


def test_every_query_is_in_use() -> None:
    used = set(re.findall(r"loadTextContent\('\.\./(\w+/\w+\.kql)'\)", text("modules/alerts.bicep")))
    used |= set(re.findall(r"loadTextContent\('\.\./(\w+/\w+\.kql)'\)", text("modules/workbook.bicep")))
    assert {f"{each.parent.name}/{each.name}" for each in AZURE.rglob("*.kql")} <= used


def test_apps_and_jobs_have_the_agreed_names(parsed: Parsed) -> None:
    named = {
        str(each["config"]["name"])
        for name in reached(parsed, APPS)
        for each in parsed[name].get("resources", {}).values()
        if each["type"] in ("Microsoft.App/containerApps", "Microsoft.App/jobs")
    }
    assert named == {"inference", "ui", "mlflow", "migrate", "drift", "retrain", "score"}
    sites = {each["config"]["params"]["name"] for each in (parsed[SITE]["modules"]["api"],)}
    pages = parsed[SITE]["modules"]["pages"]["config"]["config"]["params"]["name"]
    assert sites | {pages} == {"${name}-api", "${name}-pages"}


def test_nothing_but_the_api_and_the_pages_is_reached_from_outside(parsed: Parsed) -> None:
    for app, is_external in (("inference", True), ("ui", True), ("mlflow", False)):
        ingress = parsed[f"container-apps/{app}.bicep"]["resources"][app]["config"]["properties"]["configuration"]
        assert ingress["ingress"]["external"] is is_external, app
        assert ingress["ingress"]["allowInsecure"] is False, app


def test_the_names_that_the_whole_world_shares_are_short_enough() -> None:
    """uniqueString() is thirteen letters and digits."""
    for path, prefix in (("container-apps/environment.bicep", "st"), ("container-apps/vault.bicep", "kv-")):
        assert f"  name: '{prefix}${{uniqueString(resourceGroup().id, name)}}'\n" in text(path)
        assert len(prefix) + 13 <= 24


@pytest.mark.parametrize(
    ("main", "file"),
    [(SITE, "app-service/main.parameters.example.json"), (APPS, "container-apps/main.parameters.json")],
)
def test_a_file_of_parameters_names_those_that_there_are(parsed: Parsed, main: str, file: str) -> None:
    given = json.loads(text(file))["parameters"]
    parameters = parsed[main]["parameters"]
    assert given.keys() <= parameters.keys()
    required = {name for name in parameters if re.search(rf"^param {name} \w+$", text(main), re.MULTILINE)}
    # Secrets are in no file of the repository.
    secret = {"apiKeys", "subjectKey", "pagesApiKey"}
    assert required - given.keys() == (secret if main == SITE else set())


def test_azd_builds_the_images_of_the_apps_that_carry_its_tag() -> None:
    azure = yaml.safe_load((ROOT / "azure.yaml").read_text(encoding="utf-8"))
    assert (ROOT / azure["infra"]["path"] / f"{azure['infra']['module']}.bicep").is_file()
    for name, service in azure["services"].items():
        assert service["host"] == "containerapp"
        assert (ROOT / service["docker"]["path"]).is_file() and service["docker"]["context"] == "."
        assert f"'azd-service-name': '{name}'" in text(f"container-apps/{name}.bicep")
    assert azure["services"].keys() == {"inference", "ui", "mlflow"}


def test_azd_takes_each_image_where_the_app_gets_it() -> None:
    given = json.loads(text("container-apps/main.parameters.json"))["parameters"]
    for name in ("inference", "ui", "mlflow"):
        assert given[f"{name}Image"]["value"] == f"${{SERVICE_{name.upper()}_IMAGE_NAME=}}"


def test_images_are_told_by_parameters_alone(parsed: Parsed) -> None:
    """Of a fixed name are only Azure's own pictures that stand in before the first build."""
    found = {each for value in parsed.values() for each in strings_of(value) if re.search(r"\w+\.\w+/.+[:@]\w", each)}
    images = {each for each in found if "://" not in each and not each.startswith("Microsoft")}
    assert images == {
        "mcr.microsoft.com/azuredocs/containerapps-helloworld:latest",
        "mcr.microsoft.com/k8se/quickstart-jobs:latest",
    }


def test_each_skip_of_checkov_is_explained() -> None:
    lines = Path(ROOT, ".checkov-bicep.yaml").read_text(encoding="utf-8").splitlines()
    skips = [i for i, line in enumerate(lines) if line.startswith("  - CKV")]
    assert len(skips) == 10
    for i in skips:
        above = lines[i - 1]
        assert above.startswith(("  #", "  - CKV")), lines[i]
