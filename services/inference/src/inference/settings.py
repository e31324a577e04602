"""The one settings class: every variable of this service starts with INFERENCE_."""

import re
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    # Compose hands over unset variables as empty strings: they mean the default.
    model_config = SettingsConfigDict(env_prefix="INFERENCE_", env_ignore_empty=True, frozen=True)

    bind: str = "127.0.0.1:8000"
    workers: int = Field(default=1, ge=1)

    # A secret because the URL may carry a password.
    database_url: SecretStr = SecretStr("sqlite:///var/inference.db")

    @field_validator("database_url")
    @classmethod
    def name_the_driver(cls, given: SecretStr) -> SecretStr:
        url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", given.get_secret_value())
        if not url.startswith(("sqlite:///", "postgresql+psycopg2://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return SecretStr(url)

    model_dir: Path = Path("var/models")
    bundle: Path | None = None

    mlflow_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
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
    # Texts a second of one API key, or of one address where no key is sent; 0 sets no quota.
    quota_per_second: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    quota_burst: int = Field(default=40, ge=1)
    # Lines about requests that went well; those left out are counted. The others are always written.
    log_lines_per_second: int = Field(default=100, ge=0)

    # The committed API document promises these two as ceilings: a deployment may only go lower.
    text_max_characters: int = Field(default=1000, ge=1, le=1000)
    batch_max_texts: int = Field(default=256, ge=1, le=256)


def load_settings() -> Settings:
    """The settings, or the end of the process with one line that names the variable at fault."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        variable = "_".join(("INFERENCE", *map(str, first["loc"]))).upper()
        raise SystemExit(f"error: {variable}: {first['msg']}") from None
