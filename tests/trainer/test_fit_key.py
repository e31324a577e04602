"""A fit goes on from its own checkpoints and no other's."""

import numpy as np

from trainer.candidates.fit_key import fit_key


def test_whatever_a_fit_starts_from_tells_it_from_others() -> None:
    taught, untaught = np.array([[0.3, 0.7]], dtype=np.float32), np.array([[0, 1]], dtype=np.float32)
    fits = [
        fit_key("recipe", "tokenizer", None, untaught),
        fit_key("recipe", "tokenizer", None, taught),
        fit_key("recipe", "tokenizer", taught, untaught),
        fit_key("recipe", "another tokenizer", None, untaught),
        fit_key("another recipe", "tokenizer", None, untaught),
        fit_key("recipetok", "enizer", None, untaught),
    ]
    assert len(set(fits)) == len(fits)
    assert fit_key("recipe", "tokenizer", None, untaught.copy()) == fits[0]
