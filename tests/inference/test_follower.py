"""Following the champion alias of a real MLflow server."""

import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import pytest
from fastapi.testclient import TestClient

from inference.cache import BundleCache
from inference.champion import Champion
from inference.classifier import load_classifier
from inference.follower import ChampionFollower
from inference.registry import Registry

Make = Callable[..., Path]
StartApp = Callable[..., AbstractContextManager[TestClient]]
WaitFor = Callable[..., None]


class RegisteredModel(Protocol):
    url: str
    name: str

    def publish(self, bundle: Path, *, digest: str | None = None) -> str: ...
    def promote(self, version: str) -> None: ...
    def publish_champion(self, bundle: Path) -> str: ...


@pytest.fixture
def cache(tmp_path: Path) -> BundleCache:
    return BundleCache(tmp_path / "models")


@pytest.fixture
def champion() -> Champion:
    return Champion()


@pytest.fixture
def follower(registered_model: RegisteredModel, champion: Champion, cache: BundleCache) -> ChampionFollower:
    return ChampionFollower(champion, Registry(registered_model.url, registered_model.name), cache, 0.1)


def change_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_promotion_is_served_within_moments_and_answers_never_stop(
    registered_model: RegisteredModel, make_bundle: Make, start_app: StartApp, wait_for: WaitFor
) -> None:
    def predict() -> tuple[str, str]:
        response = client.post("/v1/predictions", json={"text": "late"})
        assert response.status_code == 200
        return response.json()["model"]["version"], response.json()["label"]

    with start_app(mlflow_url=registered_model.url, registered_model=registered_model.name) as client:
        assert predict() == ("pretrained", "negative")
        registered_model.publish_champion(make_bundle("one"))
        wait_for(lambda: predict() == ("1", "negative"))
        registered_model.publish_champion(make_bundle("two", weights=[0, 0, -2, 3, -2, -3, 0]))
        wait_for(lambda: predict() == ("2", "positive"))
        registered_model.promote("1")
        wait_for(lambda: predict() == ("1", "negative"))


def test_the_first_model_of_an_empty_machine_makes_it_ready(
    registered_model: RegisteredModel, make_bundle: Make, start_app: StartApp, wait_for: WaitFor
) -> None:
    registered_model.publish_champion(make_bundle())
    started = time.monotonic()
    with start_app(bundle=None, mlflow_url=registered_model.url, registered_model=registered_model.name) as client:
        wait_for(lambda: client.get("/health/ready").status_code == 200)
    assert time.monotonic() - started < 3


def test_after_a_restart_without_mlflow_the_last_good_model_serves_under_its_version(
    registered_model: RegisteredModel, make_bundle: Make, start_app: StartApp, wait_for: WaitFor, unused_url: str
) -> None:
    registered_model.publish_champion(make_bundle())
    with start_app(mlflow_url=registered_model.url, registered_model=registered_model.name) as client:
        wait_for(lambda: client.get("/v1/model").json()["version"] == "1")
    with start_app(mlflow_url=unused_url) as client:
        assert client.get("/health/ready").status_code == 200
        assert client.get("/v1/model").json()["version"] == "1"


def test_without_mlflow_and_without_any_bundle_it_waits_live(start_app: StartApp, unused_url: str) -> None:
    with start_app(bundle=None, mlflow_url=unused_url) as client:
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 503


def test_mlflow_is_asked_often_while_nothing_is_served_and_seldom_afterwards(
    champion: Champion, cache: BundleCache, unused_url: str, make_bundle: Make
) -> None:
    follower = ChampionFollower(champion, Registry(unused_url, "tweet-sentiment"), cache, poll_seconds=5)
    assert follower._next_delay(5) == 2
    champion.serve(load_classifier(make_bundle()), None)
    assert follower._next_delay(5) == 10
    assert follower._next_delay(20) == 30


def test_without_a_champion_nothing_changes(follower: ChampionFollower, champion: Champion) -> None:
    follower.poll()
    assert (champion.served, champion.refused) == (None, None)


