"""The scheduled query rules, as infra/azure/modules/alerts.bicep has them for some parameters.

Bicep itself needs a network: the few forms that the file uses are read here, and anything else fails.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.azure.kusto import AZURE

FILE = AZURE / "modules" / "alerts.bicep"
DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?")

Parameters = Mapping[str, int]
# As the queries have them; each deployment may choose others.
USUAL: dict[str, int] = {"rejections": 3, "minutes": 5, "acceptedPercent": 25}


@dataclass(frozen=True)
class LogAlertRule:
    """It fires where the query has more rows than the threshold."""

    name: str
    description: str
    severity: int
    query: str
    window: timedelta
    frequency: timedelta
    threshold: int
    # Told once when it begins and once when it is over, or at each evaluation.
    auto_mitigate: bool


def read_rule(name: str, parameters: Parameters = USUAL) -> LogAlertRule:
    module = Module(FILE.read_text(encoding="utf-8"), name)
    assert module.value("timeAggregation") == "'Count'" and module.value("operator") == "'GreaterThan'"
    assert module.value("numberOfEvaluationPeriods") == module.value("minFailingPeriodsToAlert") == "1"
    return LogAlertRule(
        name=fill(quoted(module.value("displayName")), parameters),
        description=quoted(module.value("description")),
        severity=int(module.value("severity")),
        query=read_query(module.value("query"), parameters),
        window=read_duration(module.value("windowSize"), parameters),
        frequency=read_duration(module.value("evaluationFrequency"), parameters),
        threshold=int(module.value("threshold")),
        auto_mitigate={"true": True, "false": False}[module.value("autoMitigate")],
    )


class Module:
    """One of the rules of a list, and the resource that is made of each of them."""

    def __init__(self, text: str, rule: str) -> None:
        self._text = text
        self._rule = one(rf"^  \{{\n    name: '{rule}'\n.*?^  \}}$", text)
        resource = r"'Microsoft\.Insights/scheduledQueryRules@[\d-]+'"
        self._resource = one(rf"^resource \w+ {resource} = \[for rule in .*?^\}}\]$", text)

    def value(self, name: str) -> str:
        """Of a property: as it is written, or what the variable, parameter or item of the list has that it names."""
        written = one(rf"^ *{name}: ([^\n]+)$", self._resource)
        item = re.fullmatch(r"rule\.(\w+)", written)
        if item:
            written = one(rf"^ *{item[1]}: ([^\n]+)$", self._rule)
        named = re.findall(rf"^(?:var {written}|param {written} \w+) = ([^\n]+)$", self._text, re.MULTILINE)
        return str(named[0]) if re.fullmatch(r"[a-z]\w*", written) and named else written


def one(pattern: str, text: str) -> str:
    [found] = re.finditer(pattern, text, re.MULTILINE | re.DOTALL)
    return found[found.re.groups]


def quoted(text: str) -> str:
    return one(r"\A'([^']*)'\Z", text)


def fill(text: str, parameters: Parameters) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: str(parameters[found[1]]), text)


def read_query(expression: str, parameters: Parameters) -> str:
    """replace(replace(loadTextContent('…'), 'old', 'new'), 'old', 'new'): each old one must be there, once."""
    path = Path(one(r"loadTextContent\('([^']+)'\)", expression))
    query = (FILE.parent / path).read_text(encoding="utf-8")
    pairs = re.findall(r"'(let [^']+)', '(let [^']+)'\)", expression)
    assert expression.count("replace(") == len(pairs)
    for old, new in pairs:
        assert query.count(old) == 1, f"{path} has not one {old}"
        query = query.replace(old, fill(new, parameters))
    return query


def read_duration(expression: str, parameters: Parameters) -> timedelta:
    """'PT5M', or name <= number ? 'PT5M' : (…)."""
    chosen = re.fullmatch(r"(\w+) <= (\d+) \? ('\w+') : (.+)", expression)
    if chosen:
        rest = re.sub(r"\A\((.+)\)\Z", r"\1", chosen[4])
        return read_duration(chosen[3] if parameters[chosen[1]] <= int(chosen[2]) else rest, parameters)
    found = DURATION.fullmatch(quoted(expression))
    assert found, expression
    return timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))
