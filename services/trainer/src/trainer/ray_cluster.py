"""Ray, where a command is spread over processes or machines: a cluster that is there, or one of this machine's own.

Ray is an extra, imported here and where work is handed to it (`scoring_ray.py`, `studies/search_ray.py`).
"""

import logging
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from trainer.errors import TrainerError

# Ray reads these as it is imported and started. It would tell its makers what is run here, and write each worker's
# housekeeping among what the command says; all of it is in its own log files.
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}
# It says of each Ray that is started here that it asks for a token, as it should.
AUTHENTICATION = "ray._private.authentication.authentication_token_setup"
# It would begin work that takes all memory again for ever, and lets its workers give way to whatever else runs.
HABITS = {"RAY_task_oom_retries": "5", "RAY_worker_niceness": "0"}
# It asks for minutes where nobody listens.
PATIENCE_SECONDS = 5


class ClusterUnreachable(TrainerError):
    """There is no Ray to hand work to; the message says what to do."""


@contextmanager
def joined_cluster(address: str | None = None, workers: int | None = None) -> Iterator[int]:
    """Work can be handed to Ray inside; gives the number of workers: as many as asked for, else one a processor.

    Without an `address` Ray is started on this machine, and stopped at the end. `auto` is the cluster that this
    machine belongs to, `ray://HOST:10001` one elsewhere. Raises ClusterUnreachable.
    """
    join(address, workers)
    import ray

    try:
        resources: Callable[[], dict[str, float]] = ray.cluster_resources  # which Ray has not typed
        processors = int(resources().get("CPU", 0))
        if not (workers or processors):
            raise ClusterUnreachable("Ray's cluster has no processor: are its workers started?")
        yield workers or processors
    finally:
        ray.shutdown()


def join(address: str | None, workers: int | None) -> None:
    for name, value in (QUIET | HABITS).items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ModuleNotFoundError:
        raise ClusterUnreachable(
            "the engine ray needs Ray: `uv sync --all-packages --extra ray` installs it, and the trainer's image has "
            'it where it is built with EXTRAS="--extra ray"'
        ) from None
    if address:
        require_listener(address)
    else:
        # For this Ray alone. Else it writes one into the home of whoever runs it, who may have none.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        logging.getLogger(AUTHENTICATION).setLevel(logging.ERROR)
    try:
        ray.init(
            address or "local",
            num_cpus=None if address else workers,
            include_dashboard=None if address else False,
            logging_level=logging.WARNING,
            log_to_driver=False,
        )
    except ray.exceptions.AuthenticationError:
        raise ClusterUnreachable(
            f"Ray at {address} asks for its token: set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH"
        ) from None
    except (ConnectionError, ValueError, RuntimeError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise ClusterUnreachable(f"Ray does not answer at {address or 'this machine'}: {reason}") from None


def require_listener(address: str) -> None:
    host, separator, port = address.removeprefix("ray://").rpartition(":")
    if not (separator and port.isdecimal()):  # `auto`, which Ray looks up
        return
    try:
        socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS).close()
    except OSError as error:
        raise ClusterUnreachable(f"Ray does not answer at {address}: {error.strerror or error}") from None


def other_machines() -> list[str]:
    """The cluster's machines beside this one, by name; inside `joined_cluster`."""
    import ray

    nodes: Callable[[], list[dict[str, object]]] = ray.nodes
    return sorted({str(node["NodeManagerHostname"]) for node in nodes() if node["Alive"]} - {socket.gethostname()})
