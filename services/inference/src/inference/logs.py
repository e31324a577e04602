"""Logging, configured once per process from data."""

import json
from importlib.resources import files
from logging.config import dictConfig

LoggingConfig = dict[str, object]


def load_logging_config() -> LoggingConfig:
    config: LoggingConfig = json.loads(files("inference").joinpath("logging.json").read_text(encoding="utf-8"))
    return config


def configure_logging() -> None:
    dictConfig(load_logging_config())
