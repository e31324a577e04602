"""The whole loop, on real parts, in one command: an airline's tweets come, people correct, the next model learns it.

    make loop-demo                                    # with the published sets of TRAINER_DATA_DIR, else on data/sample

A champion that never saw an airline's tweet answers them over HTTP; twelve people say what is right; drift is looked
for, a challenger trained from the verdicts, judged, promoted, measured on tweets nobody was shown, and rolled back.
Everything lives in a folder of its own, made anew each time: VAR_DIR, by default var/loop-demo.
"""

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import requests
from local_services import BIN, ROOT, VAR, CannotRun, environment_of, services, variables
from loop_data import AIRLINE, Labelled, Story, load_story
from loop_report import Standing, report, standing
from run import say, started, wait_ready
from tqdm import tqdm

from trainer.errors import TrainerError
from trainer.scoring_model import find_bundle
from trainer.settings import Settings

PEOPLE = 12
BATCH = 200
CHAMPION = "models:/tweet-sentiment@champion"
FOLLOW_SECONDS = 60.0
MARK = "loop-demo"


def main() -> int:
    try:
        demonstrate()
    except KeyboardInterrupt:
        say("\nstopped")
    except (CannotRun, TrainerError, OSError, subprocess.CalledProcessError, requests.RequestException) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def demonstrate() -> None:
    make_anew(VAR)
    given = variables() | {name: str(free_port()) for name in ("MLFLOW_PORT", "INFERENCE_PORT", "UI_PORT")}
    environment = demo_environment(given)
    os.environ.update(environment)
    story = load_story(Settings().data_dir, VAR)
    os.environ["TRAINER_DATA_DIR"] = str(without_airline(Settings().data_dir.resolve(), VAR / "data"))
    if not story.is_real:
        say("The published sets are not here (TRAINER_DATA_DIR): this runs on data/sample, and its figures are a")
        say("demonstration of the way, not of what it gains.\n")
    step(1, f"a champion that learns {story.champion_data} alone")
    trainer("train", "tfidf_logreg", "--dataset", story.champion_data, "--output", str(VAR / "bundles" / "first"))
    trainer("register", str(VAR / "bundles" / "first"), "--champion-if-none")
    step(2, "MLflow and the API")
    with system(given, environment) as api:
        before = standing(find_bundle(CHAMPION, Settings()), story, Settings())
        go_round(api, story, before)


def make_anew(folder: Path) -> None:
    """An empty folder of our own: what somebody else keeps is not to be lost to a demonstration."""
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise CannotRun(f"{folder} holds something else: choose an empty folder, make loop-demo VAR_DIR=...")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "logs").mkdir(parents=True)
    mark.touch()


def without_airline(data: Path, folder: Path) -> Path:
    """The published sets but for the airline's, which are the traffic here: what people say of it is all there is."""
    folder.mkdir()
    for file in data.iterdir() if data.is_dir() else ():
        if not file.name.startswith(AIRLINE):
            (folder / file.name).symlink_to(file)
    return folder


def go_round(api: str, story: Story, before: Standing) -> None:
    step(3, f"{len(story.traffic):,} tweets come in, and {PEOPLE} people say what is right")
    give_verdicts(api, story.traffic)
    step(4, "has the traffic moved away from what the champion was trained on?")
    trainer("drift")
    step(5, "a challenger learns from the verdicts, beside what the champion had learned")
    # Where a file lies is not in its name: of one it has to be said again.
    trainer("retrain", *([] if story.is_real else ["--replay", story.champion_data]))
    step(6, "it is promoted, and measured on tweets that nobody was shown")
    trainer("promote", "challenger", "--reason", "it learned the airline's tweets", "--by", "loop demo")
    wait_served(api, "2")
    after = standing(find_bundle(CHAMPION, Settings()), story, Settings())
    step(7, "one step back, and the journal")
    trainer("rollback", "--reason", "to show that it works", "--by", "loop demo")
    wait_served(api, "1")
    trainer("journal")
    say(report(before, after, story))


def step(number: int, what: str) -> None:
    say(f"\n--- {number}/7 {what}")


