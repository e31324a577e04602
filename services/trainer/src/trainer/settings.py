"""Where the trainer reads and writes. Every field is a variable `TRAINER_…`; MLflow's own variable is honoured."""

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TRAINER_", env_file=".env", extra="ignore")

    data_dir: Path = Field(Path("data/raw"), description="folder with the published data sets")
    sample_dir: Path = Field(Path("data/sample"), description="this repository's own labelled tweets")
    bundles_dir: Path = Field(Path("var/bundles"), description="where `train` writes bundles")
    checkpoints_dir: Path = Field(Path("var/checkpoints"), description="where long fits keep what they have reached")
    tracking_uri: str = Field(
        "sqlite:///var/mlflow/mlflow.db",
        validation_alias=AliasChoices("TRAINER_TRACKING_URI", "MLFLOW_TRACKING_URI"),
        description="MLflow: a server's address, or the SQLite file that `make run` serves",
    )
    artifacts_dir: Path = Field(Path("var/mlflow/artifacts"), description="artifacts of a SQLite MLflow")
    experiment: str = "tweet-sentiment"
    model_name: str = "tweet-sentiment"
    seed: int = 7
