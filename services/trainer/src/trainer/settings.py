"""Where the trainer reads and writes. Every field is a variable `TRAINER_…`; MLflow's own variables are honoured."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from trainer.secret_files import SecretFiles

# What the committed secrets are (infra/local-secrets).
PLACEHOLDER = "local-only"


def refuse_placeholder(secret: SecretStr, others: ValidationInfo) -> SecretStr:
    if others.data.get("environment") == "production" and secret.get_secret_value() == PLACEHOLDER:
        raise ValueError("is the placeholder; in production it must be your own (docs/secrets.md)")
    return secret


def refuse_unsendable(key: SecretStr) -> SecretStr:
    if not all("!" <= character <= "~" for character in key.get_secret_value()):
        raise ValueError("must be of printable ASCII characters, without blanks: it is sent as a header")
    return key


Secret = Annotated[SecretStr, AfterValidator(refuse_placeholder)]
Key = Annotated[Secret, AfterValidator(refuse_unsendable)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="TRAINER_",
        env_file=".env",
        # Compose hands over unset variables as empty strings: they mean the default.
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    # Before the secrets, which look at it.
    environment: Literal["local", "production"] = Field(
        "local",
        validation_alias=AliasChoices("TRAINER_ENVIRONMENT", "ENVIRONMENT"),
        description="in production placeholders are refused",
    )
    data_dir: Path = Field(Path("data/raw"), description="folder with the published data sets")
    sample_dir: Path = Field(Path("data/sample"), description="this repository's own labelled tweets")
    bundles_dir: Path = Field(Path("var/bundles"), description="where `train` writes bundles")
    checkpoints_dir: Path = Field(Path("var/checkpoints"), description="where long fits keep what they have reached")
    bert_checkpoint: str = Field("", description="folder or hub name of the encoder to fine-tune; default: MiniLM")
    bert_encoder_dir: Path = Field(Path("var/encoder"), description="where bert leaves the encoder it fine-tuned")
    bert_learning_rate: float = Field(
        1.2e-4, gt=0, lt=1, description="less suits an encoder that was fine-tuned before"
    )
    bert_tweets: int = Field(
        750_000, gt=0, description="bert reads about this many: half of Sentiment140, or a small set three times over"
    )
    soft_labels_file: Path = Field(
        Path("var/soft_labels.npz"),
        description="what bert thought of each training tweet; the distilled student reads it",
    )
    teacher_trust: float = Field(
        0.7, ge=0, le=1, description="the teacher's part in what a distilled student learns; the label has the rest"
    )
    glove_file: Path | None = Field(None, description="GloVe vectors as published, one word and its numbers a line")
    fasttext_file: Path | None = Field(
        None, description="FastText vectors, a .vec file; default: trained on the tweets"
    )
    tracking_uri: str = Field(
        "sqlite:///var/mlflow/mlflow.db",
        validation_alias=AliasChoices("TRAINER_TRACKING_URI", "MLFLOW_TRACKING_URI"),
        description="MLflow: a server's address, or the SQLite file that `make run` serves",
    )
    mlflow_username: str = Field(
        "trainer",
        validation_alias=AliasChoices("TRAINER_MLFLOW_USERNAME", "MLFLOW_TRACKING_USERNAME"),
        description="where people sign in to MLflow",
    )
    mlflow_password: Secret = Field(
        SecretStr(""),
        validation_alias=AliasChoices("TRAINER_MLFLOW_PASSWORD", "MLFLOW_TRACKING_PASSWORD"),
        description="without it the trainer does not sign in",
    )
    artifacts_dir: Path = Field(Path("var/mlflow/artifacts"), description="artifacts of a SQLite MLflow")
    experiment: str = "tweet-sentiment"
    model_name: str = "tweet-sentiment"
    seed: int = 7
    missed_negative_cost: float = Field(
        1.25, ge=0.01, le=100, description="a missed negative costs this many times a false alarm"
    )
    abstain_share: float = Field(0.1, ge=0, lt=1, description="share of the tweets that is left to a person")
    behaviour_dir: Path = Field(Path("data/behaviour"), description="csv files of what a model must get right")
    api_url: str = Field(
        "http://127.0.0.1:8000", pattern=r"^https?://\S+$", description="the inference API: verdicts, and the champion"
    )
    api_key: Key = Field(SecretStr(""), description="the trainer's own key for the API, with read and admin")
    owner_key: Key = Field(
        SecretStr(""), description="the API's INFERENCE_OWNER_KEY, where it has one: it goes before the key above"
    )
    gate_large_set: int = Field(
        2_000, gt=0, description="tweets from which on a test set's score is sure to half a point or so: narrow limits"
    )
    gate_macro_f1_fall: float = Field(
        0.005, ge=0, le=1, description="a challenger's macro-F1 may fall by so much on a large set"
    )
    gate_macro_f1_fall_small: float = Field(
        0.03, ge=0, le=1, description="and by so much on a smaller one, where chance alone moves it by a point or two"
    )
    gate_significance: float = Field(
        0.05,
        gt=0,
        lt=1,
        description="more tweets lost than gained is a loss where so little chance is left, over all sets",
    )
    gate_negative_flips: float = Field(
        0.06, ge=0, le=1, description="share of a large set that may turn from right to wrong: people see it"
    )
    gate_negative_flips_small: float = Field(
        0.12, ge=0, le=1, description="and of a smaller one: on hard tweets better models flip nearly a tenth"
    )
    gate_behaviour_fall: float = Field(
        0.01,
        ge=0,
        le=1,
        description="share of the behavioural tests: the same recipe fitted again differs by that much",
    )
    gate_golden_changes: float = Field(
        0.2, ge=0, le=1, description="share of the champion's certain golden tweets; a better model changed a seventh"
    )
    gate_calibration_error: float = Field(
        0.05, ge=0, le=1, description="of the challenger on a large set: threshold and band are cut from probabilities"
    )
    gate_slice_tweets: int = Field(200, gt=0, description="slices of fewer tweets are too small to judge")
    gate_slice_fall: float = Field(
        0.02, ge=0, le=1, description="a slice's accuracy may fall by so much, if not by chance"
    )
    gate_milliseconds: float = Field(10.0, gt=0, description="for one tweet on one core: what callers wait for")
    gate_megabytes: float = Field(100.0, gt=0, description="of the bundle: every worker downloads and holds it")
    proposals_dir: Path = Field(Path("var/proposals"), description="where `retrain` writes its proposals")
    retrain_at_least: int = Field(50, ge=1, description="fewer labels of people are not worth a retraining")
    reviewer_share: float = Field(
        0.25, gt=0, le=1, description="of one person in what people labelled, from 51 labels on: more is refused"
    )
    feedback_share: float = Field(
        0.05, gt=0, le=0.5, description="of people's tweets in what is trained on; few of them are repeated"
    )
    replay_tweets: int = Field(
        60_000, gt=0, description="original tweets mixed in where the champion goes on learning from its own weights"
    )
    promotion_policy: Literal["person", "gate"] = Field(
        "person", description="who promotes what passed the gate: a person, or `retrain` itself"
    )
    drift_window: int = Field(
        500, ge=50, description="tweets that `drift` looks at together; a day's worth or more, or a night will look new"
    )
    drift_false_alarm_every: int = Field(
        1_000, ge=10, description="windows between two in which chance alone moves one of drift's monitors"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, dotenv_settings, SecretFiles(settings_cls)
