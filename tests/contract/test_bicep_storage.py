"""Where Container Apps keep files: MLflow's blobs behind an identity, and the shares behind a key."""

import re
from typing import Any

import pytest

from tests.contract.bicep_reader import need_tools, parse_all, text

ENVIRONMENT, MLFLOW = "container-apps/environment.bicep", "container-apps/mlflow.bicep"
Made = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def made() -> Made:
    need_tools()
    return {name: each["config"] for name, each in parse_all()[ENVIRONMENT]["resources"].items()}


def test_nobody_reads_blobs_without_signing_in(made: Made) -> None:
    assert made["account"]["properties"]["allowBlobPublicAccess"] is False
    assert made["artifacts"]["properties"] == {"publicAccess": "None"}


def test_what_is_deleted_is_kept_for_a_week(made: Made) -> None:
    kept = {"enabled": True, "days": 7}
    assert made["blobs"]["properties"] == {"deleteRetentionPolicy": kept, "containerDeleteRetentionPolicy": kept}
    assert made["files"]["properties"] == {"shareDeleteRetentionPolicy": kept}


def test_the_identity_has_the_container_and_not_the_account(made: Made) -> None:
    """With a role of the account MLflow could let others past it."""
    assert made["mayWrite"]["scope"] == "artifacts"
    assert made["mayWrite"]["properties"]["roleDefinitionId"] == "blobContributor"
    # Storage Blob Data Contributor.
    assert "'ba92f5b4-2d11-453d-a403-e96b0029c9fe')" in text(ENVIRONMENT)


def test_the_accounts_key_is_for_the_shares_alone() -> None:
    code = text(ENVIRONMENT)
    mounts = [each for each in code.split("\n\n") if "account.listKeys()" in each]
    assert code.count("account.listKeys()") == len(mounts)
    found = [re.findall(r"(?:shareName|accessMode): (\S+)", mount) for mount in mounts]
    assert found == [["datasets.name", "'ReadOnly'"], ["tweets.name", "'ReadWrite'"]]
    assert "AzureFile" not in text(MLFLOW) and "AZURE_STORAGE" not in text(MLFLOW)
