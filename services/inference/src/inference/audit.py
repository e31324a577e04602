"""Which predictions people are asked to judge whatever others say of them: a share drawn by lot.

Who clicks, clicks on what annoys: the share of rejections among clicks says little about the model. Among those drawn
by lot it does, once they are judged.
"""

from hashlib import blake2b
from uuid import UUID


def is_audited(prediction_id: UUID, share: float) -> bool:
    """Told from the id alone, so that every worker, and whoever asks later, draws the same lot."""
    return lot_of(prediction_id) < share * 2**64


def lot_of(prediction_id: UUID) -> int:
    """Below 2**64. In this order they are shown: by time, or by text, those that are never reached would be alike."""
    return int.from_bytes(blake2b(prediction_id.bytes, digest_size=8).digest(), "big")
