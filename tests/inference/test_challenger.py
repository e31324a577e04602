"""Following the challenger alias of a real MLflow server: whatever is wrong with it, there is none, said once."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from inference.cache import BundleCache
from inference.challenger import ChallengerFollower
from inference.champion import Champion, ServedModel
from inference.classifier import load_classifier
from inference.follower import REFUSED_RETRY_SECONDS, ChampionFollower
from inference.registry import Registry
from inference.shadow import Shadow
from tests.inference.shadowing import OTHER_WEIGHTS, RegisteredModel

Make = Callable[..., Path]
WaitFor = Callable[..., None]


class Machine:
    """One worker of it: what it serves, what it shadows, and its part of the folder that all workers share."""

    def __init__(self, folder: Path, registered_model: RegisteredModel) -> None:
        registry = Registry(registered_model.url, registered_model.name)
        self.champion, self.shadow = Champion(), Shadow(1.0)
        self.cache, self.challenger_cache = BundleCache(folder), BundleCache(folder / "challenger")
        self.champion_follower = ChampionFollower(self.champion, registry, self.cache, 0.1)
        self.follower = ChallengerFollower(self.shadow, self.champion, registry, self.challenger_cache, 0.1)

    def poll(self) -> str | None:
        """Both aliases. The challenger's version."""
        self.champion_follower.poll()
        self.follower.poll()
        return self.version()

    def version(self) -> str | None:
        return None if self.shadow.challenger is None else self.shadow.challenger.version

    def served(self) -> ServedModel:
        return self.champion.require_served()


@pytest.fixture
def machine(tmp_path: Path, registered_model: RegisteredModel) -> Machine:
    return Machine(tmp_path / "models", registered_model)


@pytest.fixture
def challenged(registered_model: RegisteredModel, make_bundle: Make) -> RegisteredModel:
    """Version 1 is champion, version 2 its challenger."""
    registered_model.publish_champion(make_bundle("one"))
    registered_model.challenge(registered_model.publish(make_bundle("two", weights=OTHER_WEIGHTS)))
    return registered_model


def test_the_challenger_is_verified_and_in_memory(machine: Machine, challenged: RegisteredModel) -> None:
    assert machine.poll() == "2"
    challenger = machine.shadow.challenger
    assert challenger is not None
    assert challenger.classifier.predict(["late"])[0].label == "positive"
    assert machine.served().version == "1"
    machine.poll()
    assert machine.shadow.challenger is challenger


def test_without_the_alias_there_is_none(
    machine: Machine, registered_model: RegisteredModel, make_bundle: Make
) -> None:
    registered_model.publish_champion(make_bundle())
    assert machine.poll() is None


def test_it_waits_until_a_champion_serves(machine: Machine, challenged: RegisteredModel) -> None:
    machine.follower.poll()
    assert machine.version() is None
    assert not machine.challenger_cache.folder("").exists()


def test_an_alias_that_is_removed_takes_the_challenger_along_and_what_waits_for_it(
    machine: Machine, challenged: RegisteredModel
) -> None:
    machine.poll()
    machine.shadow.note("id", "late", "negative", machine.served())
    challenged.withdraw()
    assert machine.poll() is None
    assert machine.shadow.take() is None


def test_a_challenger_that_is_replaced_gives_way(
    machine: Machine, challenged: RegisteredModel, make_bundle: Make
) -> None:
    machine.poll()
    challenged.challenge(challenged.publish(make_bundle("three", changes={"name": "gru"})))
    assert machine.poll() == "3"


@pytest.mark.parametrize("names_digest", [True, False])
def test_a_challenger_that_is_promoted_is_none_any_more_and_is_one_again_after_a_rollback(
    machine: Machine, registered_model: RegisteredModel, make_bundle: Make, names_digest: bool
) -> None:
    registered_model.publish_champion(make_bundle("one"))
    two = make_bundle("two", weights=OTHER_WEIGHTS)
    digest = sha256((two / "model.json").read_bytes()).hexdigest() if names_digest else None
    registered_model.challenge(registered_model.publish(two, digest=digest))
    assert machine.poll() == "2"
    registered_model.promote("2")
    assert machine.poll() is None
    assert machine.served().version == "2"
    registered_model.promote("1")
    assert machine.poll() == "2"


@pytest.mark.parametrize("names_digest", [True, False])
def test_the_champions_own_bundle_under_another_number_is_no_challenger(
    machine: Machine, registered_model: RegisteredModel, make_bundle: Make, names_digest: bool
) -> None:
    bundle = make_bundle()
    digest = sha256((bundle / "model.json").read_bytes()).hexdigest() if names_digest else None
    registered_model.publish_champion(bundle)
    registered_model.challenge(registered_model.publish(bundle, digest=digest))
    assert machine.poll() is None
    assert machine.challenger_cache.folder("").exists() is not names_digest


def said(caplog: pytest.LogCaptureFixture, event: str) -> int:
    return sum(record.message.startswith(event) for record in caplog.records)


