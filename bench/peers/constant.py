"""The limit: FastAPI with this API's own requests and answers around nothing at all.

gunicorn -k uvicorn_worker.UvicornWorker 'bench.peers.constant:create_app()'
"""

from uuid import UUID

from fastapi import FastAPI

from inference.schemas import BatchAnswer, BatchRequest, ModelReference, PredictionAnswer, PredictionRequest

ANSWER = PredictionAnswer(
    prediction_id=UUID("00000000-0000-4000-8000-000000000000"),
    label="negative",
    probability=0.9,
    probabilities={"negative": 0.9, "positive": 0.1},
    abstained=False,
    model=ModelReference(name="constant", version="1", digest="0" * 64),
)


def create_app() -> FastAPI:
    app = FastAPI()

    @app.post("/v1/predictions")
    async def predict(_: PredictionRequest) -> PredictionAnswer:
        return ANSWER

    @app.post("/v1/predictions/batch")
    async def predict_batch(body: BatchRequest) -> BatchAnswer:
        return BatchAnswer(predictions=[ANSWER] * len(body.texts))

    @app.get("/health/ready")
    @app.get("/health/live")
    async def ready() -> None:
        return None

    return app
