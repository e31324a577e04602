"""From texts to the bytes of an answer, and to the rows that remember it: the one way for single texts and batches."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from pydantic_core import to_json
from uuid_utils import uuid7

from inference.champion import ServedModel
from inference.decision import Classification
from inference.metrics import Metrics
from inference.prediction_log import PredictionLog
from inference.privacy import Privacy
from inference.rows import build_row
from inference.scoring import Outcome, Scored, Scorer
from inference.shadow import Shadow
from inference.telemetry.telemetry import Telemetry

# As the contract has them (schemas.PredictionAnswer): built as plain values, which costs a tenth of the models.
Answer = dict[str, object]


class Answering:
    def __init__(
        self,
        scorer: Scorer,
        log: PredictionLog,
        metrics: Metrics,
        privacy: Privacy,
        telemetry: Telemetry | None = None,
        shadow: Shadow | None = None,
    ) -> None:
        self._scorer = scorer
        self._log = log
        self._metrics = metrics
        self._privacy = privacy
        self._telemetry = telemetry
        self._shadow = shadow

    async def answer_one(self, text: str, author: str | None = None) -> bytes:
        return self.answer(text, await self._scorer.score_one(text), author)

    async def answer_batch(self, texts: Sequence[str], authors: Sequence[str | None] | None = None) -> bytes:
        scored = await self._scorer.score_batch(texts)
        return to_json({"predictions": self._note(texts, scored, authors or [None] * len(texts))})

    def ask(self, text: str, tell: Callable[[Outcome], None]) -> None:
        self._scorer.ask(text, tell)

    def answer(self, text: str, scored: Scored, author: str | None = None) -> bytes:
        return to_json(self._note([text], scored, [author])[0])

    def _note(self, texts: Sequence[str], scored: Scored, authors: Sequence[str | None]) -> list[Answer]:
        """Log and count what is about to be answered."""
        model = scored.model
        created_at = datetime.now(UTC)
        answers, rows = [], []
        for text, given, author in zip(texts, scored.classifications, authors, strict=True):
            # Ids in the order of time, so that the index of the table grows at its end.
            prediction_id = str(uuid7())
            answers.append(build_answer(prediction_id, given, model))
            rows.append(
                build_row(
                    prediction_id=prediction_id,
                    text=self._privacy.kept(text),
                    label=given.label,
                    probability=given.probability,
                    probabilities=given.probabilities,
                    abstained=given.abstained,
                    model_name=model.classifier.description.name,
                    model_version=model.version,
                    model_digest=model.classifier.digest,
                    created_at=created_at,
                    author=self._privacy.pseudonym_if_named(author),
                )
            )
            if self._telemetry is not None:
                self._telemetry.note_served(rows[-1])
            if self._shadow is not None:
                self._shadow.note(prediction_id, text, given.label, model)
            self._metrics.count_prediction(given.label, model.version, given.abstained)
        self._log.add(rows)
        return answers


def build_answer(prediction_id: str, given: Classification, model: ServedModel) -> Answer:
    return {
        "prediction_id": prediction_id,
        "label": given.label,
        "probability": given.probability,
        "probabilities": given.probabilities,
        "abstained": given.abstained,
        "model": {
            "name": model.classifier.description.name,
            "version": model.version,
            "digest": model.classifier.digest,
        },
    }