def trainer(*arguments: str) -> None:
    """A command as anybody would type it; its output is shown."""
    say(f"$ trainer {shlex.join(arguments)}")
    subprocess.run([f"{BIN}/trainer", *arguments], cwd=ROOT, check=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def demo_environment(given: Mapping[str, str]) -> dict[str, str]:
    mlflow, api, page = services(given)
    # What is set for another system is not to reach into this one.
    own = {
        "TRAINER_API_URL": api.url,
        "TRAINER_BUNDLES_DIR": str(VAR / "bundles"),
        "TRAINER_CHECKPOINTS_DIR": str(VAR / "checkpoints"),
        "TRAINER_PROPOSALS_DIR": str(VAR / "proposals"),
        "TRAINER_MODEL_NAME": "tweet-sentiment",
        "TRAINER_PROMOTION_POLICY": "person",
        "INFERENCE_BUNDLE": "",
        "INFERENCE_ALERT_URLS": "",
        "INFERENCE_SMTP_HOST": "",
        "APPLICATIONINSIGHTS_CONNECTION_STRING": "",
        "INFERENCE_OWNER_KEY": "",
        "TRAINER_OWNER_KEY": "",
        "INFERENCE_RETENTION_DAYS": "0",
    }
    return environment_of([mlflow, api, page], given) | own


@contextlib.contextmanager
def system(given: Mapping[str, str], environment: Mapping[str, str]) -> Iterator[str]:
    """MLflow and the API, running; the API's address."""
    mlflow, api, _ = services(given)
    migrate = [f"{BIN}/alembic", "upgrade", "head"]
    subprocess.run(migrate, cwd=ROOT / "services" / "inference", env=environment, check=True, capture_output=True)
    with contextlib.ExitStack() as stack:
        processes = {each.name: stack.enter_context(started(each, environment)) for each in (mlflow, api)}
        for each in (mlflow, api):
            wait_ready(each, processes[each.name])
            say(f"{each.name} runs at {each.url}")
        wait_served(api.url, "1")
        yield api.url


def wait_served(api: str, version: str) -> None:
    deadline = time.monotonic() + FOLLOW_SECONDS
    with local_session() as session:
        while (served := session.get(f"{api}/v1/model", timeout=5).json().get("version")) != version:
            if time.monotonic() > deadline:
                raise CannotRun(f"version {served} is served, not {version}: see {VAR / 'logs' / 'inference.log'}")
            time.sleep(0.5)
    say(f"version {version} is served")


def local_session() -> requests.Session:
    session = requests.Session()
    # Never through a proxy: what is asked here is on this machine.
    session.trust_env = False
    return session


def give_verdicts(api: str, tweets: list[Labelled]) -> None:
    """Each tweet is predicted, and judged by one of the people: confirmed, or rejected with the right label."""
    rejected = 0
    with local_session() as session, tqdm(total=len(tweets), unit=" tweets", disable=None) as bar:
        for start in range(0, len(tweets), BATCH):
            batch = tweets[start : start + BATCH]
            texts = [tweet.text for tweet in batch]
            predictions = ask(session, f"{api}/v1/predictions/batch", {"texts": texts})["predictions"]
            for place, (tweet, prediction) in enumerate(zip(batch, predictions, strict=True), start=start):
                is_right = prediction["label"] == tweet.label
                verdict = {"verdict": "confirmed"} if is_right else {"verdict": "rejected", "label": tweet.label}
                named = {"prediction_id": prediction["prediction_id"], "reviewer": f"person-{place % PEOPLE + 1}"}
                ask(session, f"{api}/v1/feedback", named | verdict)
                rejected += not is_right
            bar.update(len(batch))
    say(f"{rejected:,} of {len(tweets):,} answers were rejected, {rejected / len(tweets):.1%}")


def ask(session: requests.Session, url: str, body: Mapping[str, object]) -> dict[str, list[dict[str, str]]]:
    """What the API answers; asked again for a while where it has too much to do."""
    for _ in range(20):
        response = session.post(url, json=body, timeout=30)
        if response.status_code != 503:
            response.raise_for_status()
            answer: dict[str, list[dict[str, str]]] = response.json()
            return answer
        time.sleep(float(response.headers.get("Retry-After", "1")))
    raise CannotRun(f"{url} has been refusing for too long: see {VAR / 'logs' / 'inference.log'}")


if __name__ == "__main__":
    sys.exit(main())
