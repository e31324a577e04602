"""Whose data it is: people under pseudonyms only, and texts as they may be kept and as they may leave."""

import hashlib
import hmac
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from inference.privacy import Privacy
from tests.inference.stored import everything_in, files_with

StartApp = Callable[..., AbstractContextManager[TestClient]]

AUTHOR, REVIEWER = "author-4711@example.org", "reviewer-0815"
TWEET = "@AirParadis late, says @jane_doe, call 06 12 34 56 78 or see https://example.org/me"
MASKED_TWEET = "@AirParadis late, says @user, call [phone] or see http://url"

both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


# Pseudonyms


def test_the_same_person_has_the_same_pseudonym_in_every_process() -> None:
    assert Privacy("key").pseudonym("jane") == Privacy("key").pseudonym("jane")
    # Kept in databases for months: another way of making them would lose everybody who is in there.
    assert Privacy("key").pseudonym("jane") == hmac.new(b"key", b"jane", hashlib.sha256).hexdigest()


def test_two_people_have_two_pseudonyms() -> None:
    assert len({Privacy("key").pseudonym(name) for name in ("jane", "Jane", "janet", "@jane", "1", "01")}) == 6


def test_another_key_makes_another_pseudonym() -> None:
    assert Privacy("key").pseudonym("jane") != Privacy("other key").pseudonym("jane")


def test_a_pseudonym_is_not_found_by_hashing_all_handles() -> None:
    plain = {digest(name).hexdigest() for digest in (hashlib.sha256, hashlib.sha1) for name in (b"jane", b"keyjane")}
    assert Privacy("key").pseudonym("jane") not in plain


def test_how_an_id_was_typed_makes_no_other_person() -> None:
    privacy = Privacy("key")
    assert privacy.pseudonym(" jos\u00e9\n") == privacy.pseudonym("jose\u0301")


def test_whoever_is_not_named_has_none() -> None:
    assert Privacy("key").pseudonym_if_named(None) is None
    assert Privacy("key").pseudonym_if_named("jane") == Privacy("key").pseudonym("jane")


# Texts


def test_texts_are_kept_as_they_are_unless_masking_is_on() -> None:
    assert Privacy("key").kept(TWEET) == TWEET
    assert Privacy("key", mask_text=True).kept("see you @jane") == "see you @user"


def test_what_leaves_is_masked_whatever_is_kept() -> None:
    assert Privacy("key").masked("see you @jane") == "see you @user"


@pytest.mark.parametrize("handles", ["airparadis", "@AirParadis", " @klm,\t@AIRPARADIS ", "klm,airparadis"])
def test_handles_to_keep_are_named_in_any_form(handles: str) -> None:
    assert Privacy("key", mask_text=True, keep_handles=handles).kept(TWEET) == MASKED_TWEET


# In the service


def predict_and_judge(client: TestClient) -> None:
    prediction = client.post("/v1/predictions", json={"text": TWEET, "author": AUTHOR})
    batch = client.post("/v1/predictions/batch", json={"texts": [TWEET, "late"], "authors": [AUTHOR, None]})
    assert (prediction.status_code, batch.status_code) == (200, 200)
    verdict = {"verdict": "rejected", "comment": f"no: {TWEET}", "reviewer": REVIEWER}
    for prediction_id in (prediction.json()["prediction_id"], batch.json()["predictions"][0]["prediction_id"]):
        assert client.post("/v1/feedback", json=verdict | {"prediction_id": prediction_id}).status_code == 201


@both
def test_no_id_of_a_person_is_stored_logged_or_given_out(
    start_app: StartApp, database_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    key = "a key of its own"
    with start_app(subject_key=SecretStr(key)) as client:
        predict_and_judge(client)
        answers = client.get("/v1/predictions").text + client.get("/v1/feedback").text
    stored = everything_in(database_url)
    # The log of the service goes to this process's own output.
    logged = "".join(capfd.readouterr())
    assert "request_served" in logged
    for person in (AUTHOR, REVIEWER):
        assert person not in stored + answers + logged
        assert files_with(tmp_path, person) == []
        assert Privacy(key).pseudonym(person) in stored


@both
@pytest.mark.parametrize(("is_on", "kept"), [(False, TWEET), (True, MASKED_TWEET)])
def test_texts_and_comments_are_stored_as_the_setting_says(
    start_app: StartApp, database_url: str, is_on: bool, kept: str
) -> None:
    with start_app(mask_text=is_on, mask_keep_handles="@AirParadis") as client:
        predict_and_judge(client)
        predictions, verdicts = client.get("/v1/predictions").json(), client.get("/v1/feedback").json()
    assert [item["text"] for item in predictions["items"]] == [kept, kept, "late"]
    assert [(item["text"], item["comment"]) for item in verdicts["items"]] == [(kept, f"no: {kept}")] * 2
    assert ("@jane_doe" in everything_in(database_url)) is not is_on
