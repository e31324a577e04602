"""The registered champion as a function of Spark's: the rows and probabilities are those of the bundle itself."""

import csv
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlflow
import pytest

from trainer.bundle import load_bundle
from trainer.registry import connect, register
from trainer.served_model import Classifier
from trainer.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

ROOT = Path(__file__).resolve().parents[2]
CHAMPION = ROOT / "models" / "champion"
ANSWER = "label string, p_negative double, p_positive double, abstained boolean"
PARTITIONS = 3
# Several calls of the model for each of them.
BATCH = 32
# Every seventh of data/sample: tweets of all three files.
STEP = 7
# It warns of pandas 3 as such; here it does what is asked of it.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")


@pytest.fixture(scope="module")
def variables() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patched:
        yield patched


@pytest.fixture(scope="module")
def spark(variables: pytest.MonkeyPatch) -> "Iterator[SparkSession]":
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("no pyspark here: .tools/uv sync --frozen --inexact --only-group spark")
    if not shutil.which("java") or subprocess.run(["java", "-version"], capture_output=True, check=False).returncode:
        pytest.skip("no JVM here; on Debian and Ubuntu: apt install openjdk-17-jre-headless")
    from pyspark.sql import SparkSession

    # Else its workers are whatever `python3` is.
    variables.setenv("PYSPARK_PYTHON", sys.executable)
    variables.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {"spark.ui.enabled": "false", "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH)}
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def classify(
    spark: "SparkSession", variables: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> "Callable[..., Column]":
    """The champion out of a registry of its own."""
    folder = tmp_path_factory.mktemp("registry")
    variables.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
    variables.setenv("TRAINER_ARTIFACTS_DIR", str(folder / "artifacts"))
    settings = Settings()
    version = register(load_bundle(CHAMPION), connect(settings), settings).version
    uri = f"models:/{settings.model_name}/{version}"
    return mlflow.pyfunc.spark_udf(spark, uri, result_type=ANSWER, env_manager="local")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    found: list[str] = []
    for file in sorted((ROOT / "data" / "sample").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            found += [row["text"] for row in csv.DictReader(opened)]
    return found[::STEP]


def table(spark: "SparkSession", texts: list[str | None]) -> "DataFrame":
    rows = [(number, text) for number, text in enumerate(texts)]
    return spark.createDataFrame(rows, "id long, text string").repartition(PARTITIONS)


def check(rows: list[Any], texts: list[str]) -> None:
    """Each once, with its own text, and with what the bundle says of that."""
    rows = sorted(rows, key=lambda row: row.id)
    assert [(row.id, row.text) for row in rows] == list(enumerate(texts))
    classifier = Classifier(CHAMPION)
    probabilities = classifier.probabilities(texts)
    chosen, abstained = classifier.decide(probabilities)
    for number, row in enumerate(rows):
        assert row.answer.label == classifier.labels[chosen[number]]
        assert row.answer.abstained == abstained[number]
        for column, label in enumerate(classifier.labels):
            assert row.answer[f"p_{label}"] == pytest.approx(probabilities[number, column], abs=1e-6)


def test_spark_answers_what_the_bundle_answers(
    spark: "SparkSession", classify: "Callable[..., Column]", texts: list[str]
) -> None:
    assert len(texts) > 250
    tweets = table(spark, list(texts))
    assert tweets.rdd.getNumPartitions() == PARTITIONS
    rows = tweets.withColumn("answer", classify("text")).collect()
    check(rows, texts)
    assert len({row.answer.label for row in rows}) == 2


def test_a_missing_text_has_no_answer(
    spark: "SparkSession", classify: "Callable[..., Column]", texts: list[str]
) -> None:
    """As docs/scoring.md has it: the model is given an empty text, and what it says of that is left out."""
    from pyspark.sql.functions import coalesce, col, lit, when

    gaps: list[str | None] = [None if number % 5 == 0 else text for number, text in enumerate(texts)]
    answer = when(col("text").isNotNull(), classify(coalesce("text", lit(""))))
    rows = sorted(table(spark, gaps).withColumn("answer", answer).collect(), key=lambda row: row.id)
    assert [row.text for row in rows] == gaps
    assert all((row.answer is None) == (row.text is None) for row in rows)
    whole = table(spark, list(texts)).withColumn("answer", classify("text")).collect()
    expected = {row.id: row.answer for row in whole}
    assert all(row.answer == expected[row.id] for row in rows if row.answer)
