"""The prediction behind an id, though it was answered a moment ago and its row is still on its way."""

import asyncio
import time
from uuid import UUID

from inference.database import in_database
from inference.errors import UnknownPrediction
from inference.prediction_log import PredictionLog
from inference.store import Store, StoredPrediction

# Another machine brings its rows in several times a second; after this they are there, or never will be.
PATIENCE_SECONDS = 1.5
PAUSE_SECONDS = 0.1


async def find_prediction(given: str, store: Store, log: PredictionLog) -> StoredPrediction:
    """Raises UnknownPrediction, at once where the id is not of the last moments."""
    prediction_id = parse_prediction_id(given)
    has_caught_up = False
    while True:
        try:
            return await in_database(store.read_prediction, prediction_id)
        except UnknownPrediction:
            if not 0 <= age_of(prediction_id) <= PATIENCE_SECONDS and has_caught_up:
                raise
        if has_caught_up:
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            await log.catch_up()
            has_caught_up = True


def parse_prediction_id(prediction_id: str) -> UUID:
    try:
        return UUID(prediction_id)
    except ValueError:
        raise UnknownPrediction from None


def age_of(prediction_id: UUID) -> float:
    """Seconds since it was made: an id of ours, a UUID of version 7, begins with its time in milliseconds."""
    return time.time() - (prediction_id.int >> 80) / 1000
