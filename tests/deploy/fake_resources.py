"""An app and a job of Container Apps. Changing an app is an operation with an address of its own; changing a job is
followed in the job itself; starting one is followed by a location. All three ways are Azure's.
"""

from typing import Any

from tests.deploy.answering import Answer
from tests.deploy.fake_site import FakeSite
from tests.deploy.releases import Behaviours

NAMED = "insights"


def container(title: str, image: str) -> dict[str, Any]:
    """With settings of its own, which no deployment may lose."""
    return {
        "name": title,
        "image": image,
        "env": [
            {"name": "ENVIRONMENT", "value": "production"},
            {"name": "APPLICATIONINSIGHTS_CONNECTION_STRING", "secretRef": NAMED},
        ],
        "resources": {"cpu": 0.5, "memory": "1Gi", "ephemeralStorage": "2Gi"},
        "probes": [{"type": "Readiness", "httpGet": {"path": "/health/ready", "port": 8000}}],
    }


class FakeApp:
    def __init__(self, title: str, image: str, behaviours: Behaviours, site: FakeSite | None) -> None:
        self.title = title
        self.site = site
        self.containers = [container(title, image)]
        self.revision = 1
        self.mode = "Single"
        self.suffix = ""
        self._behaviours = behaviours
        self._state = "Succeeded"
        self._looks = 0

    @property
    def image(self) -> str:
        return str(self.containers[0]["image"])

    def answer(self, method: str, rest: list[str], body: Any, resource: str) -> Answer:
        if rest[:1] == ["revisions"]:
            return self._revision()
        if method == "PATCH":
            template = body["properties"]["template"]
            if self.suffix and template.get("revisionSuffix", self.suffix) == self.suffix:
                return Answer(400, {"error": {"code": "RevisionSuffixTaken", "message": "a revision has this suffix"}})
            self.containers, self.suffix = template["containers"], template.get("revisionSuffix", "")
            self._state, self._looks = "InProgress", 0
            address = resource.replace(f"containerApps/{self.title}", f"operations/{self.title}")
            return Answer(202, self._resource(), Azure_AsyncOperation=address, Retry_After="0")
        return Answer(200, self._resource())

    def operation(self) -> Answer:
        """Goes on at the first look, and has ended at the second."""
        self._looks += 1
        if self._looks == 1:
            return Answer(200, {"status": "InProgress"}, Retry_After="0")
        if self._state == "InProgress":
            self._state = self._behaviours.of(self.image).update
            if self._state == "Succeeded":
                self.revision += 1
                self._looks = 0
                if self.site:
                    self.site.set_image(self.image)
        error = {"error": {"code": "ContainerAppFailed", "message": "the image cannot be pulled"}}
        return Answer(200, {"status": self._state, **(error if self._state == "Failed" else {})})

    def _name(self) -> str:
        return f"{self.title}--{self.revision:07}"

    def _ready(self) -> str:
        """The one before for some looks more, although the new one runs."""
        return f"{self.title}--{self.revision - (self._looks < 3):07}"

    def _revision(self) -> Answer:
        """Provisioning at the first look."""
        self._looks += 1
        running = self._behaviours.of(self.image).revision
        state = {"provisioningState": "Provisioned", "runningState": running}
        if self._looks == 1:
            state = {"provisioningState": "Provisioning", "runningState": "Processing"}
        return Answer(200, {"name": self._name(), "properties": state})

    def _resource(self) -> dict[str, Any]:
        ingress = (
            {"external": True, "fqdn": self.site.host} if self.site else {"external": False, "fqdn": "mlflow.internal"}
        )
        properties = {
            "provisioningState": self._state,
            "latestRevisionName": self._name(),
            "latestReadyRevisionName": self._ready(),
            "configuration": {"activeRevisionsMode": self.mode, "ingress": ingress},
            "template": {"containers": self.containers, "scale": {"minReplicas": 0}, "revisionSuffix": self.suffix},
        }
        return {"name": self.title, "location": "here", "properties": properties}


class FakeJob:
    def __init__(self, title: str, image: str, behaviours: Behaviours) -> None:
        self.title = title
        self.containers = [container(title, image)]
        self.executions: list[dict[str, Any]] = []
        self._behaviours = behaviours
        self._state = "Succeeded"
        self._looks = 0

    @property
    def image(self) -> str:
        return str(self.containers[0]["image"])

    def answer(self, method: str, rest: list[str], body: Any, resource: str) -> Answer:
        if rest == ["start"]:
            self.executions.append(self.execution("Running"))
            self._looks = 0
            return Answer(202, Location=resource.replace("/start", "/started"), Retry_After="0")
        if rest == ["started"]:
            return Answer(200, {"name": self.executions[-1]["name"], "id": "an id"})
        if rest == ["executions"]:
            return Answer(200, {"value": self.executions})
        if rest[:1] == ["executions"]:
            return self._execution()
        if method == "PATCH":
            self.containers = body["properties"]["template"]["containers"]
            self._state = self._behaviours.of(self.image).update
            return Answer(200, self._resource("InProgress"), Retry_After="0")
        return Answer(200, self._resource(self._state))

    def execution(self, status: str) -> dict[str, Any]:
        template = {"containers": [{"name": self.title, "image": self.image}]}
        number = len(self.executions) + 1
        return {"name": f"{self.title}-{number}", "properties": {"status": status, "template": template}}

    def _execution(self) -> Answer:
        self._looks += 1
        if self._looks > 1:
            self.executions[-1]["properties"]["status"] = self._behaviours.of(self.image).run
        return Answer(200, self.executions[-1])

    def _resource(self, state: str) -> dict[str, Any]:
        properties = {"provisioningState": state, "template": {"containers": self.containers}}
        return {"name": self.title, "location": "here", "properties": properties}
