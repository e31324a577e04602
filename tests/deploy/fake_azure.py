"""A stand-in for Azure Resource Manager on loopback: the paths that the libraries ask, their long-running operations,
and the sites behind them. It knows nothing that Microsoft's own description does not say; what it cannot show is in
docs/deployment.md.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.deploy.answering import Answer, served
from tests.deploy.fake_resources import FakeApp, FakeJob
from tests.deploy.fake_site import FakeSite
from tests.deploy.journal import Journal
from tests.deploy.releases import OLD, Behaviours, name

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
GROUP = "air-paradis"
ROOT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers"


@dataclass
class Refusal:
    """Answers to a call instead of doing it, so many times."""

    pattern: str
    status: int
    code: str
    times: int


class FakeAzure:
    def __init__(self) -> None:
        self.journal = Journal()
        self.behaviours = Behaviours()
        self.sites: dict[str, FakeSite] = {}
        self.apps: dict[str, FakeApp] = {}
        self.jobs: dict[str, FakeJob] = {}
        self.refusals: list[Refusal] = []
        self.after: list[tuple[str, Callable[[], None]]] = []  # what happens once a call has been answered
        self.host = ""
        for title, service in (("air-api", "inference"), ("air-pages", "ui")):
            self.sites[title] = FakeSite(title, OLD.image(service), self.behaviours, self.journal)
        for app in ("mlflow", "inference", "ui"):
            site = None if app == "mlflow" else FakeSite(app, OLD.image(app), self.behaviours, self.journal)
            self.apps[app] = FakeApp(app, OLD.image(app), self.behaviours, site)
        for job in ("migrate", "drift", "retrain", "score"):
            service = "inference" if job == "migrate" else "trainer"
            self.jobs[job] = FakeJob(job, OLD.image(service), self.behaviours)

    @property
    def endpoint(self) -> str:
        return f"http://{self.host}"

    def refuse(self, pattern: str, status: int, code: str = "", times: int = 1_000) -> None:
        self.refusals.append(Refusal(pattern, status, code, times))

    def answer(self, method: str, path: str, headers: Any, body: Any) -> Answer:
        if headers.get("Authorization") != "Bearer loopback":
            return problem(401, "InvalidAuthenticationToken")
        path = path.partition("?")[0]
        short = re.sub(r"^/subscriptions/.*/providers/Microsoft\.(Web|App)/", "", path)
        refusal = self._refusal(f"{method} {short}")
        if refusal:
            self.journal.write(f"{method} {short} refused with {refusal.status}")
            return problem(refusal.status, refusal.code)
        if not path.startswith(ROOT):
            return problem(404, "ResourceGroupNotFound")
        answer = self._route(method, short, body)
        self.journal.write(f"{method} {short}{image_in(body)}")
        for pattern, call in self.after:
            if re.fullmatch(pattern, f"{method} {short}"):
                call()
        return answer

    def _route(self, method: str, path: str, body: Any) -> Answer:
        kind, title, *rest = path.split("/")
        if kind == "sites" and title in self.sites:
            return answer_for_site(self.sites[title], method, rest, body)
        if kind == "containerApps" and title in self.apps:
            return self.apps[title].answer(method, rest, body, self._resource(path))
        if kind == "jobs" and title in self.jobs:
            return self.jobs[title].answer(method, rest, body, self._resource(path))
        if kind == "operations" and title in self.apps:
            return self.apps[title].operation()
        return problem(404, "ResourceNotFound")

    def _refusal(self, call: str) -> Refusal | None:
        for refusal in self.refusals:
            if refusal.times and re.fullmatch(refusal.pattern, call):
                refusal.times -= 1
                return refusal
        return None

    def _resource(self, path: str) -> str:
        return f"{self.endpoint}{ROOT}/Microsoft.App/{path}"


def answer_for_site(site: FakeSite, method: str, rest: list[str], body: Any) -> Answer:
    if (method, rest) == ("GET", []):
        properties = {"state": site.state, "usageState": site.usage, "defaultHostName": site.host}
        return Answer(200, {"location": "here", "properties": properties})
    if (method, rest) == ("POST", ["config", "appsettings", "list"]):
        return Answer(200, {"properties": site.settings})
    if method == "POST":
        {"restart": site.restart, "stop": site.stop, "start": site.start}[rest[0]]()
        return Answer(200)
    if method == "PATCH":
        site.set_image(body["properties"]["linuxFxVersion"].removeprefix("DOCKER|"))
    return Answer(200, {"properties": {"linuxFxVersion": f"DOCKER|{site.image}" if site.image else ""}})


def image_in(body: Any) -> str:
    properties = (body or {}).get("properties", {})
    if "linuxFxVersion" in properties:
        return f" {name(properties['linuxFxVersion'].removeprefix('DOCKER|'))}"
    containers = properties.get("template", {}).get("containers", [])
    return f" {name(containers[0]['image'])}" if containers else ""


def problem(status: int, code: str) -> Answer:
    # What the libraries go by: at once again.
    retry = {"Retry-After": "0"} if status == 429 else {}
    return Answer(status, {"error": {"code": code or "Refused", "message": f"answered with {status}"}}, **retry)


@contextmanager
def faked_azure() -> Iterator[FakeAzure]:
    azure = FakeAzure()
    with ExitStack() as running:
        for site in [*azure.sites.values(), *(app.site for app in azure.apps.values() if app.site)]:
            site.host = running.enter_context(served(site))
        azure.host = running.enter_context(served(azure))
        yield azure
