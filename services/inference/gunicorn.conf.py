"""How gunicorn runs the service: `gunicorn -c services/inference/gunicorn.conf.py 'inference.app:create_app()'`."""

from inference.logs import load_logging_config
from inference.settings import load_settings

settings = load_settings()

bind = settings.bind
workers = settings.workers
worker_class = "uvicorn_worker.UvicornWorker"
timeout = 30
graceful_timeout = 30
# Longer than the proxy keeps a connection, so that it is never the service that hangs up first.
keepalive = 75
# The workers' threads are the parallelism: libraries must not start their own.
raw_env = ["OMP_NUM_THREADS=1", "TOKENIZERS_PARALLELISM=false"]
logconfig_dict = load_logging_config()
# It would be a file in the home folder, which a read-only container does not have.
control_socket_disable = True
