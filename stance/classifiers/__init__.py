"""Classifiers of stance, one protocol and one file each; imported only when used.

Which to prefer: ``majority`` is the floor of every table; ``tfidf`` trains in a second and needs no encoder, good for
a first look and for tests; ``encoder`` (frozen sentence encoder + logistic regression) is the choice for a hundred
annotated statements; ``cross-encoder`` is the choice from a thousand on. ``entailment`` needs no annotated statement
(zero-shot) but a larger encoder; ``label-words`` asks a decoder, for comparison with language models.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from stance.errors import ModelError

if TYPE_CHECKING:
    from stance.classifiers.base import StanceClassifier
    from stance.config import ClassifierConfig

__all__ = ["KINDS", "build_classifier", "classifier_class"]

KINDS = {
    "majority": ("stance.classifiers.majority", "MajorityClassifier"),
    "tfidf": ("stance.classifiers.tfidf", "TfidfClassifier"),
    "encoder": ("stance.classifiers.encoder", "EncoderClassifier"),
    "cross-encoder": ("stance.classifiers.cross_encoder", "CrossEncoderClassifier"),
    "entailment": ("stance.classifiers.entailment", "EntailmentClassifier"),
    "label-words": ("stance.classifiers.label_words", "LabelWordsClassifier"),
}


def classifier_class(kind: str) -> type[StanceClassifier]:
    """Return the class of a kind of classifier, importing what it needs.

    Raises
    ------
    ModelError
        If there is no such kind.
    """
    if kind not in KINDS:
        raise ModelError(f"unknown kind of classifier {kind!r}; known: {', '.join(KINDS)}")
    module, name = KINDS[kind]
    found: type[StanceClassifier] = getattr(importlib.import_module(module), name)
    return found


def build_classifier(config: ClassifierConfig, seed: int) -> StanceClassifier:
    """Build an unfitted classifier from its configuration."""
    params: dict[str, Any] = config.model_dump(exclude={"kind"})
    return classifier_class(config.kind)(**params, seed=seed)
