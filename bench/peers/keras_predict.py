"""What projects of this kind mostly serve: Keras' `predict` on a row of fixed length, behind a plain FastAPI endpoint.

    BENCH_BUNDLE=models/champion gunicorn -k uvicorn_worker.UvicornWorker 'bench.peers.keras_predict:create_app()'

The network is the champion's with random weights, which take the same time, written down anew: the trainer's own file
would bring libraries that such a service does not have. It needs TensorFlow, the extra `networks`.
"""

import json
import os
from pathlib import Path

import keras
import numpy as np
from fastapi import FastAPI
from keras import layers
from pydantic import BaseModel
from tokenizers import Tokenizer

EMBEDDING_SIZE, UNITS = 64, 96


class Question(BaseModel):
    text: str


class Answer(BaseModel):
    label: str
    probability: float


def create_app() -> FastAPI:
    bundle = Path(os.environ["BENCH_BUNDLE"])
    card = json.loads((bundle / "model.json").read_text(encoding="utf-8"))
    labels: list[str] = card["labels"]
    tokenizer = Tokenizer.from_file(str(bundle / "tokenizer.json"))
    tokenizer.enable_padding(length=card["max_tokens"])
    network = build_network(tokenizer.get_vocab_size(), len(labels))
    app = FastAPI()

    @app.get("/ready")
    def ready() -> None:
        return None

    @app.post("/predict")
    def predict(question: Question) -> Answer:
        token_ids = np.array([tokenizer.encode(question.text).ids], dtype=np.int32)  # (1, max_tokens)
        probabilities = network.predict(token_ids, verbose=0)[0]
        best = int(probabilities.argmax())
        return Answer(label=labels[best], probability=float(probabilities[best]))

    return app


def build_network(words: int, labels: int) -> keras.Model:
    """Token ids (batch, tokens) to probabilities (batch, labels). Padding is read like a word: the faster way."""
    token_ids = keras.Input((None,), dtype="int32")
    embedded = layers.Embedding(words, EMBEDDING_SIZE)(token_ids)
    states = layers.Bidirectional(layers.GRU(UNITS, return_sequences=True))(embedded)
    seen = layers.Concatenate()([layers.GlobalMaxPooling1D()(states), layers.GlobalAveragePooling1D()(states)])
    return keras.Model(token_ids, layers.Dense(labels, activation="softmax")(seen))
