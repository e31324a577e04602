"""Azure Resource Manager: where it is, who we are to it, and its errors in plain words.

On a loopback address it is somebody's stand-in: plain http, and a token that opens nothing.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlsplit

from azure.core.credentials import AccessToken, TokenCredential
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.polling import LROPoller
from azure.identity import DefaultAzureCredential
from azure.mgmt.appcontainers import ContainerAppsAPIClient
from azure.mgmt.web import WebSiteManagementClient

from .errors import DeployError, NotTaken
from .waiting import Pace, say

PUBLIC_CLOUD = "https://management.azure.com"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# An operation that somebody else, or we ourselves, have begun is let come to its end.
CONFLICT_LOOKS = 60
Answer = TypeVar("Answer")


class FixedToken:
    """A credential for loopback."""

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        return AccessToken("loopback", int(time.time()) + 86_400)


class OverHttp(SansIOHTTPPolicy[Any, Any]):
    """Lets the token go out without TLS, which the library refuses. For loopback alone."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.context.options["enforce_https"] = False


@dataclass(frozen=True)
class Azure:
    endpoint: str
    subscription: str
    group: str
    pace: Pace

    def __post_init__(self) -> None:
        parts = urlsplit(self.endpoint)
        if not parts.hostname or parts.scheme not in ("https", "http"):
            raise DeployError(f"--arm-endpoint must be an address such as {PUBLIC_CLOUD}, not {self.endpoint!r}")
        if parts.scheme == "http" and not self.is_loopback:
            raise DeployError(f"--arm-endpoint {self.endpoint}: without https only on this machine (127.0.0.1)")

    @property
    def is_loopback(self) -> bool:
        return urlsplit(self.endpoint).hostname in LOOPBACK

    @cached_property
    def web(self) -> WebSiteManagementClient:
        return WebSiteManagementClient(self._credential, self.subscription, self.endpoint, **self._options)

    @cached_property
    def apps(self) -> ContainerAppsAPIClient:
        return ContainerAppsAPIClient(self._credential, self.subscription, self.endpoint, **self._options)

    def close(self) -> None:
        for name in ("web", "apps"):
            if name in vars(self):
                vars(self)[name].close()

    @property
    def _credential(self) -> TokenCredential:
        return FixedToken() if self.is_loopback else DefaultAzureCredential()

    @property
    def _options(self) -> dict[str, Any]:
        scope = PUBLIC_CLOUD if self.is_loopback else self.endpoint.rstrip("/")
        options: dict[str, Any] = {
            "credential_scopes": [f"{scope}/.default"],
            "polling_interval": self.pace.poll_seconds,
        }
        if self.is_loopback:
            options |= {"per_call_policies": [OverHttp()], "retry_backoff_factor": 0.05}
        return options

    def address(self, host: str) -> str:
        """Of a site. Its host can be this machine only where Azure is."""
        near = self.is_loopback and urlsplit(f"//{host}").hostname in LOOPBACK
        return f"http://{host}" if near else f"https://{host}"

    def options_by_hand(self) -> str:
        return f"--subscription {self.subscription} --resource-group {self.group}"


@contextmanager
def translated(what: str, azure: Azure) -> Iterator[None]:
    """Errors of the library as a sentence about this thing."""
    try:
        yield
    except AzureError as error:
        raise DeployError(explain(error, what, azure)) from error


def explain(error: AzureError, what: str, azure: Azure) -> str:
    if isinstance(error, ClientAuthenticationError):
        return "not signed in to Azure: run `az login` (in a workflow: azure/login), then this again"
    if isinstance(error, ServiceRequestError | ServiceResponseError):
        return f"{what}: {azure.endpoint} cannot be reached: {first_line(error)}"
    status = error.status_code if isinstance(error, HttpResponseError) else None
    if status == 404 and code(error) in ("ResourceGroupNotFound", "SubscriptionNotFound"):
        return f"there is no resource group {azure.group} in subscription {azure.subscription}"
    if status == 404:
        return (
            f"there is no {what} in resource group {azure.group}: was the infrastructure applied (docs/deployment.md)?"
        )
    if status == 403:
        return f"{what}: not allowed; who deploys needs a role such as Contributor on resource group {azure.group}"
    if status == 429:
        return f"{what}: Azure answers 429 (too many requests), also after several tries: wait some minutes"
    if status == 409:
        return f"{what}: another operation goes on there ({first_line(error)}): wait until it has ended"
    if status is None or status < 400:
        return f"{what}: Azure could not do it: {first_line(error)}"
    return f"{what}: Azure answers {status}: {first_line(error)}"


def code(error: AzureError) -> str:
    found = getattr(getattr(error, "error", None), "code", None)
    return found if isinstance(found, str) else ""


def word(state: str | None) -> str:
    """One that the library knows is a member of an enumeration; others come as they are."""
    return str(state.value if isinstance(state, Enum) else state or "unknown")


def first_line(error: AzureError) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def settled(call: Callable[[], Answer], what: str, azure: Azure) -> Answer:
    """A call that changes something, made again while Azure is still busy with the one before."""
    for looks_left in reversed(range(CONFLICT_LOOKS)):
        try:
            with translated(what, azure):
                return call()
        except DeployError as error:
            cause = error.__cause__
            status = cause.status_code if isinstance(cause, HttpResponseError) else None
            if status != 409 or not looks_left:
                raise NotTaken(str(error)) if status and 400 <= status < 500 else error from cause
            say(f"  {what}: another operation goes on there, asked again")
            time.sleep(azure.pace.poll_seconds)
    raise AssertionError("unreachable")


def ended(poller: LROPoller[Answer], what: str, azure: Azure) -> Answer:
    """What a long-running operation comes to."""
    with translated(what, azure):
        return poller.result()