def test_a_challenger_that_is_refused_is_none_and_is_said_once(
    machine: Machine,
    challenged: RegisteredModel,
    make_bundle: Make,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    machine.poll()
    bad = make_bundle("bad", changes={"format_version": 9})
    challenged.challenge(challenged.publish(bad))
    now = time.monotonic()
    for minutes in range(8):
        monkeypatch.setattr("inference.challenger.time.monotonic", lambda later=minutes * 60: now + later)
        assert machine.poll() is None
    assert REFUSED_RETRY_SECONDS < 7 * 60
    assert said(caplog, "challenger_refused version=3") == 1
    # The champion has nothing to do with it.
    assert (machine.served().version, machine.champion.refused) == ("1", None)
    challenged.challenge("2")
    assert machine.poll() == "2"


def test_a_bundle_that_is_not_the_one_that_was_registered_is_refused(
    machine: Machine, challenged: RegisteredModel, make_bundle: Make, caplog: pytest.LogCaptureFixture
) -> None:
    challenged.challenge(challenged.publish(make_bundle("other", changes={"name": "gru"}), digest="0" * 64))
    assert machine.poll() is None
    assert "does not have the digest" in caplog.text


def test_while_mlflow_is_away_the_challenger_goes_on_and_that_is_said_once(
    machine: Machine, challenged: RegisteredModel, unused_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    machine.poll()
    registry = machine.follower._registry
    machine.follower._registry = Registry(unused_url, challenged.name)
    for _ in range(3):
        machine.follower._try_to_poll()
    assert (machine.version(), said(caplog, "challenger_unknown")) == ("2", 1)
    machine.follower._registry = registry
    machine.follower._try_to_poll()
    machine.follower._registry = Registry(unused_url, challenged.name)
    machine.follower._try_to_poll()
    assert said(caplog, "challenger_unknown") == 2


def test_a_disk_that_is_full_does_not_end_the_thread(
    machine: Machine, challenged: RegisteredModel, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    machine.champion_follower.poll()
    obstacle = tmp_path / "models" / "challenger"
    obstacle.write_text("")
    machine.follower._try_to_poll()
    assert (machine.version(), said(caplog, "challenger_poll_failed")) == (None, 1)
    obstacle.unlink()
    machine.follower._try_to_poll()
    assert machine.version() == "2"


def test_challengers_that_come_and_go_leave_the_champions_files_alone(
    machine: Machine, challenged: RegisteredModel, make_bundle: Make, tmp_path: Path
) -> None:
    machine.poll()
    champions = {path.name for path in (tmp_path / "models").iterdir()}
    for number in range(4):
        challenged.challenge(challenged.publish(make_bundle(f"next {number}", changes={"name": f"gru{number}"})))
        machine.poll()
    assert {path.name for path in (tmp_path / "models").iterdir()} == champions
    last_good = machine.cache.load_last_good()
    assert last_good is not None and machine.cache.load(last_good.digest).digest == machine.served().classifier.digest
    # The last two, and which it is.
    assert len(list((tmp_path / "models" / "challenger").iterdir())) == 3


def test_champions_that_come_and_go_leave_the_challengers_files_alone(
    machine: Machine, challenged: RegisteredModel, make_bundle: Make
) -> None:
    machine.poll()
    challenger = machine.shadow.challenger
    assert challenger is not None
    for number in range(3):
        challenged.publish_champion(make_bundle(f"next {number}", changes={"name": f"gru{number}"}))
        machine.poll()
    assert machine.challenger_cache.load(challenger.classifier.digest).digest == challenger.classifier.digest
    assert machine.shadow.challenger is challenger


def test_workers_that_share_a_folder_may_fetch_at_the_same_time(
    challenged: RegisteredModel, make_bundle: Make, tmp_path: Path
) -> None:
    machines = [Machine(tmp_path / "models", challenged) for _ in range(4)]
    with ThreadPoolExecutor(len(machines)) as pool:
        assert list(pool.map(Machine.poll, machines)) == ["2"] * 4
        challenged.challenge(challenged.publish(make_bundle("three", changes={"name": "gru"})))
        assert list(pool.map(Machine.poll, machines)) == ["3"] * 4


def test_its_thread_follows_and_ends(
    machine: Machine, challenged: RegisteredModel, wait_for: WaitFor, make_bundle: Make
) -> None:
    machine.champion.serve(load_classifier(make_bundle("pretrained")), None)
    machine.follower.start()
    wait_for(lambda: machine.version() == "2")
    challenged.withdraw()
    wait_for(lambda: machine.version() is None)
    machine.follower.stop()
    assert "challenger-follower" not in {thread.name for thread in threading.enumerate()}


def test_it_says_which_it_follows(
    machine: Machine, challenged: RegisteredModel, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        machine.poll()
        machine.poll()
        challenged.withdraw()
        machine.poll()
    changes = [record.message for record in caplog.records if record.message.startswith("challenger_changed")]
    assert changes == ["challenger_changed version=2", "challenger_changed version=none"]
