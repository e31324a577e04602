"""What two models say of one text: the champion, as in a prediction, and the challenger that this worker has.

It leaves no prediction behind. The champion is asked in the queue of the predictions; the challenger, of which nobody
knows how slow it is, in a thread beside them, and its failure is no answer.
"""

import logging
from dataclasses import dataclass

from anyio.to_thread import run_sync

from inference.champion import ServedModel
from inference.decision import Classification
from inference.scoring import Scorer
from inference.shadow import Shadow

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answered:
    model: ServedModel
    given: Classification


class Comparing:
    def __init__(self, scorer: Scorer, shadow: Shadow) -> None:
        self._scorer = scorer
        self._shadow = shadow

    async def compare(self, text: str) -> tuple[Answered, Answered | None]:
        """The champion's answer, and the challenger's if there is one. Raises what a prediction raises."""
        scored = await self._scorer.score_one(text)
        champion = Answered(scored.model, scored.classifications[0])
        challenger = self._shadow.challenger
        # Promoted meanwhile, it is the champion until the registry is asked again.
        if challenger is None or challenger.classifier.digest == scored.model.classifier.digest:
            return champion, None
        return champion, await run_sync(answer_of, challenger, text)


def answer_of(model: ServedModel, text: str) -> Answered | None:
    try:
        [given] = model.classifier.predict_anew([text])
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic of the tokenizer's Rust code is no Exception
        given = None
    if given is None:
        logger.error("challenger_failed version=%s digest=%s", model.version, model.classifier.digest)
        return None
    return Answered(model, given)