def test_an_unknown_registered_model_is_no_champion_either(mlflow_server: str) -> None:
    assert Registry(mlflow_server, "no-such-model").fetch_champion() is None


@pytest.mark.parametrize("name", ["model.json", "tokenizer.json", "model.onnx"])
def test_one_changed_byte_is_refused_with_its_reason_and_the_old_model_goes_on(
    registered_model: RegisteredModel, make_bundle: Make, start_app: StartApp, wait_for: WaitFor, name: str
) -> None:
    registered_model.publish_champion(make_bundle("good"))
    damaged = make_bundle("damaged", changes={"name": "damaged"})
    if name == "model.json":
        path = damaged / name
        path.write_text(path.read_text(encoding="utf-8").replace('"late"', '"lost"', 1), encoding="utf-8")
    else:
        change_a_byte(damaged / name)
    with start_app(mlflow_url=registered_model.url, registered_model=registered_model.name) as client:
        wait_for(lambda: client.get("/v1/model").json()["version"] == "1")
        registered_model.publish_champion(damaged)
        wait_for(lambda: client.get("/v1/model").json()["refused"] is not None)
        model = client.get("/v1/model").json()
        assert client.post("/v1/predictions", json={"text": "late"}).json()["model"]["version"] == "1"
    assert model["version"] == "1"
    assert model["refused"]["version"] == "2"
    assert ("golden" if name == "model.json" else name) in model["refused"]["reason"]


def test_a_bundle_that_is_not_the_one_that_was_registered_is_refused(
    registered_model: RegisteredModel, follower: ChampionFollower, champion: Champion, make_bundle: Make
) -> None:
    bundle = make_bundle()
    digest = sha256((bundle / "model.json").read_bytes()).hexdigest()
    path = bundle / "model.json"
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    registered_model.promote(registered_model.publish(bundle, digest=digest))
    follower.poll()
    assert champion.served is None
    assert champion.refused is not None
    assert "digest" in champion.refused.reason


def test_a_version_whose_digest_is_right_is_served(
    registered_model: RegisteredModel, follower: ChampionFollower, champion: Champion, make_bundle: Make
) -> None:
    bundle = make_bundle()
    digest = sha256((bundle / "model.json").read_bytes()).hexdigest()
    registered_model.promote(registered_model.publish(bundle, digest=digest))
    follower.poll()
    assert champion.served is not None
    assert champion.served.classifier.digest == digest


def test_a_version_without_a_bundle_is_refused(
    registered_model: RegisteredModel, follower: ChampionFollower, champion: Champion, make_bundle: Make
) -> None:
    bundle = make_bundle()
    (bundle / "model.onnx").unlink()
    registered_model.publish_champion(bundle)
    follower.poll()
    assert champion.refused is not None
    assert "model.onnx" in champion.refused.reason


