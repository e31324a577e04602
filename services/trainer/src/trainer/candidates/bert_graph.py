"""A fine-tuned encoder as an ONNX graph: token ids in, probabilities out, in INT8 where that changes little."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from sklearn.metrics import f1_score
from transformers import PreTrainedModel

from trainer.candidates.batching import by_length, padded
from trainer.candidates.bert_quantization import measure_peaks, quantize
from trainer.candidates.protocol import Parameter

OPSET = 18
SCORING_BATCH = 64
# INT8 is kept where it gives the label of float32 to at least this share of tweets and costs at most so much macro-F1.
LEAST_AGREEMENT, MOST_F1_LOST = 0.995, 0.005
# Of its products MiniLM needs two in float32.
LEFT_OUT = (2, 4, 8)
MOST_TWEETS, TWEETS_TO_CALIBRATE = 4_000, 300


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
    model = TokenIdsToProbabilities(network).eval()
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
    """INT8 if it holds on these validation tweets, else the graph as it is; and what was measured.

    More and more products are left in float32 until it holds.
    """
    rows, labels = rows[:MOST_TWEETS], labels[:MOST_TWEETS]
    exact = run(graph, rows).argmax(axis=1)
    peaks = measure_peaks(graph, rows[:TWEETS_TO_CALIBRATE])
    figures: dict[str, Parameter] = {}
    for left_out in LEFT_OUT:
        small = quantize(graph, peaks, left_out=left_out)
        rough = run(small, rows).argmax(axis=1)
        agreement = float((exact == rough).mean())
        lost = float(f1_score(labels, exact, average="macro") - f1_score(labels, rough, average="macro"))
        figures = {"int8_agreement": round(agreement, 4), "int8_f1_lost": round(lost, 4), "float_products": left_out}
        if agreement >= LEAST_AGREEMENT and lost <= MOST_F1_LOST:
            return small, figures | {"precision": "int8"}
    return graph, figures | {"precision": "float32"}


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
