"""The model as MLflow runs it: one file around the bundle's three, logged as it stands ("models from code").

It may import third-party packages only, because it travels alone: `mlflow models serve`, Spark and Ray run it where
this repository is absent. The trainer evaluates with this same class, so what is measured is what is served.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel
from tokenizers import Tokenizer

# Tweets of like length are scored together in chunks of this size: padding costs more than it saves beyond it.
CHUNK = 64


def negative_share(probabilities: npt.NDArray[np.float32], labels: Sequence[str]) -> npt.NDArray[np.float64]:
    """Negative's share of what it and its strongest rival have together: what is compared with the threshold. # (n,)"""
    negative = labels.index("negative")
    p_negative = probabilities[:, negative].astype(np.float64)
    rival = np.delete(probabilities, negative, axis=1).max(axis=1).astype(np.float64)
    share: npt.NDArray[np.float64] = p_negative / (p_negative + rival)
    return share


class Classifier:
    """A bundle folder in memory: raw texts in, probabilities out."""

    def __init__(self, folder: Path) -> None:
        card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        self.labels: list[str] = card["labels"]
        self.threshold: float = card["threshold"]
        self.abstain_band: tuple[float, float] = tuple(card["abstain_band"])
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()  # rows are padded here, per chunk
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = ort.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Calibrated probabilities, shape (texts, labels), in the order of `texts` and `labels`."""
        rows = [encoding.ids for encoding in self.tokenizer.encode_batch_fast(list(texts))]
        by_length = sorted(range(len(rows)), key=lambda index: len(rows[index]))
        answer = np.empty((len(rows), len(self.labels)), dtype=np.float32)
        for start in range(0, len(rows), CHUNK):
            chunk = by_length[start : start + CHUNK]
            token_ids = np.zeros((len(chunk), max(1, len(rows[chunk[-1]]))), dtype=np.int64)  # 0 pads
            for row, index in enumerate(chunk):
                token_ids[row, : len(rows[index])] = rows[index]
            answer[chunk] = self._session.run(["probabilities"], {"token_ids": token_ids})[0]
        return answer

    def decide(self, probabilities: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Label index and abstention of each row.

        What decides is negative's share of what it and the most probable other label have together, which with two
        labels is its probability. From the threshold on a row is negative; inside the band, ends included, it abstains.
        """
        negative = self.labels.index("negative")
        others = probabilities.copy()
        others[:, negative] = -1
        share = negative_share(probabilities, self.labels)
        chosen = np.where(share >= self.threshold, negative, others.argmax(axis=1)).astype(np.int64)
        low, high = self.abstain_band
        return chosen, (share >= low) & (share <= high)


class ServedModel(PythonModel):
    """The pyfunc around a classifier: a list of texts in, a table of label, `p_<label>` and `abstained` out."""

    def load_context(self, context: Any) -> None:
        self.classifier = Classifier(Path(context.artifacts["bundle"]))

    def predict(self, context: Any, model_input: list[str], params: dict[str, Any] | None = None) -> pd.DataFrame:
        probabilities = self.classifier.probabilities(model_input)
        chosen, abstained = self.classifier.decide(probabilities)
        table = pd.DataFrame({"label": [self.classifier.labels[index] for index in chosen]})
        for column, label in enumerate(self.classifier.labels):
            table[f"p_{label}"] = probabilities[:, column].astype(float)
        return table.assign(abstained=abstained)


set_model(ServedModel())
