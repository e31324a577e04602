"""The two libraries behind a bundle: its tokenizer and its graph, built so that they can only do what is expected."""

from collections.abc import Iterator
from contextlib import contextmanager

import onnxruntime
from tokenizers import Tokenizer

from inference.bundle import GRAPH, TOKENIZER, Bundle
from inference.errors import BundleRefused, RefusalReason

INPUT = "token_ids"
OUTPUT = "probabilities"


@contextmanager
def refused_on_failure(message: str, reason: RefusalReason) -> Iterator[None]:
    """The libraries' errors share no base, and a panic of the tokenizer's Rust code is not even an Exception."""
    try:
        yield
    except (BundleRefused, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise BundleRefused(message, reason) from error


def build_tokenizer(bundle: Bundle) -> tuple[Tokenizer, int]:
    """The tokenizer, and the id with which shorter rows are filled: that is done where rows are brought together."""
    with refused_on_failure(f"{TOKENIZER} cannot be read", "tokenizer"):
        tokenizer = Tokenizer.from_buffer(bundle.tokenizer)
    cut = tokenizer.truncation
    if cut is None or cut["max_length"] > bundle.description.max_tokens or cut["stride"] >= cut["max_length"]:
        raise BundleRefused(f"{TOKENIZER} does not cut texts at max_tokens", "tokenizer")
    if tokenizer.padding is None:
        raise BundleRefused(f"{TOKENIZER} does not pad the texts of a batch", "tokenizer")
    padding_id: int = tokenizer.padding["pad_id"]
    tokenizer.no_padding()
    return tokenizer, padding_id


def build_session(bundle: Bundle) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # One thread each: workers and requests are the parallelism here.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Its arena keeps the most that was ever needed, for texts far longer than tweets; malloc is as fast here.
    options.enable_cpu_mem_arena = False
    with refused_on_failure(f"{GRAPH} cannot be read", "graph"):
        session = onnxruntime.InferenceSession(bundle.graph, options, providers=["CPUExecutionProvider"])
    inputs = [(node.name, node.type) for node in session.get_inputs()]
    if inputs != [(INPUT, "tensor(int64)")]:
        raise BundleRefused(f"{GRAPH} must have one int64 input {INPUT}", "graph")
    outputs = [(node.name, node.type) for node in session.get_outputs()]
    if outputs != [(OUTPUT, "tensor(float)")]:
        raise BundleRefused(f"{GRAPH} must have one float output {OUTPUT}", "graph")
    return session
