"""infra/lint/bicep/check.py says nothing of what is there, and finds what is planted in a copy."""

import re
from pathlib import Path

import pytest

from tests.contract.bicep_reader import AZURE, check, copy_to, need_tools

ALERTS, SITE, MAIN = "modules/alerts.bicep", "app-service/site.bicep", "app-service/main.bicep"
VAULT, INFERENCE = "container-apps/vault.bicep", "container-apps/inference.bicep"
# What it is in the file, what it becomes, what has to be said.
PLANTED = {
    "a misspelt property": (SITE, "httpsOnly: true", "httpOnly: true", "no property properties.httpOnly"),
    "other capitals": (SITE, "http20Enabled:", "HTTP20Enabled:", "it is written http20Enabled"),
    "deep down": (ALERTS, "minFailingPeriodsToAlert: 1", "minFailing: 1", "criteria.allOf.failingPeriods.minFailing"),
    "in a variable": (INFERENCE, "path: each.file", "file: each.file", "properties.template.volumes.secrets.file"),
    "in a loop": (ALERTS, "emailAddress: address", "mail: address", "no property properties.emailReceivers.mail"),
    "a kind of criterion": (SITE, "metricName:", "metric:", "criteria.allOf.metric"),
    "what can only be read": (
        SITE,
        "    reserved: true",
        "    state: 'x'\n    reserved: true",
        "properties.state can only be read",
    ),
    "an unknown value": (SITE, "ftpsState: 'Disabled'", "ftpsState: 'Off'", "AllAllowed, Disabled, FtpsOnly"),
    "too large a number": (INFERENCE, "failureThreshold: 10", "failureThreshold: 60", "between 1 and 10"),
    "no object": (SITE, "httpsOnly: true", "httpsOnly: {}", "properties.httpsOnly is no object"),
    "a preview": (ALERTS, "scheduledQueryRules@2023-12-01", "scheduledQueryRules@2024-01-01-preview", "is a preview"),
    "another version": (
        VAULT,
        "vaults@2023-07-01",
        "vaults@2022-07-01",
        "the version that was looked at is 2023-07-01",
    ),
    "an unknown type": (VAULT, "Microsoft.KeyVault/vaults@", "Microsoft.KeyVault/vault@", "not among the known types"),
    "an unknown file": (
        ALERTS,
        "rejected_burst.kql",
        "rejected_bursts.kql",
        "there is no file '../alerts/rejected_bursts.kql'",
    ),
    "nothing to replace": (ALERTS, "'let n = 3;'", "'let n = 4;'", "'let n = 4;' is 0 times"),
    "a secret with a default": (
        MAIN,
        "param subjectKey string",
        "param subjectKey string = 'x'",
        "subjectKey is secure, and has",
    ),
    "a secret in an output": (
        MAIN,
        "output apiUrl string = '",
        "output apiUrl string = '${ownerKey}",
        "gives away ownerKey",
    ),
    "a secret behind variables": (
        MAIN,
        "output apiUrl string = '",
        "output x object = apiSettings\noutput apiUrl string = '",
        "output x gives away",
    ),
    "a secret for whoever keeps none": (
        SITE,
        "@secure()\nparam settings",
        "param settings",
        "settings of site.bicep is not",
    ),
    "an unknown name": (MAIN, "planId: plan.id", "planId: plans.id", "plans is not declared"),
    "an unknown function": (MAIN, "string(minutes)", "toString(minutes)", "toString() is not in the list"),
    "an unused parameter": (
        MAIN,
        "param owners string",
        "param bosses string = ''\nparam owners string",
        "param bosses is not used",
    ),
    "an unused variable": (MAIN, "var isFree", "var isCheap = false\nvar isFree", "var isCheap is not used"),
    "a module that is not there": (
        MAIN,
        "'../modules/workbook.bicep'",
        "'workbook.bicep'",
        "there is no module workbook.bicep",
    ),
    "a module's other parameter": (MAIN, "isPage: false", "isSite: false", "site.bicep has no parameter isSite"),
    "a module's missing parameter": (MAIN, "    isPage: false\n", "", "site.bicep needs the parameter isPage"),
    "a module's other output": (MAIN, "api.outputs.hostName", "api.outputs.host", "site.bicep has no output host"),
    "no Bicep at all": (MAIN, "output apiUrl string =", "output apiUrl = string =", "is no Bicep"),
}


Said = dict[str, list[str]]


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    need_tools()


@pytest.fixture(scope="module")
def complaints(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """Of a copy for each fault, all read at once: to load the models takes longer than to read a file."""
    folder = tmp_path_factory.mktemp("planted")
    places = {fault: folder / f"fault-{number}" for number, fault in enumerate(PLANTED)}
    for fault, (name, right, wrong, _) in PLANTED.items():
        file = copy_to(places[fault]) / name
        code = file.read_text(encoding="utf-8")
        assert right in code, fault
        file.write_text(code.replace(right, wrong, 1), encoding="utf-8")
    status, said = check(folder)
    assert status == 1
    return {fault: [line for line in said if line.startswith(f"{place}/")] for fault, place in places.items()}


def test_it_has_nothing_to_say() -> None:
    status, said = check(AZURE)
    assert (status, said) == (0, [f"{len(list(AZURE.rglob('*.bicep')))} Bicep files, nothing to say"])


@pytest.mark.parametrize("fault", PLANTED)
def test_it_finds(fault: str, complaints: Said) -> None:
    words = PLANTED[fault][3]
    found = [line for line in complaints[fault] if words in line]
    assert found, complaints[fault]
    assert re.match(r"/\S+/azure/[\w/-]+\.bicep:[1-9]\d*: ", found[0])


def test_the_line_is_that_of_the_fault(complaints: Said) -> None:
    [line] = [each for each in complaints["a misspelt property"] if "httpOnly" in each]
    code = (AZURE / SITE).read_text(encoding="utf-8").splitlines()
    assert f"/azure/{SITE}:{code.index('    httpsOnly: true') + 1}: " in line


def test_a_folder_without_bicep_does_not_pass(tmp_path: Path) -> None:
    assert check(tmp_path) == (1, [f"error: there is no Bicep file in {tmp_path}"])
