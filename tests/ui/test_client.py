"""What the client makes of answers that the real service does not give (its real ones: tests/contract)."""

import json

import pytest
from canned_models import CannedModels, served
from live_api import free_port
from odd_api import odd_api
from pydantic import SecretStr

from ui.api.client import Client
from ui.api.errors import ApiClosed, ApiError, ApiMisunderstood, ApiRefused, ApiUnavailable
from ui.settings import Settings


def client_for(url: str, **settings: float) -> Client:
    return Client(Settings(api_url=url, **settings))


def error_for(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> ApiError:
    with odd_api(status, body, headers) as url, pytest.raises(ApiError) as caught:
        client_for(url).predict("a tweet")
    return caught.value


def test_nobody_listening_is_unavailable() -> None:
    with pytest.raises(ApiUnavailable) as caught:
        client_for(f"http://127.0.0.1:{free_port()}").predict("late")
    assert caught.value.status is None


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_answer_that_says_later_is_unavailable_with_the_seconds_to_wait(status: int) -> None:
    error = error_for(status, headers={"Retry-After": "3"})
    assert isinstance(error, ApiUnavailable)
    assert (error.status, error.retry_after_seconds) == (status, 3)


def test_an_answer_that_says_later_may_say_why() -> None:
    error = error_for(503, json.dumps({"detail": "The registry gives no usable answer."}).encode())
    assert isinstance(error, ApiUnavailable)
    assert error.detail == "The registry gives no usable answer."


@pytest.mark.parametrize("value", ["", "soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "²"])
def test_a_wait_that_is_not_a_number_of_seconds_is_left_out(value: str) -> None:
    error = error_for(503, headers={"Retry-After": value} if value.isascii() else {})
    assert isinstance(error, ApiUnavailable)
    assert error.retry_after_seconds is None


def test_a_refusal_carries_its_detail_and_reasons() -> None:
    problem = {"detail": "It does not fit.", "errors": [{"field": "text", "reason": "must not be blank"}]}
    error = error_for(422, json.dumps(problem).encode())
    assert isinstance(error, ApiRefused)
    assert (error.status, error.detail, error.reasons) == (422, "It does not fit.", ("text: must not be blank",))


def test_a_refusal_without_a_problem_document_is_still_a_refusal() -> None:
    error = error_for(404, b"<html>not here</html>")
    assert isinstance(error, ApiRefused)
    assert (error.status, error.detail, error.reasons) == (404, "", ())


@pytest.mark.parametrize("status", [401, 403])
def test_an_api_that_does_not_take_the_key_is_closed_and_says_why(status: int) -> None:
    error = error_for(status, b'{"detail": "This needs the scope `admin`."}', {"WWW-Authenticate": "Bearer"})
    assert isinstance(error, ApiClosed)
    assert (error.status, error.detail) == (status, "This needs the scope `admin`.")


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"[]", b'{"label": "negative"}'])
def test_an_answer_outside_the_contract_is_misunderstood(body: bytes) -> None:
    assert isinstance(error_for(200, body), ApiMisunderstood)


def test_a_server_error_is_misunderstood() -> None:
    assert isinstance(error_for(500, b"Traceback"), ApiMisunderstood)


def test_the_owners_key_is_sent_with_moves_only() -> None:
    api = CannedModels()
    with served(api) as url:
        client = Client(Settings(api_url=url, owner_key=SecretStr("s3cret")))
        client.list_models(5), client.read_journal(5), client.read_shadow(), client.list_drift_reports(1)
        client.promote("2", "better", "Ana"), client.roll_back("worse", "Ana")
    assert [key for _, _, key in api.asked] == [None] * 4 + ["Bearer s3cret"] * 2


def test_the_pages_key_is_sent_with_everything_and_the_owners_in_its_place_with_moves() -> None:
    api = CannedModels()
    with served(api) as url:
        settings = Settings(api_url=url, api_key=SecretStr("k3y"))
        client = Client(settings)
        client.read_served(), client.list_models(5), client.read_journal(5), client.read_shadow()
        client.list_drift_reports(1), client.promote("2", "better", "Ana")
        Client(settings.model_copy(update={"owner_key": SecretStr("s3cret")})).roll_back("worse", "Ana")
    assert [key for _, _, key in api.asked] == ["Bearer k3y"] * 6 + ["Bearer s3cret"]


def test_without_a_key_none_is_sent() -> None:
    api = CannedModels()
    with served(api) as url:
        client_for(url).promote("2", "better", "Ana")
    assert api.asked == [("/v1/promotions", {"version": "2", "reason": "better", "by": "Ana"}, None)]


def test_a_redirect_is_not_followed() -> None:
    error = error_for(307, headers={"Location": "http://127.0.0.1:1/elsewhere"})
    assert isinstance(error, ApiMisunderstood)