def test_a_refused_version_is_left_alone_for_five_minutes(
    registered_model: RegisteredModel,
    follower: ChampionFollower,
    champion: Champion,
    make_bundle: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registered_model.publish_champion(make_bundle(changes={"format_version": 9}))
    follower.poll()
    first = champion.refused
    follower.poll()
    assert champion.refused is first
    now = time.monotonic()
    monkeypatch.setattr("inference.follower.time.monotonic", lambda: now + 301)
    follower.poll()
    assert champion.refused is not first


def test_a_good_version_after_a_refused_one_is_served(
    registered_model: RegisteredModel, follower: ChampionFollower, champion: Champion, make_bundle: Make
) -> None:
    registered_model.publish_champion(make_bundle("bad", changes={"labels": ["bad", "good"]}))
    follower.poll()
    registered_model.publish_champion(make_bundle("good"))
    follower.poll()
    assert champion.require_served().version == "2"
    assert champion.refused is None


def test_what_is_cached_is_not_fetched_again(
    registered_model: RegisteredModel,
    follower: ChampionFollower,
    champion: Champion,
    cache: BundleCache,
    make_bundle: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registered_model.publish_champion(make_bundle("one"))
    follower.poll()
    registered_model.publish_champion(make_bundle("two", changes={"name": "gru"}))
    follower.poll()
    fetched: list[str] = []
    fetch_file = Registry.fetch_file

    def note_file(self: Registry, wanted: object, name: str, folder: Path) -> None:
        fetched.append(name)
        fetch_file(self, wanted, name, folder)  # type: ignore[arg-type]

    monkeypatch.setattr(Registry, "fetch_file", note_file)
    follower.poll()
    assert fetched == []
    registered_model.promote("1")
    follower.poll()
    assert (champion.require_served().version, fetched) == ("1", ["model.json"])


def test_a_fresh_registry_that_counts_from_1_again_is_noticed(
    registered_model: RegisteredModel, cache: BundleCache, make_bundle: Make, tmp_path: Path
) -> None:
    registered_model.publish_champion(make_bundle("old"))
    registry = Registry(registered_model.url, registered_model.name)
    before = Champion()
    ChampionFollower(before, registry, cache, 0.1).poll()
    note = tmp_path / "models" / "last-good.json"
    remembered = json.loads(note.read_text())
    assert remembered["origin"]["version"] == "1"
    remembered["origin"]["run_id"] = "of another registry"
    note.write_text(json.dumps(remembered))
    after = Champion()
    last_good = cache.load_last_good()
    assert last_good is not None
    after.serve(cache.load(last_good.digest), last_good.origin)
    ChampionFollower(after, registry, cache, 0.1).poll()
    assert after.require_served().origin == before.require_served().origin


def test_workers_that_share_a_cache_may_fetch_at_the_same_time(
    registered_model: RegisteredModel, cache: BundleCache, make_bundle: Make, tmp_path: Path
) -> None:
    registered_model.publish_champion(make_bundle())
    champions = [Champion() for _ in range(6)]
    registry = Registry(registered_model.url, registered_model.name)
    followers = [ChampionFollower(champion, registry, cache, 0.1) for champion in champions]
    with ThreadPoolExecutor(len(followers)) as pool:
        list(pool.map(ChampionFollower.poll, followers))
    digests = {champion.require_served().classifier.digest for champion in champions}
    assert {path.name for path in (tmp_path / "models").iterdir()} == digests | {"last-good.json"}


def test_a_refused_version_is_forgotten_once_the_registry_goes_back(
    registered_model: RegisteredModel, follower: ChampionFollower, champion: Champion, make_bundle: Make
) -> None:
    registered_model.publish_champion(make_bundle("good"))
    follower.poll()
    registered_model.publish_champion(make_bundle("bad", changes={"format_version": 9}))
    follower.poll()
    assert champion.refused is not None
    registered_model.promote("1")
    follower.poll()
    assert champion.refused is None
    # Asked for again, it is looked at again, whatever the five minutes say.
    registered_model.promote("2")
    follower.poll()
    assert (champion.require_served().version, champion.refused is not None) == ("1", True)


def test_what_is_served_is_remembered_though_the_disk_refused_at_first(
    registered_model: RegisteredModel, follower: ChampionFollower, cache: BundleCache, make_bundle: Make, tmp_path: Path
) -> None:
    registered_model.publish_champion(make_bundle())
    obstacle = tmp_path / "models" / "last-good.json"
    obstacle.mkdir(parents=True)
    with pytest.raises(OSError):
        follower.poll()
    obstacle.rmdir()
    follower.poll()
    assert cache.load_last_good() is not None


def test_a_cache_that_was_removed_is_made_again(
    registered_model: RegisteredModel, follower: ChampionFollower, cache: BundleCache, make_bundle: Make, tmp_path: Path
) -> None:
    registered_model.publish_champion(make_bundle())
    follower.poll()
    shutil.rmtree(tmp_path / "models")
    follower.poll()
    last_good = cache.load_last_good()
    assert last_good is not None
    assert cache.load(last_good.digest).digest == last_good.digest
