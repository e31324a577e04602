"""How gunicorn runs the service: `gunicorn -c services/inference/gunicorn.conf.py 'inference.app:create_app()'`."""

import os
import shutil
import tempfile
from pathlib import Path

from inference.access.checking import check_access, how_open
from inference.logs import load_logging_config
from inference.migrating import migrate_first
from inference.receivers import check_receivers
from inference.settings import load_settings
from inference.sqlite_copy import build_copy
from inference.sqlite_restore import restore

settings = load_settings()
check_receivers(settings)
access = check_access(settings)
kept = build_copy(settings)

bind = settings.bind
workers = settings.workers
# Measured in docs/benchmarks.md, beside gunicorn's own worker for ASGI.
worker_class = "inference.worker.Worker"
# What several workers have of the libraries in common lies in memory once, where it was loaded before they were; one
# alone is smaller without (30 MB of it would lie idle in this process).
if workers > 1:
    import inference.protocol  # noqa: F401
timeout = 30
graceful_timeout = 30
# Longer than the proxy keeps a connection, so that it is never the service that hangs up first.
keepalive = 75
# The workers' threads are the parallelism: libraries must not start their own.
raw_env = ["OMP_NUM_THREADS=1", "TOKENIZERS_PARALLELISM=false"]
logconfig_dict = load_logging_config()
# It would be a file in the home folder, which a read-only container does not have.
control_socket_disable = True

# Each worker counts into a file in here, and whichever is asked for /metrics adds them up.
metrics_folder = tempfile.mkdtemp(prefix="inference-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics_folder


# A worker that is started later may find the file of keys emptied: it stays closed, as its neighbours do.
if access.is_closed:
    os.environ["INFERENCE_STAY_CLOSED"] = "true"


def on_starting(server):
    if kept is not None:
        restore(kept)
    if settings.migrate_at_start:
        migrate_first(Path(__file__).parent)


def when_ready(server):
    if line := how_open(access):
        server.log.warning(line)


def child_exit(server, worker):
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def on_exit(server):
    # The workers have ended, and what they still wrote is in the database.
    if kept is not None:
        kept.finish()
    shutil.rmtree(metrics_folder, ignore_errors=True)
