"""Classifiers of stance, one protocol and one file each; imported only when used.

Which to prefer: ``majority`` is the floor of every table; ``tfidf`` trains in a second and needs no encoder, good for
a first look and for tests; ``encoder`` (frozen sentence encoder + logistic regression) is the choice for a hundred
annotated statements, ``setfit`` (the same encoder tuned on pairs of them) the one to try beside it; ``cross-encoder``
is the choice from a thousand on. ``entailment`` needs no annotated statement (zero-shot) but a larger encoder;
``label-words`` asks a decoder, for comparison with language models; ``prompted`` asks a language model
behind a server that the user names; ``ensemble`` averages several of them, and ``trained``
is a trained model as a member of one.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stance.errors import ModelError

if TYPE_CHECKING:
    from stance.classifiers.base import StanceClassifier
    from stance.config import ClassifierConfig

__all__ = ["KINDS", "build_classifier", "classifier_class", "simple_parts"]

KINDS = {
    "majority": ("stance.classifiers.majority", "MajorityClassifier"),
    "tfidf": ("stance.classifiers.tfidf", "TfidfClassifier"),
    "encoder": ("stance.classifiers.encoder", "EncoderClassifier"),
    "cross-encoder": ("stance.classifiers.cross_encoder", "CrossEncoderClassifier"),
    "entailment": ("stance.classifiers.entailment", "EntailmentClassifier"),
    "label-words": ("stance.classifiers.label_words", "LabelWordsClassifier"),
    "prompted": ("stance.classifiers.prompted", "PromptedClassifier"),
    "setfit": ("stance.classifiers.setfit", "SetFitClassifier"),
    "trained": ("stance.classifiers.trained", "TrainedClassifier"),
    "ensemble": ("stance.classifiers.ensemble", "EnsembleClassifier"),
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


def simple_parts(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the classifiers that a classifier is made of, itself when it has no members.

    Parameters
    ----------
    record : mapping
        ``kind`` and the parameters of that kind.
    """
    members: Sequence[Mapping[str, Any]] = record.get("members", ())
    return [part for m in members for part in simple_parts(m)] if members else [record]


def build_classifier(config: ClassifierConfig, seed: int) -> StanceClassifier:
    """Build an unfitted classifier from its configuration."""
    params: dict[str, Any] = config.model_dump(exclude={"kind"})
    return classifier_class(config.kind)(**params, seed=seed)
