"""Which resources may be used: the version of each, and the model of the SDK that its properties are held against.

Versions are stable ones that have been there for a while, and never newer than the model: what the model does not know
is then surely wrong. What was added between the two is seen by the compiler only, in the public workflow.
"""

import importlib
from dataclasses import dataclass

from models import Field

# Bicep's own, in any resource.
OF_BICEP = frozenset({"name", "parent", "scope", "dependsOn"})


@dataclass(frozen=True)
class Known:
    version: str
    model_version: str
    module: str
    model: str

    def load(self) -> Field:
        return Field(model=getattr(importlib.import_module(f"azure.mgmt.{self.module}.models"), self.model))


APPS = ("2025-01-01", "2026-07-01", "appcontainers")
WEB = ("2024-04-01", "2025-05-01", "web")
POSTGRES = ("2024-08-01", "2026-10-01", "postgresqlflexibleservers")
STORAGE = ("2023-05-01", "2026-09-01", "storage")
VAULT = ("2023-07-01", "2026-05-15", "keyvault")

KNOWN = {
    "Microsoft.App/containerApps": Known(*APPS, "ContainerApp"),
    "Microsoft.App/jobs": Known(*APPS, "Job"),
    "Microsoft.App/managedEnvironments": Known(*APPS, "ManagedEnvironment"),
    "Microsoft.App/managedEnvironments/storages": Known(*APPS, "ManagedEnvironmentStorage"),
    "Microsoft.Authorization/roleAssignments": Known(
        "2022-04-01", "2022-04-01", "authorization.v2022_04_01", "RoleAssignment"
    ),
    "Microsoft.DBforPostgreSQL/flexibleServers": Known(*POSTGRES, "Server"),
    "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules": Known(*POSTGRES, "FirewallRule"),
    "Microsoft.Insights/actionGroups": Known("2023-01-01", "2023-01-01", "monitor", "ActionGroupResource"),
    "Microsoft.Insights/components": Known(
        "2020-02-02", "2020-02-02", "applicationinsights.v2020_02_02", "ApplicationInsightsComponent"
    ),
    "Microsoft.Insights/metricAlerts": Known("2018-03-01", "2018-03-01", "monitor", "MetricAlertResource"),
    "Microsoft.Insights/scheduledQueryRules": Known(
        "2023-12-01", "2023-12-01", "monitor", "ScheduledQueryRuleResource"
    ),
    "Microsoft.Insights/workbooks": Known("2023-06-01", "2023-06-01", "applicationinsights.v2023_06_01", "Workbook"),
    "Microsoft.KeyVault/vaults": Known(*VAULT, "Vault"),
    "Microsoft.KeyVault/vaults/secrets": Known(*VAULT, "Secret"),
    "Microsoft.ManagedIdentity/userAssignedIdentities": Known(
        "2023-01-31", "2024-11-30", "msi.v2024_11_30", "Identity"
    ),
    "Microsoft.OperationalInsights/workspaces": Known("2023-09-01", "2025-07-01", "loganalytics", "Workspace"),
    # What is sent to make an account; in the model of what comes back half of it can only be read.
    "Microsoft.Storage/storageAccounts": Known(*STORAGE, "StorageAccountCreateParameters"),
    "Microsoft.Storage/storageAccounts/blobServices": Known(*STORAGE, "BlobServiceProperties"),
    "Microsoft.Storage/storageAccounts/blobServices/containers": Known(*STORAGE, "BlobContainer"),
    "Microsoft.Storage/storageAccounts/fileServices": Known(*STORAGE, "FileServiceProperties"),
    "Microsoft.Storage/storageAccounts/fileServices/shares": Known(*STORAGE, "FileShare"),
    "Microsoft.Web/serverfarms": Known(*WEB, "AppServicePlan"),
    "Microsoft.Web/sites": Known(*WEB, "Site"),
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": Known(*WEB, "CsmPublishingCredentialsPoliciesEntity"),
}

# Only named, never made: there is no property to hold against a model.
REFERRED_TO = {"Microsoft.ContainerRegistry/registries": "2023-07-01"}

# (type, property): why the model does not know it. An entry that nothing needs any more is a complaint too.
EXCEPTIONS: dict[tuple[str, str], str] = {}


def version_of(resource: str) -> str | None:
    return KNOWN[resource].version if resource in KNOWN else REFERRED_TO.get(resource)
