"""What the pages need to know from outside, read from variables that start with UI_."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    ValidationInfo,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from ui.people.addresses import read_addresses
from ui.secret_files import SecretFiles

# No user:password@ in the address: the pages show it to people.
ApiUrl = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s@/]+[^\s@]*$")]
MlflowUrl = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^(https?://[^\s@]+)?$")]
Addresses = Annotated[frozenset[str], NoDecode, BeforeValidator(read_addresses)]


# What the committed secrets are (infra/local-secrets).
PLACEHOLDER = "local-only"


def refuse_unsendable(key: SecretStr) -> SecretStr:
    if not all("!" <= character <= "~" for character in key.get_secret_value()):
        raise ValueError("must be of printable ASCII characters, without blanks: it is sent as a header")
    return key


def refuse_placeholder(key: SecretStr, others: ValidationInfo) -> SecretStr:
    if others.data.get("environment") == "production" and key.get_secret_value() == PLACEHOLDER:
        raise ValueError("is the placeholder; in production it must be your own (docs/secrets.md)")
    return key


Key = Annotated[SecretStr, AfterValidator(refuse_unsendable), AfterValidator(refuse_placeholder)]


class Settings(BaseSettings):
    # Compose hands over unset variables as empty strings: they mean the default.
    model_config = SettingsConfigDict(
        env_prefix="UI_", env_ignore_empty=True, frozen=True, populate_by_name=True, hide_input_in_errors=True
    )

    # In production people sign in, and placeholders are refused: before the keys, which look at it. Its other name is
    # that of all services.
    environment: Literal["local", "production"] = Field(
        default="local", validation_alias=AliasChoices("UI_ENVIRONMENT", "ENVIRONMENT")
    )
    api_url: ApiUrl = "http://127.0.0.1:8000"
    # Where people's browsers find MLflow's own pages; without it there are no links to them.
    mlflow_url: MlflowUrl = ""
    connect_timeout_seconds: float = Field(default=1.0, gt=0, le=30)
    read_timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    # How often the pages that change by themselves ask anew.
    refresh_seconds: float = Field(default=10.0, ge=0.5, le=3600)
    # The pages' own key for the API, sent with every request; everybody who reaches the pages acts with it.
    api_key: Key = SecretStr("")
    # Sent in its place by whoever promotes or rolls back (INFERENCE_OWNER_KEY of the API).
    owner_key: Key = SecretStr("")
    text_limit: int = Field(default=1000, ge=1)
    comment_limit: int = Field(default=1000, ge=1)
    # Rows of a file that are analysed together; they are held in memory, and no sheet of Excel holds a million.
    batch_limit: int = Field(default=200_000, ge=1, le=1_000_000)
    # So many tweets a day the people who review mean to read together.
    review_goal: int = Field(default=20, ge=1, le=10_000)
    # Whoever signs in may do what the highest list says that has their address; `*` is everybody who can sign in.
    owners: Addresses = frozenset()
    reviewers: Addresses = frozenset()
    viewers: Addresses = frozenset()
    # A claim of the token that says viewer, reviewer or owner, and then goes before the lists.
    role_claim: Annotated[str, StringConstraints(strip_whitespace=True)] = ""
    # The content of the file with the section [auth]. ui.start takes it away: where it is still here, nobody read it.
    sign_in: SecretStr = SecretStr("")
    # After so long people sign in again: what their token said may hold no more.
    sign_in_hours: float = Field(default=12.0, gt=0, le=720)

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


def variables_at_fault(error: ValidationError) -> list[str]:
    """A field that has a variable of its own choice is known by that."""
    names = [str(problem["loc"][0]) for problem in error.errors(include_input=False)]
    return [f"UI_{name}".upper() if name in Settings.model_fields else name for name in names]
