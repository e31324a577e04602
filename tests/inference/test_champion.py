"""Which local bundle is served at start, and what happens to one that was damaged."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from inference.bundle import load_bundle
from inference.cache import BundleCache
from inference.champion import Champion, serve_local
from inference.registry import RegistryVersion

Make = Callable[..., Path]
StartApp = Callable[..., AbstractContextManager[TestClient]]

ORIGIN = RegistryVersion(version="7", run_id="r", source="s")


@pytest.fixture
def cache(tmp_path: Path) -> BundleCache:
    return BundleCache(tmp_path / "models")


def keep(cache: BundleCache, bundle: Path, origin: RegistryVersion = ORIGIN) -> str:
    digest = load_bundle(bundle).digest
    with cache.workspace() as workspace:
        (workspace / digest).mkdir()
        for file in bundle.iterdir():
            (workspace / digest / file.name).write_bytes(file.read_bytes())
        cache.install(workspace, digest)
    cache.remember(digest, origin)
    return digest


def test_the_last_good_bundle_goes_before_the_pretrained_one(
    cache: BundleCache, make_bundle: Make, start_app: StartApp
) -> None:
    digest = keep(cache, make_bundle("good", changes={"name": "gru"}))
    with start_app() as client:
        model = client.get("/v1/model").json()
    assert (model["version"], model["name"], model["digest"]) == ("7", "gru", digest)


@pytest.mark.parametrize("name", ["model.json", "tokenizer.json", "model.onnx"])
def test_one_changed_byte_in_the_cache_is_refused_and_the_pretrained_one_serves(
    cache: BundleCache, make_bundle: Make, start_app: StartApp, name: str
) -> None:
    path = cache.folder(keep(cache, make_bundle("good"))) / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with start_app() as client:
        model = client.get("/v1/model").json()
        assert client.get("/health/ready").status_code == 200
    assert model["version"] == "pretrained"
    assert model["refused"]["version"] == "7"
    assert name in model["refused"]["reason"]


def test_a_damaged_pretrained_bundle_leaves_the_service_live_but_not_ready(
    make_bundle: Make, start_app: StartApp
) -> None:
    bundle = make_bundle()
    (bundle / "model.onnx").write_bytes(b"damaged")
    with start_app(bundle=bundle) as client:
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 503


@pytest.mark.parametrize("content", ["", "{", "[]", '{"digest": "../../etc"}', '{"digest": "' + "0" * 64 + '"}'])
def test_a_note_of_the_last_good_bundle_that_makes_no_sense_is_passed_over(
    cache: BundleCache, make_bundle: Make, tmp_path: Path, content: str
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "last-good.json").write_text(content)
    champion = Champion()
    serve_local(champion, cache, make_bundle())
    assert champion.require_served().version == "pretrained"


def test_only_the_current_bundle_and_the_one_before_are_kept(
    cache: BundleCache, make_bundle: Make, tmp_path: Path
) -> None:
    digests = [keep(cache, make_bundle(f"v{number}", changes={"name": f"v{number}"})) for number in range(3)]
    kept = {folder.name for folder in (tmp_path / "models").iterdir()}
    assert kept == {*digests[1:], "last-good.json"}
    keep(cache, make_bundle("again", changes={"name": "v2"}), RegistryVersion(version="8"))
    note = json.loads((tmp_path / "models" / "last-good.json").read_text())
    assert (note["digest"], note["previous_digest"], note["origin"]["version"]) == (digests[2], digests[1], "8")


def test_a_damaged_folder_is_replaced_by_a_good_download(cache: BundleCache, make_bundle: Make) -> None:
    bundle = make_bundle()
    digest = keep(cache, bundle)
    (cache.folder(digest) / "model.onnx").write_bytes(b"damaged")
    keep(cache, bundle)
    assert load_bundle(cache.folder(digest)).digest == digest


def test_what_an_interrupted_download_left_behind_is_cleared_away_later(
    cache: BundleCache, make_bundle: Make, tmp_path: Path
) -> None:
    import os

    old, fresh = tmp_path / "models" / "fetching-old", tmp_path / "models" / "fetching-fresh"
    old.mkdir(parents=True)
    fresh.mkdir()
    os.utime(old, (0, 0))
    keep(cache, make_bundle())
    assert (old.exists(), fresh.exists()) == (False, True)
