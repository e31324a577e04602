"""Jobs of Container Apps: they get their image; the one that migrates the database is run at once, and must succeed."""

from dataclasses import dataclass
from functools import partial

from azure.mgmt.appcontainers.models import (
    Container,
    JobPatchProperties,
    JobPatchPropertiesProperties,
    JobProperties,
    JobTemplate,
)

from .azure import Azure, ended, settled, translated, word
from .errors import DeployError
from .images import short
from .steps import Step
from .waiting import Seen, say, wait

ENDED_BADLY = ("Failed", "Stopped", "Degraded")


@dataclass
class JobStep(Step):
    azure: Azure
    job: str
    runs: bool
    has_run: bool

    @property
    def is_needed(self) -> bool:
        return self.before != self.image or (self.runs and not self.has_run)

    def describe(self) -> list[str]:
        calls = [f"PATCH jobs/{self.job}: image {self.image}"] if self.before != self.image else []
        if self.runs:
            calls += [f"POST jobs/{self.job}/start", "wait until it has succeeded"]
        return calls

    def apply(self) -> None:
        if self.before != self.image:
            self._set(self.image)

    def check(self) -> None:
        if not self.runs:
            return
        jobs = self.azure.apps.jobs
        start = partial(jobs.begin_start, self.azure.group, self.job)
        begun = ended(settled(start, self.name, self.azure), self.name, self.azure)
        if not begun.name:
            raise DeployError(f"{self.name}: Azure does not name what it has started")
        wait(self.name, partial(self._look, begun.name), self.azure.pace)

    def restore(self) -> None:
        if self.before != self.image:
            self._set(self.before)

    def check_restored(self) -> None:
        if self.runs:
            say(f"  {self.name}: what migrations have added stays, and the release before goes on with it")

    def by_hand(self) -> str:
        return f"az containerapp job update {self.azure.options_by_hand()} --name {self.job} --image {self.before}"

    def _set(self, image: str) -> None:
        say(f"  {self.name}: gets {short(image)}")
        template = find_job(self.azure, self.job).template
        containers = list(template.containers or ()) if template else []
        one_container(self.job, containers).image = image
        properties = JobPatchPropertiesProperties(template=JobTemplate(containers=containers))
        body = JobPatchProperties(properties=properties)
        update = partial(self.azure.apps.jobs.begin_update, self.azure.group, self.job, body)
        with self.touching():
            poller = settled(update, self.name, self.azure)
        ended(poller, self.name, self.azure)

    def _look(self, execution: str) -> Seen:
        with translated(f"{execution} of {self.name}", self.azure):
            seen = self.azure.apps.job_execution(self.azure.group, self.job, execution).properties
        status = word(seen.status if seen else None)
        if status in ENDED_BADLY:
            raise DeployError(f"{self.name}: its run {execution} has {status.lower()}; its log says why")
        return Seen(status == "Succeeded", f"run {execution} is {status}")


def one_container(job: str, containers: list[Container]) -> Container:
    if len(containers) != 1:
        raise DeployError(f"job {job} must have one container, and has {len(containers)}")
    return containers[0]


def find_job(azure: Azure, job: str) -> JobProperties:
    with translated(f"job {job}", azure):
        found = azure.apps.jobs.get(azure.group, job).properties
    if found is None:
        raise DeployError(f"job {job}: Azure says nothing of it")
    return found


def read_job(azure: Azure, job: str, image: str, *, runs: bool) -> JobStep:
    template = find_job(azure, job).template
    before = one_container(job, list(template.containers or ()) if template else []).image or ""
    # The infrastructure may have given it this image without running it.
    has_run = runs and before == image and has_succeeded(azure, job, image)
    return JobStep(f"job {job}", before, image, azure, job, runs, has_run)


def has_succeeded(azure: Azure, job: str, image: str) -> bool:
    with translated(f"job {job}", azure):
        for execution in azure.apps.jobs_executions.list(azure.group, job):
            seen = execution.properties
            containers = seen.template.containers if seen and seen.template else None
            if seen and seen.status == "Succeeded" and any(each.image == image for each in containers or ()):
                return True
    return False
