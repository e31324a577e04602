"""The connection string of an Application Insights resource: which resource it is, and where it takes telemetry.

Read here and not by the libraries: they fill what it lacks from variables that are meant for somebody else, and fail
where those are empty.
"""

import re
from dataclasses import dataclass, field
from uuid import UUID

# Both libraries' own default, that of strings made before there was an endpoint for each region.
GLOBAL_ENDPOINT = "https://dc.services.visualstudio.com"
ENDPOINT = re.compile(r"https?://([\w-]+(\.[\w-]+)*|\[[0-9a-f:]+\])(:\d{1,5})?(/[^\s?#;=]*)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Connection:
    key: str = field(repr=False)
    # Without the slash at its end that Azure's portal gives it: the libraries add a path that begins with one.
    endpoint: str


def read_connection(connection_string: str) -> Connection:
    """Raises ValueError, whose message says what is wrong and repeats nothing of the string.

    Its form: https://learn.microsoft.com/azure/azure-monitor/app/connection-strings
    """
    parts = [part.partition("=") for part in connection_string.split(";") if part.strip()]
    values = {name.strip().lower(): value.strip() for name, _, value in parts}
    if values.get("authorization", "ikey").lower() != "ikey":
        raise ValueError("is no connection string that can be used: its Authorization is not ikey")
    return Connection(read_key(values.get("instrumentationkey", "")), read_endpoint(values))


def read_key(given: str) -> str:
    try:
        return str(UUID(given))
    except ValueError:
        problem = "is no connection string of Application Insights: its InstrumentationKey is not a UUID"
        # The library's message would repeat the key.
        raise ValueError(problem) from None


def read_endpoint(values: dict[str, str]) -> str:
    endpoint = values.get("ingestionendpoint") or regional_endpoint(values) or GLOBAL_ENDPOINT
    if ENDPOINT.fullmatch(endpoint) is None:
        raise ValueError("is no connection string of Application Insights: its IngestionEndpoint is not a URL")
    return endpoint.rstrip("/")


def regional_endpoint(values: dict[str, str]) -> str | None:
    """That of a cloud of its own, which is named by a suffix."""
    suffix = values.get("endpointsuffix")
    if not suffix:
        return None
    location = values.get("location")
    return f"https://{location}.dc.{suffix}" if location else f"https://dc.{suffix}"
