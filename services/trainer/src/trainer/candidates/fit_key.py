"""A name for a fit by all that it starts from, so that no fit goes on from the checkpoints of another one."""

from hashlib import sha256

import numpy as np
import numpy.typing as npt

LENGTH = 12


def fit_key(*parts: str | npt.NDArray[np.float32] | None) -> str:
    """A digest of texts (a recipe, a tokenizer) and arrays (vectors, targets), in their order; None is nothing."""
    digest = sha256()
    for part in parts:
        content = b"" if part is None else part.encode() if isinstance(part, str) else part.tobytes()
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()[:LENGTH]
