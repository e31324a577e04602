"""The way back from a recurrent bundle to its network: the weights of `model.onnx` as Keras has them.

What recurrent_graph.py did is undone, and so is what narrowing.py put behind it. The network then gives the
probabilities of the bundle, and can go on learning from where it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
import onnx
from onnx import numpy_helper

from trainer.bundle import Bundle
from trainer.candidates.recurrent_graph import GATES, Weights, dequantize_rows
from trainer.errors import TrainerError

if TYPE_CHECKING:
    import keras

    from trainer.candidates.recurrent_network import Cell

CONSTANTS = frozenset({"vectors", "scales", "W", "R", "B", "kernel", "bias"})
NARROWING = frozenset({"narrow_columns", "narrow_temperature"})


@dataclass(frozen=True)
class RecurrentWeights:
    """`layers`: weights of `embedding`, `forward`, `backward` and `logits` as Keras has them."""

    cell: "Cell"
    layers: Mapping[str, list[Weights]]

    @property
    def words(self) -> int:
        return int(self.layers["embedding"][0].shape[0])

    @property
    def embedding_size(self) -> int:
        return int(self.layers["embedding"][0].shape[1])

    @property
    def units(self) -> int:
        return int(self.layers["forward"][1].shape[0])

    @property
    def labels(self) -> int:
        return int(self.layers["logits"][1].shape[0])


def is_recurrent(bundle: Bundle) -> bool:
    return cell_of(onnx.load(bundle.folder / "model.onnx")) is not None


def cell_of(graph: onnx.ModelProto) -> "Cell | None":
    """GRU or LSTM, if the graph is one that recurrent_graph.py writes, narrowed or not; None for any other."""
    cells = [node.op_type for node in graph.graph.node if node.op_type in GATES]
    names = {constant.name for constant in graph.graph.initializer}
    return cast("Cell", cells[0]) if len(cells) == 1 and names >= CONSTANTS else None


def read_weights(bundle: Bundle) -> RecurrentWeights:
    """The weights of a recurrent bundle; of one that was narrowed, those of a network with the labels that are left.

    Raises TrainerError where the bundle is of another family.
    """
    graph = onnx.load(bundle.folder / "model.onnx")
    cell = cell_of(graph)
    if cell is None:
        raise TrainerError(
            f"{bundle.folder}: {bundle.card.name} is no recurrent network: it has no weights to go on from"
        )
    constants = {constant.name: numpy_helper.to_array(constant) for constant in graph.graph.initializer}
    forward, backward = (
        keras_direction(constants["W"][side], constants["R"][side], constants["B"][side], cell) for side in range(2)
    )
    return RecurrentWeights(
        cell,
        {
            "embedding": [dequantize_rows(constants["vectors"], constants["scales"])],
            "forward": forward,
            "backward": backward,
            "logits": head(constants),
        },
    )


def restore(network: "keras.Model", weights: RecurrentWeights) -> None:
    """Give a network of recurrent_network.py these weights in the place of its own."""
    from trainer.candidates.recurrent_network import weighted_layers

    for name, layer in weighted_layers(network).items():
        layer.set_weights(weights.layers[name])


def with_more_words(weights: RecurrentWeights, words: int, *, like: int) -> RecurrentWeights:
    """The weights of a vocabulary of so many words; the new ones have the vector of the word `like`, at first."""
    (vectors,) = weights.layers["embedding"]
    new = np.repeat(vectors[[like]], words - len(vectors), axis=0)
    return replace(weights, layers={**weights.layers, "embedding": [np.concatenate([vectors, new])]})


def keras_gates(weights: Weights, cell: str) -> Weights:
    """ONNX's (gates * units, inputs), or a bias (gates * units,), with the gates in Keras's order, inputs first."""
    parts = np.split(weights, len(GATES[cell]), axis=0)
    return np.concatenate([parts[gate] for gate in np.argsort(GATES[cell])], axis=0).T


def keras_direction(kernel: Weights, recurrent_kernel: Weights, biases: Weights, cell: str) -> list[Weights]:
    """Kernel (inputs, gates * units), recurrent kernel (units, gates * units) and bias of one direction."""
    of_input, of_state = (keras_gates(bias, cell) for bias in np.split(biases, 2))
    bias = np.stack([of_input, of_state]) if cell == "GRU" else of_input + of_state
    return [keras_gates(kernel, cell), keras_gates(recurrent_kernel, cell), bias]


def head(constants: Mapping[str, Weights]) -> list[Weights]:
    """Kernel (features, labels) and bias of the last layer.

    Narrowing takes the softmax of some labels' log-probabilities over a temperature. A softmax does not see what is
    the same for all labels, so the logits of these labels over the temperature give just the same.
    """
    layer = [constants["kernel"], constants["bias"]]
    if not constants.keys() >= NARROWING:
        return layer
    return [
        (part[..., constants["narrow_columns"]] / constants["narrow_temperature"]).astype(np.float32) for part in layer
    ]
