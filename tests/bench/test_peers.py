"""The peers: started for real where that takes a second or two, and looked at where it takes longer."""

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import requests

from bench.__main__ import all_peers
from bench.measuring import BATCH_TEXTS, measure, requests_of
from bench.peers import catalogue
from bench.peers.answers import check_invocations, check_predictions
from bench.peers.peer import Launch, PeerFailed
from bench.running import running
from bench.texts import CHAMPION, ROOT, golden_of, new_tweets, tweets
from bench.weight import Process, family_of
from bench.wire import Address, read_address


def said_nothing(_: str) -> None:
    return None


def test_the_texts_are_a_thousand_and_all_different() -> None:
    texts = tweets()
    assert len(texts) == len(set(texts)) == 1_000
    assert texts == tweets()
    assert all(0 < len(text) <= 1_000 for text in texts)


def test_no_new_tweet_is_a_copy_of_another() -> None:
    texts = new_tweets()
    assert len(texts) == len(set(texts)) == 40_000
    assert all(0 < len(text) <= 1_000 for text in texts)


def test_every_batch_is_full_and_within_what_the_api_reads() -> None:
    for request in requests_of(catalogue.BATCH, Address("127.0.0.1", 1), new_tweets(), BATCH_TEXTS):
        head, _, body = request.partition(b"\r\n\r\n")
        assert len(json.loads(body)["texts"]) == BATCH_TEXTS
        assert b"content-length: %d" % len(body) in head
        assert len(body) < 256 * 1024


def test_the_constant_answer_is_measured_from_start_to_end() -> None:
    steps: list[str] = []
    found = measure(catalogue.constant(), (1, 2), 0.3, steps.append)
    assert [single.connections for single in found.singles] == [1, 2]
    assert all(single.requests_per_second > 100 and single.failures == 0 for single in found.singles)
    assert found.batch is not None and found.batch.statuses.keys() == {200}
    assert 20 < found.weight.resident < 300
    assert 0.1 < found.start_seconds < 60
    assert steps == ["starting", "warming up", "c=1", "c=2", "256 tweets a request"]


def test_a_peer_keeps_to_the_servers_core_and_leaves_nothing_running() -> None:
    with running(catalogue.constant()) as server:
        if hasattr(os, "sched_getaffinity"):
            assert os.sched_getaffinity(server.process) == {0}
        url = server.address.url
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=1)
    with pytest.raises(ProcessLookupError):
        os.killpg(server.process, 0)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("", "it said nothing"),
        ("print('ValueError: no port'); print('bye'); raise SystemExit(1)", "ValueError: no port"),
    ],
)
def test_a_peer_that_does_not_start_says_why(script: str, reason: str) -> None:
    launch = Launch([sys.executable, "-c", script], os.environ)
    broken = replace(catalogue.constant(), name="broken", launch=lambda *_: launch)
    with pytest.raises(PeerFailed, match=f"it did not start: {reason}"), running(broken):
        pass


def test_a_peer_that_cannot_be_prepared_says_why() -> None:
    launch = Launch(["false"], os.environ, before=[sys.executable, "-c", "raise ValueError('no table')"])
    broken = replace(catalogue.constant(), name="broken", launch=lambda *_: launch)
    with pytest.raises(PeerFailed, match="it cannot be prepared: ValueError: no table"), running(broken):
        pass


def test_a_wrong_probability_is_refused_before_anything_is_timed() -> None:
    constant = replace(
        catalogue.constant(),
        check=partial(check_predictions, golden=golden_of(CHAMPION), labels=catalogue.labels_of(CHAMPION)),
    )
    with pytest.raises(PeerFailed, match="instead of"):
        measure(constant, (1,), 0.1, said_nothing)


def test_an_address_that_does_not_answer_is_a_failure() -> None:
    with pytest.raises(PeerFailed, match="does not answer"):
        check_invocations("http://127.0.0.1:1", golden_of(CHAMPION), ["negative"])


def test_what_this_machine_lacks_is_left_out_with_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bench.__main__.CONTENDERS_DIR", tmp_path)
    monkeypatch.setattr(catalogue, "has_keras", lambda: False)
    assert [peer.name for peer in all_peers([])] == ["constant", "champion", "champion, copies", "mlflow"]
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["left out"] * 3
    assert [peer.name for peer in all_peers([CHAMPION])][2:4] == ["champion, copies", "champion"]


def test_the_worker_class_can_be_chosen_over_the_configuration(tmp_path: Path) -> None:
    peer = catalogue.api("champion", CHAMPION, worker_class=catalogue.ASGI_WORKER)
    command = list(peer.launch(tmp_path, Address("127.0.0.1", 1)).command)
    assert command[command.index("-k") + 1] == "asgi"
    assert command.index("-k") > command.index("-c")
    assert "-k" not in catalogue.api("champion", CHAMPION).launch(tmp_path, Address("127.0.0.1", 1)).command


def test_the_bare_loop_says_tweets_a_second() -> None:
    command = [sys.executable, "-m", "bench.peers.offline", str(CHAMPION), "--seconds", "0.2"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(answer.stdout)
    assert 0 < found["alone"] < found["in_chunks"]


@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="TensorFlow is not installed")
def test_keras_has_the_champions_architecture() -> None:
    from bench.peers import keras_predict
    from trainer.candidates.recurrent import Recurrent

    recipe = Recurrent("bigru_distilled", distilled=True)
    assert (recipe.embedding_size, recipe.units) == (keras_predict.EMBEDDING_SIZE, keras_predict.UNITS)
    assert keras_predict.build_network(100, 2).output_shape == (None, 2)


def test_a_family_is_everybody_who_descends_from_the_master() -> None:
    every = [Process(4, 3, 9), Process(3, 1, 5), Process(1, 0, 2), Process(7, 6, 99)]
    assert {process.number for process in family_of(1, every)} == {1, 3, 4}


def test_addresses_are_read_or_refused() -> None:
    assert read_address("http://localhost:8000") == Address("localhost", 8000)
    assert read_address("http://localhost:8000").url == "http://localhost:8000"
    for wrong in ("localhost:8000", "https://localhost", "nonsense"):
        with pytest.raises(ValueError, match="no address"):
            read_address(wrong)
