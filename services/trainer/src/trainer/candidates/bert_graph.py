"""A fine-tuned encoder as an ONNX graph: token ids in, probabilities out, in INT8 where that changes little."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sklearn.metrics import f1_score
from transformers import PreTrainedModel

from trainer.candidates.batching import by_length, padded
from trainer.candidates.protocol import Parameter

OPSET = 18
SCORING_BATCH = 64
# INT8 is kept where it gives the label of float32 to at least this share of tweets and costs at most so much macro-F1.
LEAST_AGREEMENT, MOST_F1_LOST = 0.995, 0.005


class TokenIdsToProbabilities(torch.nn.Module):  # type: ignore[misc]
    """The network with the attention mask computed inside: a bundle's graph has one input."""

    def __init__(self, network: PreTrainedModel) -> None:
        super().__init__()
        self.network = network

    def forward(self, token_ids: torch.Tensor) -> torch.Tensor:
        logits = self.network(input_ids=token_ids, attention_mask=(token_ids != 0).long()).logits
        return torch.softmax(logits.float(), dim=-1)


def build_graph(network: PreTrainedModel) -> onnx.ModelProto:
    """The float32 graph."""
    model = TokenIdsToProbabilities(network.eval())
    example = torch.randint(1, 100, (2, 7))
    program = torch.onnx.export(
        model,
        (example,),
        input_names=["token_ids"],
        output_names=["probabilities"],
        dynamic_shapes={"token_ids": {0: torch.export.Dim("batch"), 1: torch.export.Dim("tokens", max=512)}},
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    graph: onnx.ModelProto = program.model_proto
    return graph


def choose_precision(
    graph: onnx.ModelProto, rows: Sequence[Sequence[int]], labels: npt.NDArray[np.int64]
) -> tuple[onnx.ModelProto, dict[str, Parameter]]:
    """INT8 weights if they hold on these validation tweets, else the graph as it is; and what was measured."""
    small = quantized(graph)
    exact, rough = (run(each, rows).argmax(axis=1) for each in (graph, small))
    agreement = float((exact == rough).mean())
    f1_lost = f1_score(labels, exact, average="macro") - f1_score(labels, rough, average="macro")
    holds = agreement >= LEAST_AGREEMENT and f1_lost <= MOST_F1_LOST
    figures: dict[str, Parameter] = {
        "precision": "int8" if holds else "float32",
        "int8_agreement": round(agreement, 4),
        "int8_f1_lost": round(float(f1_lost), 4),
    }
    return (small if holds else graph), figures


def quantized(graph: onnx.ModelProto) -> onnx.ModelProto:
    """Weights in INT8, one scale a column; activations are scaled as they come (dynamic quantization)."""
    with TemporaryDirectory() as folder:
        exact, small = Path(folder, "exact.onnx"), Path(folder, "small.onnx")
        onnx.save(graph, exact)
        quantize_dynamic(exact, small, per_channel=True, weight_type=QuantType.QInt8)
        return onnx.load(small)


def run(graph: onnx.ModelProto, rows: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
    """Probabilities (rows, labels) from the graph."""
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    answer: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]] = []
    for batch in by_length([len(row) for row in rows], SCORING_BATCH):
        answer.append((batch, session.run(["probabilities"], {"token_ids": padded([rows[row] for row in batch])})[0]))
    probabilities = np.zeros((len(rows), answer[0][1].shape[1]), dtype=np.float32)
    for batch, scored in answer:
        probabilities[batch] = scored
    return probabilities
