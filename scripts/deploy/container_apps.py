"""Container Apps: the migrations, MLflow, the API, the pages, the jobs. A new image is a new revision of an app."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from azure.mgmt.appcontainers.models import Container, ContainerApp, ContainerAppProperties, Template

from .azure import Azure, ended, settled, translated, word
from .errors import DeployError
from .gate import ApiGate, PagesGate, find_release
from .images import Images, short
from .jobs import read_job
from .steps import Gate, Step
from .waiting import Seen, say, wait

SERVICES = ("inference", "ui", "mlflow", "trainer")
# At rest without a replica, it is well too; the gate wakes it.
WELL = ("Running", "RunningAtMaxScale", "ScaledToZero")
LOST = ("Failed", "ActivationFailed")


@dataclass
class AppStep(Step):
    azure: Azure
    app: str
    gate: Gate | None
    revision: str = field(default="", init=False)

    def describe(self) -> list[str]:
        calls = [f"PATCH containerApps/{self.app}: image {self.image}", "wait until its new revision is ready"]
        return [*calls, *([self.gate.describe()] if self.gate else [])]

    def apply(self) -> None:
        self._set(self.image)

    def check(self) -> None:
        wait(self.name, self._look, self.azure.pace)
        if self.gate:
            self.gate.check()

    def restore(self) -> None:
        self._set(self.before)

    def check_restored(self) -> None:
        wait(self.name, self._look, self.azure.pace)
        if self.gate:
            self.gate.check_restored()

    def by_hand(self) -> str:
        return f"az containerapp update {self.azure.options_by_hand()} --name {self.app} --image {self.before}"

    def _set(self, image: str) -> None:
        say(f"  {self.name}: gets {short(image)}")
        template = find_app(self.azure, self.app).template
        containers = template.containers if template else None
        # A list is replaced as a whole: everything else about the container goes with it.
        change = Template(containers=with_image(containers, self.app, image))
        if template and template.revision_suffix:
            change.revision_suffix = ""  # one that is taken is refused
        body = ContainerApp({"properties": ContainerAppProperties(template=change)})
        update = partial(self.azure.apps.container_apps.begin_update, self.azure.group, self.app, body)
        with self.touching():
            poller = settled(update, self.name, self.azure)
        changed = ended(poller, self.name, self.azure).properties
        if changed is None or not changed.latest_revision_name:
            raise DeployError(f"{self.name}: Azure does not name the new revision")
        self.revision = changed.latest_revision_name

    def _look(self) -> Seen:
        with translated(self.name, self.azure):
            revisions = self.azure.apps.container_apps_revisions
            seen = revisions.get_revision(self.azure.group, self.app, self.revision).properties
            ready = find_app(self.azure, self.app).latest_ready_revision_name
        provisioning = word(seen.provisioning_state if seen else None)
        running = word(seen.running_state if seen else None)
        words = f"revision {self.revision} is {provisioning}, {running}"
        if provisioning in ("Failed", "ProvisioningFailed") or running in LOST:
            reason = (seen.provisioning_error if seen else "") or "its log says why"
            raise DeployError(f"{self.name}: {words}: {reason}")
        return Seen(provisioning == "Provisioned" and running in WELL and ready == self.revision, words)


def find_app(azure: Azure, app: str) -> ContainerAppProperties:
    with translated(f"container app {app}", azure):
        found = azure.apps.container_apps.get(azure.group, app).properties
    if found is None:
        raise DeployError(f"container app {app}: Azure says nothing of it")
    return found


def find_container(containers: Sequence[Container] | None, name: str) -> Container:
    """Ours, among those that may run beside it."""
    ours = [each for each in containers or () if each.name == name] or list(containers or ())
    if len(ours) != 1:
        raise DeployError(f"{name}: which of its {len(ours)} containers is ours? Give it the name {name}")
    return ours[0]


def with_image(containers: Sequence[Container] | None, name: str, image: str) -> list[Container]:
    find_container(containers, name).image = image
    return list(containers or ())


def read_app(azure: Azure, app: str, image: str, images: Images, key: str) -> AppStep:
    found = find_app(azure, app)
    configuration = found.configuration
    if configuration and configuration.active_revisions_mode not in (None, "Single"):
        raise DeployError(f"container app {app}: its revisions must be in mode Single, so that a new one takes over")
    before = find_container(found.template.containers if found.template else None, app).image or ""
    ingress = configuration.ingress if configuration else None
    gate: Gate | None = None
    if ingress and ingress.external and ingress.fqdn:
        url = azure.address(ingress.fqdn)
        if app == "inference":
            gate = ApiGate(url, images.release, find_release(url, azure.pace), key, azure.pace)
        else:
            gate = PagesGate(url, azure.pace) if app == "ui" else None
    elif app == "inference":
        raise DeployError("container app inference has no public address: nobody can be asked whether it is well")
    return AppStep(f"container app {app}", before, image, azure, app, gate)


def read_steps(azure: Azure, images: Images, key: str) -> list[Step]:
    """In order, as they are now. Migrations only ever add: the API before them goes on with what they have made."""
    return [
        read_job(azure, "migrate", images.of("inference"), runs=True),
        *(read_app(azure, app, images.of(app), images, key) for app in ("mlflow", "inference", "ui")),
        *(read_job(azure, job, images.of("trainer"), runs=False) for job in ("drift", "retrain", "score")),
    ]
