"""What the pages need to know from outside, read from variables that start with UI_."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, StringConstraints
from pydantic_settings import BaseSettings, SettingsConfigDict

# No user:password@ in the address: the pages show it to people.
ApiUrl = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s@/]+[^\s@]*$")]


def refuse_unsendable(key: SecretStr) -> SecretStr:
    if not all("!" <= character <= "~" for character in key.get_secret_value()):
        raise ValueError("must be of printable ASCII characters, without blanks: it is sent as a header")
    return key


class Settings(BaseSettings):
    # Compose hands over unset variables as empty strings: they mean the default.
    model_config = SettingsConfigDict(env_prefix="UI_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True)

    api_url: ApiUrl = "http://127.0.0.1:8000"
    connect_timeout_seconds: float = Field(default=1.0, gt=0, le=30)
    read_timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    # How often the pages that change by themselves ask anew.
    refresh_seconds: float = Field(default=10.0, ge=0.5, le=3600)
    # What the API wants of whoever promotes or rolls back (INFERENCE_OWNER_KEY there); everybody who reaches the pages
    # acts with it.
    owner_key: Annotated[SecretStr, AfterValidator(refuse_unsendable)] = SecretStr("")
    text_limit: int = Field(default=1000, ge=1)
    comment_limit: int = Field(default=1000, ge=1)
