"""What the edge would answer for MLflow's page, read from infra/edge/registry.conf by nginx's own order of looking."""

import re
from pathlib import Path
from typing import NamedTuple

CONF = Path(__file__).resolve().parents[2] / "infra" / "edge" / "registry.conf"
PASSED = 0


class Location(NamedTuple):
    kind: str
    pattern: str
    # Any, where none is named.
    method: str
    refused_args: str
    is_for_programs: bool
    passes: bool


class EdgeRules:
    def __init__(self, text: str) -> None:
        text = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
        [self._plain] = re.findall(r'^if \(\$request_uri !~ "(.+)"\)', text, re.MULTILINE)
        [self._crooked] = re.findall(r'^if \(\$request_uri ~ "(.+)"\)', text, re.MULTILINE)
        [self._origin] = re.findall(r'^if \(\$http_origin ~ "(.+)"\)', text, re.MULTILINE)
        blocks = re.findall(r"^location (=|\^~|~)? ?(\S+) \{\n(.*?)\n\}", text, re.MULTILINE | re.DOTALL)
        self.locations = [read_location(*block) for block in blocks]

    def answer(self, method: str, target: str, *, host: str = "127.0.0.1:5000", origin: str = "") -> int:
        """PASSED, or the status of the refusal."""
        path, _, args = target.partition("?")
        if not re.search(self._plain, target) or re.search(self._crooked, target):
            return 400
        if origin and self._host_of(origin) != host:
            return 403
        location = self._find(path)
        if not location.passes:
            return 404
        if location.refused_args and re.search(location.refused_args, args, re.IGNORECASE):
            return 400
        if origin and location.is_for_programs:
            return 403
        return PASSED if not location.method or method in methods_of(location.method) else 403

    def _host_of(self, origin: str) -> str:
        found = re.search(self._origin, origin)
        return found.group(1) if found else origin

    def _find(self, path: str) -> Location:
        of_kind = {kind: [each for each in self.locations if each.kind == kind] for kind in ("=", "^~", "~", "")}
        exact = [each for each in of_kind["="] if each.pattern == path]
        prefix = [each for each in of_kind["^~"] if path.startswith(each.pattern)]
        pattern = [each for each in of_kind["~"] if re.search(each.pattern, path)]
        return [*exact, *prefix, *pattern, *of_kind[""]][0]


def read_location(kind: str, pattern: str, block: str) -> Location:
    method = re.findall(r"limit_except (\w+) \{ deny all; \}", block)
    args = re.findall(r'if \(\$args ~\* "(.+)"\)', block)
    is_for_programs = "if ($http_origin) {" in block
    return Location(
        kind, pattern, "".join(method), "".join(args), is_for_programs, "proxy_pass http://$registry;" in block
    )


def methods_of(method: str) -> tuple[str, ...]:
    return ("GET", "HEAD") if method == "GET" else (method,)


def edge_rules() -> EdgeRules:
    return EdgeRules(CONF.read_text(encoding="utf-8"))
