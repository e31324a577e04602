"""A transformer's graph with its products in INT8: smaller by three quarters, and twice as fast on a CPU.

Plain dynamic quantization turns one label in a hundred, because a few inputs of each product are twenty times larger
than the rest and take the eight bits for themselves. So they are made smaller before the product and their weights
larger, which changes nothing (SmoothQuant, Xiao et al. 2022, arXiv 2211.10438), and the products whose inputs are the
most uneven stay in float32.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from trainer.candidates.batching import by_length, padded
from trainer.candidates.recurrent_graph import quantize_rows

Peaks = Mapping[str, npt.NDArray[np.float32]]  # the largest size of each input of a product, by the tensor's name

# How much of the unevenness moves from the inputs to the weights.
MIGRATION = 0.8
SCORING_BATCH = 32
SMALLEST = 1e-4
# Tables shorter than this (positions, token types) are not worth two more nodes.
ROWS_WORTH_ROUNDING = 5_000


def quantize(graph: onnx.ModelProto, peaks: Peaks, *, left_out: int) -> onnx.ModelProto:
    """The graph with all products of weights in INT8 but for the `left_out` ones with the most uneven inputs."""
    uneven = sorted(peaks, key=lambda name: float(peaks[name].max() / np.median(peaks[name])), reverse=True)
    kept = {node.name for node in products(graph) if node.input[0] in uneven[:left_out]}
    with TemporaryDirectory() as folder:
        smooth, small = Path(folder, "smooth.onnx"), Path(folder, "small.onnx")
        onnx.save(smoothed(graph, peaks), smooth)
        quantize_dynamic(
            smooth,
            small,
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=sorted(kept),
        )
        return with_rounded_tables(onnx.load(small))


def products(graph: onnx.ModelProto) -> Iterator[onnx.NodeProto]:
    """The products of something computed with a matrix of weights."""
    constants = {tensor.name for tensor in graph.graph.initializer}
    return (node for node in graph.graph.node if node.op_type == "MatMul" and node.input[1] in constants)


def measure_peaks(graph: onnx.ModelProto, rows: Sequence[Sequence[int]]) -> Peaks:
    """What the inputs of the products reach at most on these rows of token ids; each (inputs,)."""
    names = sorted({node.input[0] for node in products(graph)})
    watched = onnx.ModelProto()
    watched.CopyFrom(graph)
    watched.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    peaks: dict[str, npt.NDArray[np.float32]] = {}
    for batch in by_length([len(row) for row in rows], SCORING_BATCH):
        values = session.run(names, {"token_ids": padded([rows[row] for row in batch])})
        for name, value in zip(names, values, strict=True):
            largest = np.abs(value).reshape(-1, value.shape[-1]).max(axis=0)
            peaks[name] = np.maximum(peaks.get(name, largest), largest)
    return peaks


def smoothed(graph: onnx.ModelProto, peaks: Peaks) -> onnx.ModelProto:
    """The same function, the inputs of its products being even: divided before, and the weights multiplied."""
    copy = onnx.ModelProto()
    copy.CopyFrom(graph)
    weights = {tensor.name: tensor for tensor in copy.graph.initializer}
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in products(copy):
        readers.setdefault(node.input[0], []).append(node)
    nodes: list[onnx.NodeProto] = []
    for node in copy.graph.node:
        name = node.input[0] if node.input else ""
        if any(node is reader for reader in readers.get(name, [])[:1]):
            divisors = divisors_for(peaks[name], [numpy_helper.to_array(weights[r.input[1]]) for r in readers[name]])
            copy.graph.initializer.append(numpy_helper.from_array(1 / divisors, f"{name}_shrinking"))
            nodes.append(helper.make_node("Mul", [name, f"{name}_shrinking"], [f"{name}_even"]))
            for reader in readers[name]:
                matrix = weights[reader.input[1]]
                larger = numpy_helper.to_array(matrix) * divisors[:, None]
                matrix.CopyFrom(numpy_helper.from_array(larger, matrix.name))
        nodes.append(node)
    for name, several in readers.items():
        for reader in several:
            reader.input[0] = f"{name}_even"
    kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del copy.graph.node[:]
    copy.graph.node.extend(kept)
    return copy


def divisors_for(
    peaks: npt.NDArray[np.float32], matrices: Sequence[npt.NDArray[np.float32]]
) -> npt.NDArray[np.float32]:
    """What each input is divided by, (inputs,); `matrices` are (inputs, outputs) and share the input."""
    heaviest = np.max([np.abs(matrix).max(axis=1) for matrix in matrices], axis=0).clip(SMALLEST)
    divisors = peaks.clip(SMALLEST) ** MIGRATION / heaviest ** (1 - MIGRATION)
    even: npt.NDArray[np.float32] = np.clip(divisors / np.median(divisors), 1e-2, 1e3).astype(np.float32)
    return even


def with_rounded_tables(graph: onnx.ModelProto) -> onnx.ModelProto:
    """Long tables of vectors in eight bits, each row with its own scale."""
    tables = {
        tensor.name: tensor
        for tensor in graph.graph.initializer
        if tensor.data_type == TensorProto.FLOAT and len(tensor.dims) == 2 and tensor.dims[0] >= ROWS_WORTH_ROUNDING
    }
    nodes: list[onnx.NodeProto] = []
    for node in graph.graph.node:
        if node.op_type != "Gather" or node.input[0] not in tables:
            nodes.append(onnx.NodeProto.FromString(node.SerializeToString()))
            continue
        table, ids, vectors = node.input[0], node.input[1], node.output[0]
        rounded, scales = quantize_rows(numpy_helper.to_array(tables[table]))
        graph.graph.initializer.extend(
            [numpy_helper.from_array(rounded, f"{table}_rounded"), numpy_helper.from_array(scales, f"{table}_scales")]
        )
        graph.graph.initializer.remove(tables[table])
        nodes += [
            helper.make_node("Gather", [f"{table}_rounded", ids], [f"{vectors}_rounded"]),
            helper.make_node("Cast", [f"{vectors}_rounded"], [f"{vectors}_unscaled"], to=TensorProto.FLOAT),
            helper.make_node("Gather", [f"{table}_scales", ids], [f"{vectors}_scales"]),
            helper.make_node("Mul", [f"{vectors}_unscaled", f"{vectors}_scales"], [vectors]),
        ]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    return graph
