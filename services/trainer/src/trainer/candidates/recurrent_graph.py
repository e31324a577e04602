"""A recurrent network as an ONNX graph: Keras's weights in ONNX's own `GRU` or `LSTM` operator.

Keras exports its own loop over time steps, which is ten times slower (docs/decisions/0007). The operators differ in the
order of their gates and in how they keep their biases, and in nothing else.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 9

Weights = npt.NDArray[np.float32]
# The place of ONNX's gates among Keras's: ONNX has z, r, h and i, o, f, c; Keras z, r, h and i, f, c, o.
GATES = {"GRU": (0, 1, 2), "LSTM": (0, 3, 1, 2)}


def onnx_gates(weights: Weights, cell: str) -> Weights:
    """Keras's (inputs, gates * units), or a bias (gates * units,), with the gates in ONNX's order, inputs last."""
    gates = GATES[cell]
    parts = np.split(weights, len(gates), axis=-1)
    return np.concatenate([parts[gate] for gate in gates], axis=-1).T


def direction(weights: list[Weights], cell: str) -> tuple[Weights, Weights, Weights]:
    """W (gates * units, inputs), R (gates * units, units) and B (2 * gates * units,) of one direction."""
    kernel, recurrent_kernel, bias = weights
    if cell == "GRU":  # one bias for the input and one for the state: Keras's `reset_after`
        biases = np.concatenate([onnx_gates(bias[0], cell), onnx_gates(bias[1], cell)])
    else:
        one = onnx_gates(bias, cell)
        biases = np.concatenate([one, np.zeros_like(one)])
    return onnx_gates(kernel, cell), onnx_gates(recurrent_kernel, cell), biases


def quantize_rows(vectors: Weights) -> tuple[npt.NDArray[np.int8], Weights]:
    """Each row in eight bits, and its scale (rows, 1): a quarter of the bundle for a thousandth of a probability."""
    scales = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-8).astype(np.float32) / np.float32(127)
    return np.round(vectors / scales).astype(np.int8), scales


def dequantize_rows(rounded: npt.NDArray[np.int8], scales: Weights) -> Weights:
    return rounded.astype(np.float32) * scales


def build_recurrent_graph(weights: Mapping[str, list[Weights]], cell: str) -> onnx.ModelProto:
    """Graph of the network whose layers `embedding`, `forward`, `backward` and `logits` have these Keras weights."""
    (vectors,) = weights["embedding"]
    rounded, scales = quantize_rows(vectors)
    sides = [direction(weights[name], cell) for name in ("forward", "backward")]
    units = sides[0][1].shape[1]
    kernel, bias = weights["logits"]
    constants = {
        "vectors": rounded,
        "scales": scales,
        "W": np.stack([side[0] for side in sides]),
        "R": np.stack([side[1] for side in sides]),
        "B": np.stack([side[2] for side in sides]),
        "kernel": kernel,
        "bias": bias,
        "padding": np.array(0, dtype=np.int64),
        "one": np.array(1, dtype=np.float32),
        "two": np.array(2, dtype=np.float32),
        "first": np.array([0], dtype=np.int64),
        "sides": np.array([1, 3], dtype=np.int64),
        "flat": np.array([0, 4 * units], dtype=np.int64),
    }
    options = {"hidden_size": units, "direction": "bidirectional"} | (
        {"linear_before_reset": 1} if cell == "GRU" else {}
    )
    node = helper.make_node
    nodes = [
        # The operators want time first: (tokens, batch, …) from here on.
        node("Transpose", ["token_ids"], ["steps"], perm=[1, 0]),
        node("Gather", ["vectors", "steps"], ["rounded_words"]),
        node("Cast", ["rounded_words"], ["unscaled_words"], to=TensorProto.FLOAT),
        node("Gather", ["scales", "steps"], ["word_scales"]),
        node("Mul", ["unscaled_words", "word_scales"], ["words"]),
        node("Equal", ["steps", "padding"], ["is_padding"]),
        node("Not", ["is_padding"], ["is_word_bool"]),
        node("Cast", ["is_word_bool"], ["is_word"], to=TensorProto.FLOAT),
        node("ReduceSum", ["is_word", "first"], ["lengths"], keepdims=0),
        node("Cast", ["lengths"], ["sequence_lens"], to=TensorProto.INT32),
        node(cell, ["words", "W", "R", "B", "sequence_lens"], ["states"], **options),  # (tokens, 2, batch, units)
        # Padding's states are zero, so the sum needs no mask; for the maximum they are lowered to -2.
        node("ReduceSum", ["states", "first"], ["sum"], keepdims=0),
        node("Sub", ["is_word", "one"], ["minus_padding"]),
        node("Mul", ["minus_padding", "two"], ["lowering_flat"]),
        node("Unsqueeze", ["lowering_flat", "sides"], ["lowering"]),
        node("Add", ["states", "lowering"], ["lowered"]),
        node("ReduceMax", ["lowered"], ["most"], axes=[0], keepdims=0),
        node("Max", ["lengths", "one"], ["divisor_flat"]),
        node("Unsqueeze", ["divisor_flat", "divisor_axes"], ["divisor"]),
        node("Div", ["sum", "divisor"], ["mean"]),
        # (2, batch, units) twice to (batch, maximum forward and backward, mean forward and backward)
        node("Concat", ["most", "mean"], ["seen"], axis=0),
        node("Transpose", ["seen"], ["seen_by_tweet"], perm=[1, 0, 2]),
        node("Reshape", ["seen_by_tweet", "flat"], ["features"]),
        node("Gemm", ["features", "kernel", "bias"], ["logits"]),
        node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    constants["divisor_axes"] = np.array([0, 2], dtype=np.int64)
    graph = helper.make_graph(
        nodes,
        f"recurrent_{cell.lower()}",
        [helper.make_tensor_value_info("token_ids", TensorProto.INT64, ["batch", "tokens"])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", bias.shape[0]])],
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return model
