"""A bundle of fewer labels out of one of more, so that what neutral tweets teach serves those who ask for two labels.

    trainer train bert --dataset sentiment140+us_airline:6+semeval:2 --labels negative,neutral,positive
    trainer narrow var/bundles/bert --dataset sentiment140+us_airline:6+semeval:2 --output var/bundles/bert_binary

A tweet's probabilities become those of the labels that are left, given that it has one of them.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import mlflow
import numpy as np
import numpy.typing as npt
import onnx
from mlflow import MlflowClient
from onnx import helper, numpy_helper
from tokenizers import Tokenizer

from trainer.bundle import Bundle, BundleRefused, write_bundle
from trainer.calibration import fit_temperature
from trainer.candidates.protocol import Parameter
from trainer.dataset import Dataset
from trainer.fit_record import read_record
from trainer.settings import Settings
from trainer.test_sets import TestSet
from trainer.training import Training, all_tests, hand_in, measure

# Of a probability, so that it has a logarithm.
LEAST = 1e-9


def narrow(
    source: Bundle,
    dataset: Dataset,
    test_sets: Iterable[TestSet],
    client: MlflowClient,
    settings: Settings,
    *,
    folder: Path,
    command: str,
) -> Training:
    """The source with the dataset's labels only, calibrated and with a threshold of its own; logged and registered."""
    columns = columns_of(dataset.labels, source)
    with mlflow.start_run(run_name=f"{source.card.name}, {len(columns)} labels") as run:
        probabilities = source.classifier.probabilities(dataset.validation.texts)
        temperature = fit_temperature(log_of(probabilities[:, columns]), dataset.validation.labels)
        bundle = write_bundle(
            folder,
            name=source.card.name,
            labels=dataset.labels,
            tokenizer=Tokenizer.from_file(str(source.folder / "tokenizer.json")),
            graph=narrow_graph(onnx.load(source.folder / "model.onnx"), columns, temperature),
            command=f"{source.card.command} && {command}",
            dataset=source.card.dataset,
        )
        parameters: dict[str, Parameter] = {"narrowed": source.digest, "temperature": round(temperature, 4)}
        record = read_record(source.folder)
        tests = all_tests(dataset, test_sets)
        bundle, evaluations = measure(bundle, dataset, tests, settings, parameters=parameters, record=record)
    return hand_in(bundle, evaluations, tests, client, settings, run_id=run.info.run_id, record=record)


def columns_of(labels: Sequence[str], source: Bundle) -> list[int]:
    """Where the source has these labels. Raises BundleRefused where it lacks one, or has no other."""
    known = source.card.labels
    if not set(labels) < set(known):
        raise BundleRefused(f"{source.folder} knows {', '.join(known)}: {', '.join(labels)} are not some of them")
    return [known.index(label) for label in labels]


def log_of(probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """(tweets, labels)"""
    return np.log(np.maximum(probabilities.astype(np.float64), LEAST))


def narrow_graph(graph: onnx.ModelProto, columns: Sequence[int], temperature: float) -> onnx.ModelProto:
    """The graph with `softmax(log(probabilities of these columns) / temperature)` behind it."""
    narrowed = onnx.ModelProto()
    narrowed.CopyFrom(graph)
    inner = narrowed.graph
    for node in inner.node:
        node.output[:] = ["all_probabilities" if name == "probabilities" else name for name in node.output]
    inner.initializer.extend(
        [
            numpy_helper.from_array(np.array(columns, np.int64), "narrow_columns"),
            numpy_helper.from_array(np.array(LEAST, np.float32), "narrow_least"),
            numpy_helper.from_array(np.array(temperature, np.float32), "narrow_temperature"),
        ]
    )
    inner.node.extend(
        [
            helper.make_node("Gather", ["all_probabilities", "narrow_columns"], ["narrow_kept"], axis=1),
            helper.make_node("Max", ["narrow_kept", "narrow_least"], ["narrow_possible"]),
            helper.make_node("Log", ["narrow_possible"], ["narrow_logs"]),
            helper.make_node("Div", ["narrow_logs", "narrow_temperature"], ["narrow_logits"]),
            helper.make_node("Softmax", ["narrow_logits"], ["probabilities"], axis=1),
        ]
    )
    inner.output[0].type.tensor_type.shape.dim[1].dim_value = len(columns)
    onnx.checker.check_model(narrowed)
    return narrowed
