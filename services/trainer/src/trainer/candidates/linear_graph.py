"""A linear model over phrases as an ONNX graph: ONNX's `TfIdfVectorizer` counts, one small product scores.

`TfIdfVectorizer` maps each phrase to a coordinate of its output. Phrases with the same weight share a coordinate
here, so the output is as long as there are different weights, not phrases: a histogram of the weights in a tweet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from trainer.candidates.phrases import counting_node, in_graph_order

OPSET = 17
IR_VERSION = 9


@dataclass(frozen=True)
class Added:
    """Weights that count as well, in tweets that hold a token."""

    token_id: int
    weights: npt.NDArray[np.float64]  # (phrases, columns)


def build_linear_graph(
    phrases: Sequence[Sequence[int]],
    weights: npt.NDArray[np.float64],
    intercept: npt.NDArray[np.float64],
    *,
    grid: int,
    added: Added | None = None,
) -> onnx.ModelProto:
    """Graph of `softmax(sum of the weights of a tweet's phrases + intercept)`.

    `phrases`: token ids of each phrase, one or two long. `weights`: (phrases, columns) on the grid of 1/`grid`;
    `intercept`: (columns,). One column means two labels, its log-odds belonging to the second.
    """
    nodes, tensors, sums = sum_nodes(phrases, weights, grid=grid, name="sum")
    if added is not None:
        more, more_tensors, more_sums = sum_nodes(phrases, added.weights, grid=grid, name="added")
        nodes += more + [
            counting_node([[added.token_id]], [0], name="token_count"),
            helper.make_node("Min", ["token_count", "one"], ["has_token"]),
        ]
        tensors += [*more_tensors, numpy_helper.from_array(np.ones(1, np.float32), "one")]
        for total, extra in zip(list(sums), more_sums, strict=True):
            nodes += [
                helper.make_node("Mul", [extra, "has_token"], [f"{extra}_if_any"]),
                helper.make_node("Add", [total, f"{extra}_if_any"], [f"{total}_in_all"]),
            ]
        sums = [f"{total}_in_all" for total in sums]
    signs = np.array([[-0.5, 0.5]]) if len(sums) == 1 else np.eye(len(sums))  # softmax(-z/2, z/2) = sigmoid(z)
    tensors += [
        numpy_helper.from_array(signs.astype(np.float32), "signs"),
        numpy_helper.from_array((intercept @ signs).astype(np.float32), "intercept"),
    ]
    nodes += [
        helper.make_node("Concat", sums, ["sums"], axis=1),
        helper.make_node("Gemm", ["sums", "signs", "intercept"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tfidf_linear",
        [helper.make_tensor_value_info("token_ids", TensorProto.INT64, ["batch", "tokens"])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", signs.shape[1]])],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return model


def sum_nodes(
    phrases: Sequence[Sequence[int]], weights: npt.NDArray[np.float64], *, grid: int, name: str
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto], list[str]]:
    """Nodes that sum the weights (phrases, columns) of a tweet's phrases, their tensors, and each column's sum."""
    steps = np.round(weights * grid).astype(np.int64)
    nodes, tensors, sums = [], [], [f"{name}_{column}" for column in range(weights.shape[1])]
    for column, total in enumerate(sums):
        node, points = histogram_node(phrases, steps[:, column], name=f"{total}_counts")
        tensors.append(numpy_helper.from_array((points / grid).astype(np.float32)[:, None], f"{total}_weights"))
        nodes += [node, helper.make_node("MatMul", [f"{total}_counts", f"{total}_weights"], [total])]
    return nodes, tensors, sums


def histogram_node(
    phrases: Sequence[Sequence[int]], steps: npt.NDArray[np.int64], *, name: str
) -> tuple[onnx.NodeProto, npt.NDArray[np.int64]]:
    """The counting node and the grid points, in steps, that its output coordinates stand for.

    Phrases of weight zero change no sum and are left out; a model without any keeps one, so that the node is valid.
    """
    kept: list[int] = np.flatnonzero(steps).tolist() or [0]
    order = in_graph_order(phrases, kept)
    points, coordinates = np.unique(steps[order], return_inverse=True)
    return counting_node([phrases[index] for index in order], coordinates.tolist(), name=name), points
