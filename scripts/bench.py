"""What the champion costs on this machine: start, memory, and tweets a second by each way in.

    make bench

One run, one table, written into the README too; ratios between its rows mean more than the figures themselves.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import requests

from trainer.bundle import golden_texts, load_bundle
from trainer.figures import write_between_marks

ROOT = Path(__file__).resolve().parent.parent
CHAMPION = ROOT / "models" / "champion"
SERVICE = ROOT / "services" / "inference"
BIN = Path(sys.executable).parent
PORT = 8799
URL = f"http://127.0.0.1:{PORT}"
SECONDS = 3.0


def main() -> None:
    texts = golden_texts()
    classifier = load_bundle(CHAMPION).classifier
    rows = [
        ("bundle, one text a call", rate(lambda turn: classifier.probabilities([texts[turn % 50]]), 1)),
        ("bundle, 512 texts a call", rate(lambda turn: classifier.probabilities((texts * 11)[:512]), 512)),
    ]
    with running_api() as (process, ready_seconds):
        post = requests.Session()
        rows.append(("API, one text a request, 1 client", rate(lambda turn: predict(post, texts[turn % 50]), 1)))
        rows.append(("API, one text a request, 16 clients", many_clients(texts, 16)))
        rows.append(("API, 256 texts a request", rate(lambda turn: predict_batch(post, (texts * 6)[:256]), 256)))
        megabytes = memory_of_workers(process.pid)
    fastest = max(per_second for _, (per_second, _) in rows)
    lines = ["| way in | tweets a second | share of the fastest | median ms a call |", "|---|---|---|---|"]
    for name, (per_second, median) in rows:
        lines.append(f"| {name} | {per_second:,.0f} | {per_second / fastest:.3f} | {median:.2f} |")
    lines.append(
        f"\nOne worker is ready {ready_seconds:.1f} s after its start and takes {megabytes:.0f} MB after these calls."
    )
    report = "\n".join(lines)
    sys.stdout.write(f"{report}\n")
    write_between_marks(ROOT / "README.md", report, "bench")


@contextmanager
def running_api() -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """The API with one worker on a fresh SQLite file, and the seconds it took to be ready."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "INFERENCE_DATABASE_URL": f"sqlite:///{folder}/bench.db",
            "INFERENCE_MODEL_DIR": f"{folder}/models",
            "INFERENCE_BUNDLE": str(CHAMPION),
            "INFERENCE_BIND": f"127.0.0.1:{PORT}",
            "INFERENCE_WORKERS": "1",
        }
        migrate = [f"{BIN}/alembic", "upgrade", "head"]
        subprocess.run(migrate, cwd=SERVICE, env=environment, check=True, capture_output=True)
        serve = [f"{BIN}/gunicorn", "-c", "gunicorn.conf.py", "inference.app:create_app()"]
        started = time.perf_counter()
        process = subprocess.Popen(
            serve, cwd=SERVICE, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        try:
            wait_ready(process)
            yield process, time.perf_counter() - started
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def wait_ready(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{URL}/health/ready", timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.02)
    raise SystemExit(f"the API did not start; is port {PORT} free?")


def predict(session: requests.Session, text: str) -> None:
    session.post(f"{URL}/v1/predictions", json={"text": text}, timeout=10).raise_for_status()


def predict_batch(session: requests.Session, texts: list[str]) -> None:
    session.post(f"{URL}/v1/predictions/batch", json={"texts": texts}, timeout=30).raise_for_status()


def rate(call: Callable[[int], object], tweets_a_call: int) -> tuple[float, float]:
    """Tweets a second and median milliseconds a call, over a few seconds after a warm-up."""
    for turn in range(5):
        call(turn)
    times: list[float] = []
    ends = time.perf_counter() + SECONDS
    while (before := time.perf_counter()) < ends:
        call(len(times))
        times.append(time.perf_counter() - before)
    return tweets_a_call * len(times) / sum(times), 1000 * statistics.median(times)


def many_clients(texts: list[str], clients: int) -> tuple[float, float]:
    with ThreadPoolExecutor(clients) as pool:
        sessions = [requests.Session() for _ in range(clients)]
        results = list(pool.map(lambda session: rate(lambda turn: predict(session, texts[turn % 50]), 1), sessions))
    return sum(per_second for per_second, _ in results), statistics.median(median for _, median in results)


def memory_of_workers(master: int) -> float:
    """Resident megabytes of the largest child of gunicorn's master."""
    every = subprocess.run(["ps", "-A", "-o", "ppid=,rss="], capture_output=True, text=True, check=True)
    pairs = (map(int, line.split()) for line in every.stdout.splitlines())
    return max(kilobytes for parent, kilobytes in pairs if parent == master) / 1024


if __name__ == "__main__":
    main()
