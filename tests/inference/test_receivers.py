"""Whom the settings name: built, or refused before the service starts, in a line without a secret."""

import pytest
from pydantic import SecretStr

from inference.receivers import build_destinations, check_receivers
from inference.settings import Settings

MAIL: dict[str, object] = {"smtp_host": "mail.example.org", "alert_mail_from": "model@example.org"}


def described(**given: object) -> Settings:
    return Settings().model_copy(update={"telemetry_exporter": "opencensus"} | given)


def test_mail_goes_to_each_recipient_and_addresses_to_each_service() -> None:
    settings = described(
        alert_urls=SecretStr("json://127.0.0.1:9 https://hooks.example.org/s3cr3t"),
        **MAIL,
        alert_mail_to="ops@example.org, crm@example.org",
    )
    check_receivers(settings)
    labels = [notifier.destination.rpartition(" #")[0] for notifier in build_destinations(settings)]
    assert labels == [
        "json://127.0.0.1:9",
        "jsons://hooks.example.org",
        "mail ops@example.org",
        "mail crm@example.org",
    ]


def test_nobody_need_be_told() -> None:
    check_receivers(described())
    assert build_destinations(described()) == []


@pytest.mark.parametrize(
    ("variable", "given"),
    [
        ("INFERENCE_ALERT_URLS", {"alert_urls": SecretStr("json://127.0.0.1:9 nothing://s3cr3t")}),
        ("INFERENCE_ALERT_MAIL_FROM", MAIL | {"alert_mail_from": "s3cr3t", "alert_mail_to": "ops@example.org"}),
        ("INFERENCE_ALERT_MAIL_TO", MAIL | {"alert_mail_to": "s3cr3t"}),
        ("INFERENCE_ALERT_MAIL_TO", MAIL),
        (
            "INFERENCE_SMTP_USER",
            MAIL | {"alert_mail_to": "ops@example.org", "smtp_user": "u", "smtp_password": SecretStr("s3cr3t-é")},
        ),
        (
            "APPLICATIONINSIGHTS_CONNECTION_STRING",
            {"applicationinsights_connection_string": SecretStr("InstrumentationKey=s3cr3t")},
        ),
    ],
)
def test_who_cannot_be_reached_is_named_by_its_variable(variable: str, given: dict[str, object]) -> None:
    with pytest.raises(SystemExit, match=f"^error: {variable}: ") as ended:
        check_receivers(described(**given))
    assert "s3cr3t" not in str(ended.value)
    assert "\n" not in str(ended.value)


def test_what_is_not_used_need_not_be_right() -> None:
    broken = SecretStr("InstrumentationKey=s3cr3t")
    check_receivers(described(applicationinsights_connection_string=broken, telemetry_exporter="none"))
