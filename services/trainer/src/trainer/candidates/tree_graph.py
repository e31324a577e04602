"""Trees over phrases as an ONNX graph: `TfIdfVectorizer` counts, one `TreeEnsemble` of ai.onnx.ml adds up the leaves.

Every node of these trees asks one thing: does the tweet hold this phrase? The candidates bring scikit-learn's and
XGBoost's trees to that form. In the graph a count of one half at most means no.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from trainer.candidates.phrases import counting_node, in_graph_order

# Version 5 of ai.onnx.ml keeps trees in tensors, in half the bytes of the versions before; it asks for IR version 10.
OPSET, TREES_OPSET, IR_VERSION = 17, 5, 10
LEAF = -1
LESS_OR_EQUAL = 0  # one of TreeEnsemble's modes
# The least share of the votes: no forest is surer than that, and zero has no logarithm.
FLOOR = 1e-3

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tree:
    """Nodes of one tree or of several, each followed by one of two others; a leaf asks for no phrase and adds a value.

    All arrays are (nodes,), `roots` is (trees,).
    """

    phrases: Ints  # the phrase asked for, or LEAF
    absent: Ints  # the node that follows where the tweet has no such phrase
    present: Ints
    values: Floats  # of a leaf
    columns: Ints  # the sum that a leaf adds to
    roots: Ints


def build_tree_graph(
    phrases: Sequence[Sequence[int]], trees: Sequence[Tree], *, temperature: float, are_votes: bool
) -> onnx.ModelProto:
    """Graph of `softmax(logits / temperature)`; phrases that no tree asks for are left out.

    `phrases`: token ids of each, one or two long. What the leaves add up to are logits, or with `are_votes` shares
    whose logarithms are. One column of sums means two labels, its log-odds or share belonging to the second.
    """
    forest = side_by_side([with_a_question(tree) for tree in trees])
    order = in_graph_order(phrases, np.unique(forest.phrases[forest.phrases != LEAF]).tolist())
    coordinate_of = np.zeros(len(phrases), dtype=np.int64)
    coordinate_of[order] = np.arange(len(order))
    columns = int(forest.columns.max()) + 1
    head, tensors = head_nodes(columns, temperature, are_votes=are_votes)
    graph = helper.make_graph(
        [
            counting_node([phrases[index] for index in order], range(len(order)), name="counts"),
            ensemble_node(forest, coordinate_of, columns=columns),
            *head,
        ],
        "tfidf_trees",
        [helper.make_tensor_value_info("token_ids", TensorProto.INT64, ["batch", "tokens"])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", max(2, columns)])],
        tensors,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", TREES_OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return model


def with_a_question(tree: Tree) -> Tree:
    """A tree that is a leaf alone is given a question whose answers are the same: ONNX knows no other way."""
    if tree.phrases[0] != LEAF:
        return tree
    ones = np.array([1, 1])
    return Tree(np.array([0, LEAF]), ones, ones, tree.values.repeat(2), tree.columns.repeat(2), tree.roots)


def side_by_side(trees: Sequence[Tree]) -> Tree:
    """All nodes end to end, numbered anew."""
    sizes = [len(tree.phrases) for tree in trees]
    starts = np.cumsum([0, *sizes[:-1]])
    return Tree(
        phrases=np.concatenate([tree.phrases for tree in trees]),
        absent=np.concatenate([tree.absent + start for tree, start in zip(trees, starts, strict=True)]),
        present=np.concatenate([tree.present + start for tree, start in zip(trees, starts, strict=True)]),
        values=np.concatenate([tree.values for tree in trees]),
        columns=np.concatenate([tree.columns for tree in trees]),
        roots=np.concatenate([tree.roots + start for tree, start in zip(trees, starts, strict=True)]),
    )


def ensemble_node(forest: Tree, coordinate_of: Ints, *, columns: int) -> NodeProto:
    """`counts` (batch, coordinates) to `sums` (batch, columns). ONNX numbers questions and leaves apart."""
    is_leaf = forest.phrases == LEAF
    number = np.where(is_leaf, is_leaf.cumsum(), (~is_leaf).cumsum()) - 1
    questions = ~is_leaf
    absent, present = forest.absent[questions], forest.present[questions]
    count = int(questions.sum())
    return helper.make_node(
        "TreeEnsemble",
        ["counts"],
        ["sums"],
        domain="ai.onnx.ml",
        n_targets=columns,
        tree_roots=number[forest.roots].tolist(),
        nodes_featureids=coordinate_of[forest.phrases[questions]].tolist(),
        nodes_modes=numpy_helper.from_array(np.full(count, LESS_OR_EQUAL, dtype=np.uint8)),
        nodes_splits=numpy_helper.from_array(np.full(count, 0.5, dtype=np.float32)),
        nodes_truenodeids=number[absent].tolist(),
        nodes_trueleafs=is_leaf[absent].astype(int).tolist(),
        nodes_falsenodeids=number[present].tolist(),
        nodes_falseleafs=is_leaf[present].astype(int).tolist(),
        leaf_targetids=forest.columns[is_leaf].tolist(),
        leaf_weights=numpy_helper.from_array(forest.values[is_leaf].astype(np.float32)),
    )


def head_nodes(columns: int, temperature: float, *, are_votes: bool) -> tuple[list[NodeProto], list[TensorProto]]:
    """From `sums` (batch, columns) to `probabilities` (batch, labels), with the constants that they need."""
    # One column: softmax(-z/2, z/2) is the sigmoid of z, and the first label's share is what the second's leaves.
    sign = 1.0 if are_votes else 0.5
    signs = np.array([[-sign, sign]]) if columns == 1 else np.eye(columns)
    offset = np.array([1.0, 0.0]) if are_votes and columns == 1 else np.zeros(len(signs[0]))
    constants = {"signs": signs, "offset": offset, "temperature": np.array(temperature), "floor": np.array(FLOOR)}
    nodes = [helper.make_node("Gemm", ["sums", "signs", "offset"], ["shares" if are_votes else "logits"])]
    if are_votes:
        nodes += [
            helper.make_node("Max", ["shares", "floor"], ["votes"]),
            helper.make_node("Log", ["votes"], ["logits"]),
        ]
    nodes += [
        helper.make_node("Div", ["logits", "temperature"], ["tempered"]),
        helper.make_node("Softmax", ["tempered"], ["probabilities"], axis=1),
    ]
    read = {name for node in nodes for name in node.input}
    tensors = [numpy_helper.from_array(v.astype(np.float32), name) for name, v in constants.items() if name in read]
    return nodes, tensors
