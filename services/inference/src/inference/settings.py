"""The one settings class: every variable of this service starts with INFERENCE_."""

import re
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from inference.secret_files import SecretFiles

HTTPS_OR_LOOPBACK = r"^(https://\S+|http://(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?(/\S*)?)?$"
# What the committed secrets are (infra/local-secrets).
PLACEHOLDER = "local-only"


class Settings(BaseSettings):
    # Compose hands over unset variables as empty strings: they mean the default.
    model_config = SettingsConfigDict(
        env_prefix="INFERENCE_",
        env_ignore_empty=True,
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    # In production placeholders are refused. Its other name is that of all services.
    environment: Literal["local", "production"] = Field(
        default="local", validation_alias=AliasChoices("INFERENCE_ENVIRONMENT", "ENVIRONMENT")
    )

    # The commit that the image was built from, baked into it; empty where nobody says.
    release: str = ""

    bind: str = "127.0.0.1:8000"
    workers: int = Field(default=1, ge=1)

    # For a Postgres URL without one; before the URL, which takes it up.
    database_password: SecretStr = SecretStr("")
    # A secret because the URL may carry a password.
    database_url: SecretStr = SecretStr("sqlite:///var/inference.db")

    @field_validator("database_url")
    @classmethod
    def complete_the_url(cls, given: SecretStr, others: ValidationInfo) -> SecretStr:
        url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", given.get_secret_value())
        if not url.startswith(("sqlite:///", "postgresql+psycopg2://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        try:
            parts = make_url(url)
        except (ArgumentError, ValueError):
            # Its own words repeat a piece of the URL, which may be of the password.
            raise ValueError("is no database URL; special characters of a password are written as %..") from None
        password = others.data.get("database_password", SecretStr("")).get_secret_value()
        if not password or parts.get_backend_name() == "sqlite" or password_of(parts):
            return SecretStr(url)
        if not parts.username:
            raise ValueError("names no user whose password INFERENCE_DATABASE_PASSWORD could be")
        return SecretStr(parts.set(password=password).render_as_string(hide_password=False))

    # gunicorn brings the database up to date before its workers start: for one container alone.
    migrate_at_start: bool = False
    # Where a SQLite database is kept too, and found again by a container that has lost its disk; after the URL.
    sqlite_copy: Path | None = None
    sqlite_copy_seconds: float = Field(default=30.0, ge=0.1, le=3600, allow_inf_nan=False)

    @field_validator("sqlite_copy")
    @classmethod
    def keep_it_apart(cls, given: Path | None, others: ValidationInfo) -> Path | None:
        database = others.data.get("database_url")
        if given is None or database is None:
            return given
        url = make_url(database.get_secret_value())
        if url.get_backend_name() != "sqlite":
            raise ValueError("is for SQLite, and INFERENCE_DATABASE_URL names Postgres: set one of the two")
        if Path(url.database or "").absolute() == given.absolute():
            raise ValueError("must be another file than that of INFERENCE_DATABASE_URL")
        return given

    model_dir: Path = Path("var/models")
    bundle: Path | None = None

    mlflow_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    # Where MLflow has people sign in; without a password nobody does.
    mlflow_username: str = "inference"
    mlflow_password: SecretStr = SecretStr("")
    registered_model: str = "tweet-sentiment"
    poll_seconds: float = Field(default=5.0, gt=0, le=3600, allow_inf_nan=False)

    # Rows of the prediction log that are not in the database yet; on the disk of the machine, shared by its workers.
    spool_dir: Path = Path("var/spool")
    spool_max_megabytes: int = Field(default=256, ge=1)

    # Requests in flight in one worker; 0 derives it from how long a text takes the served model.
    max_in_flight: int = Field(default=0, ge=0)
    # A model that takes longer over one text is scored in a thread of its own, whatever waits in one batch.
    queue_above_ms: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    deadline_seconds: float = Field(default=2.0, gt=0, le=60, allow_inf_nan=False)
    drain_seconds: float = Field(default=3.0, ge=0, le=25, allow_inf_nan=False)
    # Texts a second of whoever holds a key, or of one address where no valid key is sent; 0 sets no quota.
    quota_per_second: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    quota_burst: int = Field(default=40, ge=1)
    # Lines about requests that went well; those left out are counted. The others are always written.
    log_lines_per_second: int = Field(default=100, ge=0)

    # --- who may ask (docs/access.md)
    # Hashed keys, one a line; none and no provider of tokens, and whoever reaches the service may ask.
    api_keys_file: Path | None = None
    # The same lines where no file can be mounted, also apart by semicolons; both count.
    api_keys: SecretStr = SecretStr("")
    # Never open, even where nobody holds a key; gunicorn.conf.py sets it for workers that are started later.
    stay_closed: bool = False
    # Not encrypted only on this machine.
    oidc_issuer: str = Field(default="", pattern=HTTPS_OR_LOOPBACK)
    oidc_audience: str = ""
    oidc_scope_claim: str = Field(default="scope", min_length=1)
    oidc_jwks_url: str = Field(default="", pattern=HTTPS_OR_LOOPBACK)

    # --- whose data it is
    # Handles, addresses, e-mails and phone numbers of a text are replaced before it is stored; these handles stay.
    mask_text: bool = False
    mask_keep_handles: str = ""
    # Texts, comments and pseudonyms are deleted after this; labels, verdicts and times stay. 0 keeps them.
    retention_days: float = Field(default=90.0, ge=0, allow_inf_nan=False)
    # Pseudonyms of people are made with it: another one, and nobody's earlier rows are found any more.
    subject_key: SecretStr = SecretStr("local-only")

    # --- what a plan gives a day of processor time (docs/deployment.md); 0: it has no end
    cpu_minutes_a_day: float = Field(default=0.0, ge=0, le=100_000, allow_inf_nan=False)
    # What is spent today is kept here, for when the container starts anew; of one service alone.
    cpu_state_file: Path | None = None

    # --- the loop
    # Whoever has it may promote and roll back; unset, whoever reaches the service may.
    owner_key: SecretStr = SecretStr("")
    # A random share of the predictions that people are asked to judge, whatever others say of them.
    audit_share: float = Field(default=0.01, ge=0, le=1, allow_inf_nan=False)
    # So much of the live traffic the challenger scores too, in the background; 0: none.
    shadow_share: float = Field(default=0.1, ge=0, le=1, allow_inf_nan=False)

    # --- alert rules (docs/alert-rules.md); 0 switches one off
    alert_rejections: int = Field(default=3, ge=0)
    alert_minutes: float = Field(default=5.0, gt=0, le=1440, allow_inf_nan=False)
    alert_false_alarm_every: float = Field(default=10_000.0, ge=0, allow_inf_nan=False)
    # The share of rejections that is accepted; unset, it is learned.
    alert_baseline: float | None = Field(default=None, gt=0, le=0.75, allow_inf_nan=False)
    # So many verdicts of one named person count in the minutes above, and beyond so many rejections they are a flood.
    alert_user_cap: int = Field(default=2, ge=1)
    alert_flood: int = Field(default=30, ge=1)
    alert_cooldown_minutes: float = Field(default=30.0, gt=0, allow_inf_nan=False)

    # --- who is told
    # Apprise URLs, apart by blanks; secret, because most hold a token.
    alert_urls: SecretStr = SecretStr("")
    alert_mail_from: str = ""
    alert_mail_to: str = ""
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    # Where an alert can be looked at and acknowledged; part of its message.
    alert_page_url: str = Field(default="", pattern=r"^(https?://\S+)?$")

    # --- Application Insights, where a connection string is set
    telemetry_exporter: Literal["opencensus", "opentelemetry", "none"] = "opencensus"
    # Also under the name that Azure itself sets.
    applicationinsights_connection_string: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices(
            "INFERENCE_APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_CONNECTION_STRING"
        ),
    )
    telemetry_include_text: bool = False
    # Of the predictions; rejections are all sent.
    telemetry_served_share: float = Field(default=0.1, ge=0, le=1, allow_inf_nan=False)

    # The committed API document promises these two as ceilings: a deployment may only go lower.
    text_max_characters: int = Field(default=1000, ge=1, le=1000)
    batch_max_texts: int = Field(default=256, ge=1, le=256)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, SecretFiles(settings_cls)


def load_settings(*, serves: bool = True) -> Settings:
    """The settings, or the end of the process with one line that names the variable or the file at fault.

    Whoever only migrates the database does not serve, and needs no other secret.
    """
    try:
        settings = Settings()
    except SettingsError as error:
        raise SystemExit(f"error: {error}") from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        variable = [variable_of(str(name)) for name in first["loc"][:1]]
        raise SystemExit(": ".join(["error", *variable, first["msg"]])) from None
    if settings.environment == "production" and (name := placeholder_in(settings, serves=serves)):
        raise SystemExit(
            f"error: {variable_of(name)}: is the placeholder; in production it must be your own (docs/secrets.md)"
        )
    return settings


def variable_of(name: str) -> str:
    """Of a field; one that has a variable of its own choice is known by that."""
    return f"INFERENCE_{name}".upper() if name in Settings.model_fields else name


def placeholder_in(settings: Settings, *, serves: bool) -> str | None:
    """The name of a secret that everybody knows."""
    if password_of(make_url(settings.database_url.get_secret_value())) == PLACEHOLDER:
        is_apart = settings.database_password.get_secret_value() == PLACEHOLDER
        return "database_password" if is_apart else "database_url"
    names = ("subject_key", "mlflow_password", "owner_key") if serves else ()
    return next((name for name in names if getattr(settings, name).get_secret_value() == PLACEHOLDER), None)


def password_of(url: URL) -> object:
    return url.password or url.query.get("password")
