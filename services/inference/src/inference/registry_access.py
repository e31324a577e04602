"""MLflow on behalf of callers: a connection for each piece of work, few at a time, and none waited for without end."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from inference.errors import RegistryAway, RegistryUnavailable, Unavailable
from inference.registry import Credentials, Registry
from inference.settings import Settings

# The edge waits longer than this for an answer.
ANSWER_SECONDS = 4.0
# Threads of its own, since each may wait long for an MLflow that says nothing; whoever comes then waits for one.
AT_A_TIME = 4

Result = TypeVar("Result")


def credentials_of(settings: Settings) -> Credentials | None:
    """None where nobody signs in."""
    password = settings.mlflow_password.get_secret_value()
    return (settings.mlflow_username, password) if password else None


class RegistryAccess:
    def __init__(self, url: str | None, registered_model: str, credentials: Credentials | None = None) -> None:
        self.is_set = url is not None
        self.registered_model = registered_model
        self._url = url or ""
        self._credentials = credentials
        self._threads = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="registry")

    def open(self) -> Registry:
        """A context manager."""
        return Registry(self._url, self.registered_model, self._credentials)

    async def run(self, work: Callable[[], Result], late: Unavailable) -> Result:
        """In a thread; past its time `late` is raised, and the work goes on alone if it has begun."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except RegistryUnavailable as error:
            raise RegistryAway(f"The registry gives no usable answer: {error}.") from error
        except TimeoutError:
            raise late from None

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
