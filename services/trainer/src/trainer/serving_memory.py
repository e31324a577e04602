"""A process that serves a bundle and says how many megabytes it takes. It runs on its own, started by serving_cost.py.

    python -m trainer.serving_memory models/champion

It does what the API does for an answer and imports nothing else: MLflow and pandas, which served_model.py carries for
MLflow's sake, take more memory than any of the models.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from trainer.memory import resident_megabytes


def main(folder: Path) -> None:
    golden = json.loads((folder / "model.json").read_text(encoding="utf-8"))["golden"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    encodings = tokenizer.encode_batch_fast([tweet["text"] for tweet in golden])
    session.run(["probabilities"], {"token_ids": np.array([each.ids for each in encodings], dtype=np.int64)})
    sys.stdout.write(f"{resident_megabytes():.1f}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
