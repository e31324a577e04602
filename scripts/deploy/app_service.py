"""App Service: the site of the API, then the site of the pages. The image stands in a site's `linuxFxVersion`.

A site that keeps its database in a file is stopped while it gets another image. Two containers at once would each keep
a copy of it, and verdicts that the old one took after the new one had begun would be lost.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial

from azure.mgmt.web.models import SiteConfig, SiteConfigResource

from .azure import Azure, settled, translated
from .errors import DeployError, NotTaken
from .gate import ApiGate, PagesGate, find_release
from .images import Images, short
from .steps import Gate, Step
from .waiting import say

PREFIX = "DOCKER|"
SERVICES = ("inference", "ui")
# What a site of the API is told where its database is a file.
KEPT = "INFERENCE_SQLITE_COPY"


@dataclass
class SiteStep(Step):
    azure: Azure
    site: str
    gate: Gate
    keeps_a_file: bool = False

    def describe(self) -> list[str]:
        calls = [f"PATCH sites/{self.site}/config/web: linuxFxVersion {PREFIX}{self.image}"]
        if self.keeps_a_file:
            calls = [f"POST sites/{self.site}/stop", *calls, f"POST sites/{self.site}/start"]
        elif not self.gate.tells_apart:
            calls.append(f"POST sites/{self.site}/restart")
        return [*calls, self.gate.describe()]

    def apply(self) -> None:
        self._set(self.image)

    def check(self) -> None:
        self.gate.check(self._restart)

    def restore(self) -> None:
        self._set(self.before)

    def check_restored(self) -> None:
        self.gate.check_restored(self._restart)

    def by_hand(self) -> str:
        options = self.azure.options_by_hand()
        start = f" && az webapp start {options} --name {self.site}" if self.keeps_a_file else ""
        return f"az webapp config set {options} --name {self.site} --linux-fx-version '{PREFIX}{self.before}'{start}"

    def _set(self, image: str) -> None:
        say(f"  {self.name}: gets {short(image)}")
        config = SiteConfigResource(properties=SiteConfig(linux_fx_version=f"{PREFIX}{image}"))
        update = partial(self.azure.web.web_apps.update_configuration, self.azure.group, self.site, config)
        with self.touching(), self._stopped() if self.keeps_a_file else nullcontext():
            settled(update, self.name, self.azure)
        # Another image starts the site anew. The old container answers until the new one does: where an answer does not
        # say which of the two it comes from, there must be no old one.
        if not self.gate.tells_apart and not self.keeps_a_file:
            self._restart()

    @contextmanager
    def _stopped(self) -> Iterator[None]:
        say(f"  {self.name}: is stopped meanwhile, because its database is a file")
        settled(partial(self.azure.web.web_apps.stop, self.azure.group, self.site), self.name, self.azure)
        try:
            yield
        finally:
            say(f"  {self.name}: is started")
            try:
                settled(partial(self.azure.web.web_apps.start, self.azure.group, self.site), self.name, self.azure)
            except NotTaken as error:
                # It stands still, so it is touched, whatever became of its image.
                raise DeployError(str(error)) from error

    def _restart(self) -> None:
        say(f"  {self.name}: is restarted")
        restart = partial(self.azure.web.web_apps.restart, self.azure.group, self.site, synchronous=True)
        settled(restart, self.name, self.azure)


def read_steps(azure: Azure, name: str, images: Images, key: str) -> list[Step]:
    """In order, as the sites are now."""
    api = partial(api_gate, azure=azure, release=images.release, key=key)
    return [
        read_site(azure, f"{name}-api", images.of("inference"), api),
        read_site(azure, f"{name}-pages", images.of("ui"), partial(PagesGate, pace=azure.pace)),
    ]


def api_gate(url: str, *, azure: Azure, release: str, key: str) -> ApiGate:
    return ApiGate(url, release, find_release(url, azure.pace), key, azure.pace)


def read_site(azure: Azure, site: str, image: str, gate: "partial[ApiGate] | partial[PagesGate]") -> SiteStep:
    what = f"site {site}"
    with translated(what, azure):
        found = azure.web.web_apps.get(azure.group, site).properties
        config = azure.web.web_apps.get_configuration(azure.group, site).properties
    if found is None or config is None or not found.default_host_name:
        raise DeployError(f"{what}: Azure does not say where it is")
    if found.usage_state == "Exceeded":
        raise DeployError(f"{what} has used up its plan's quota, and answers nobody until it has a new one")
    if found.state not in (None, "Running"):
        command = f"az webapp start {azure.options_by_hand()} --name {site}"
        raise DeployError(f"{what} is {found.state}: start it first ({command})")
    before = (config.linux_fx_version or "").removeprefix(PREFIX)
    keeps_a_file = bool(settings_of(azure, site).get(KEPT))
    return SiteStep(what, before, image, azure, site, gate(azure.address(found.default_host_name)), keeps_a_file)


def settings_of(azure: Azure, site: str) -> dict[str, str]:
    with translated(f"site {site}", azure):
        return azure.web.web_apps.list_application_settings(azure.group, site).properties or {}
