"""Where the trainer reads and writes. Every field is a variable `TRAINER_…`; MLflow's own variable is honoured."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TRAINER_", env_file=".env", extra="ignore")

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
    owner_key: SecretStr = Field(SecretStr(""), description="the API's INFERENCE_OWNER_KEY, where it has one")
