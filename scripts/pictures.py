"""The pictures of the pages in docs/images: real pages in front of the real system, after a round of the loop.

    make pictures                     # needs Chromium (Debian: apt install chromium; another one: CHROMIUM=/path)

`make loop-demo` on data/sample fills the system, in a folder of its own (VAR_DIR, by default var/pictures) that is used
again the next time; what it did in minutes is spread over the days before, as a week of traffic would have been.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from local_services import ROOT, VAR, CannotRun, environment_of, services, variables
from loop_demo import MARK, free_port
from picture_pages import Photographer
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import sync_playwright
from run import say, started, wait_ready
from tqdm import tqdm

CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
CHALLENGER_SECONDS = 240
WEEK = timedelta(days=6, hours=7)
IMAGES = ROOT / "docs" / "images"


def main() -> int:
    try:
        if not Path(CHROMIUM).exists():
            raise CannotRun(f"{CHROMIUM} is not there: install Chromium, or name another one with CHROMIUM=/path")
        fill()
        with system() as page, new_system() as first_page:
            take_pictures(page, first_page)
    except KeyboardInterrupt:
        say("\nstopped")
    except (CannotRun, OSError, subprocess.CalledProcessError, requests.RequestException, BrowserError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def fill() -> None:
    """Of our own tweets alone: the published ones are not to be seen in pictures."""
    if (VAR / MARK).exists() and (VAR / "inference.db").exists():
        say(f"the system in {VAR} is used again")
    else:
        given = os.environ | {"VAR_DIR": str(VAR), "TRAINER_DATA_DIR": str(VAR / "none")}
        subprocess.run([sys.executable, str(ROOT / "scripts" / "loop_demo.py")], env=given, check=True)
    spread(VAR / "inference.db", datetime.now(UTC))


def spread(database: Path, now: datetime) -> None:
    """The newest prediction is of now, the others are before it in their order, fewer by night."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        rows = [row[0] for row in connection.execute("SELECT prediction_id FROM predictions ORDER BY sequence")]
        moments = busy_moments(now, len(rows))
        for prediction_id, at in zip(rows, moments, strict=True):
            own = (written(at), prediction_id)
            connection.execute("UPDATE predictions SET created_at = ? WHERE prediction_id = ?", own)
            judged = (written(min(at + timedelta(minutes=4), now)), prediction_id)
            connection.execute(
                "UPDATE feedback SET created_at = ?1, verdict_since = ?1 WHERE prediction_id = ?2", judged
            )
        connection.execute("DELETE FROM hourly_totals")
        connection.execute("""
            INSERT INTO hourly_totals (hour, label, predictions, abstained)
            SELECT substr(created_at, 1, 13) || ':00:00.000000', label, count(*), sum(abstained)
            FROM predictions GROUP BY 1, 2""")


def busy_moments(now: datetime, count: int) -> list[datetime]:
    """In order of time; of 24 hours the ones by night have a fifth of the others."""
    hours = [now - WEEK + timedelta(hours=number) for number in range(int(WEEK / timedelta(hours=1)))]
    weights = [0.2 if hour.hour < 6 else 1.0 for hour in hours]
    share, moments, reached = count / sum(weights), [], 0.0
    for hour, weight in zip(hours, weights, strict=True):
        start, reached = reached, reached + weight * share
        places = range(round(start), round(reached))
        moments += [hour + timedelta(hours=(place - start) / max(weight * share, 1)) for place in places]
    return moments


def written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"


@contextlib.contextmanager
def system() -> Iterator[str]:
    """The address of the pages."""
    given = variables() | {name: str(free_port()) for name in ("MLFLOW_PORT", "INFERENCE_PORT", "UI_PORT")}
    running = services(given)
    environment = environment_of(running, given) | {"INFERENCE_SHADOW_SHARE": "1", "INFERENCE_RETENTION_DAYS": "0"}
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(started(service, environment)) for service in running]
        for service, process in zip(running, processes, strict=True):
            wait_ready(service, process)
        _, api, page = running
        wait_challenged(api.url)
        yield page.url


@contextlib.contextmanager
def new_system() -> Iterator[str]:
    """`make run` as somebody has it who has just cloned the repository; the address of the pages."""
    shutil.rmtree(VAR / "first-use", ignore_errors=True)
    ports = {name: str(free_port()) for name in ("MLFLOW_PORT", "INFERENCE_PORT", "UI_PORT")}
    given = os.environ | ports | {"VAR_DIR": str(VAR / "first-use")}
    command = [sys.executable, str(ROOT / "scripts" / "run.py")]
    with subprocess.Popen(command, env=given, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            if not any("Ctrl-C stops" in line for line in process.stdout):
                raise CannotRun("make run did not start")
            yield f"http://127.0.0.1:{ports['UI_PORT']}"
        finally:
            process.terminate()
            process.communicate()


def wait_challenged(api: str) -> None:
    """The challenger is fetched last, since no caller waits for it."""
    deadline = time.monotonic() + CHALLENGER_SECONDS
    while time.monotonic() < deadline:
        answer = requests.post(f"{api}/v1/comparisons", json={"text": "late"}, timeout=10)
        if answer.ok and answer.json()["challenger"] is not None:
            return
        time.sleep(1)
    raise CannotRun("the API has not fetched the challenger")


def take_pictures(url: str, first_url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        photographer = Photographer(browser, url, IMAGES)
        for take in tqdm(photographer.takes(), desc="pictures", disable=None):
            take()
        photographer.first_use(first_url)
        browser.close()
    if photographer.complaints:
        raise CannotRun("; ".join(photographer.complaints))


if __name__ == "__main__":
    sys.exit(main())
