"""Learning from other models: their probabilities beside, or in place of, the labels of annotators.

A small model learns more from a better one's doubts than from bare labels (Hinton, Vinyals and Dean, 2015), and a teacher
also labels what nobody annotated: statements read with another target than their own, and the statements of further
summaries. Use it when a larger encoder, or several seeds together, measure better than what may be shipped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.annotations import Annotation
from stance.attribution import attribute
from stance.config import DistillationConfig
from stance.corpus import corpus_groups
from stance.documents import find_inputs
from stance.encoding import Encoded, EncodingOptions, encode_attribution
from stance.errors import ConfigError
from stance.judgements import judged
from stance.manifest import digest_file
from stance.model import Classifier
from stance.positions import have_label
from stance.resources import existing_path
from stance.targets import STANCES, Target, load_target

__all__ = ["Lesson", "prepare_lesson"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lesson:
    """What a student is fitted on.

    Attributes
    ----------
    encoded : list of Encoded, length n
    labels : ndarray of shape (n, 3)
        Probabilities in the order of a classifier's ``classes_`` (against, for, neutral).
    groups : list of str, length n
        Groups that no division may tear apart; a statement with another target stays in the group of its own.
    record : dict
        Digests of teachers and judgements, and numbers of statements, for the manifest.
    """

    encoded: list[Encoded]
    labels: Floats
    groups: list[str]
    record: dict[str, Any]


def _judge(teachers: Sequence[Classifier], encode: Callable[[EncodingOptions], Sequence[Encoded]]) -> Floats:
    """Return the mean of the teachers' probabilities, each reading the statements as it was trained to."""
    return _as_classes(np.mean([t.predict_proba(encode(t.options)) for t in teachers], axis=0))


def _as_classes(proba: Floats) -> Floats:
    """Reorder the package's columns to those of a classifier's ``classes_``."""
    return np.asarray(proba[:, [STANCES.index(label) for label in sorted(STANCES)]])


def _mixed(gold: Floats, judges: Sequence[Floats], weight: float) -> Floats:
    """Return labels with the judges' mean in them; where none has judged, gold alone."""
    known = [have_label(j) for j in judges]
    count = np.sum(known, axis=0)
    total = np.sum([np.where(k[:, None], j, 0.0) for k, j in zip(known, judges, strict=True)], axis=0)
    mean = total / np.maximum(count, 1)[:, None]
    share = np.where(count > 0, weight, 0.0)[:, None]
    return np.asarray((1 - share) * gold + share * mean)


def prepare_lesson(
    config: DistillationConfig,
    annotations: Sequence[Annotation],
    options: EncodingOptions,
    encode: Callable[[EncodingOptions], Sequence[Encoded]],
    target: Target,
    *,
    seed: int = 13,
) -> Lesson:
    """Let the teachers judge the training data, and what the configuration adds to it.

    Parameters
    ----------
    config : DistillationConfig
    annotations : sequence of Annotation, length n
        The annotated statements of the training.
    options : EncodingOptions
        How the student reads.
    encode : callable
        Returns what a classifier with other options reads of ``annotations``, length n.
    target : Target
        What the statements of unlabelled summaries are read with.
    seed : int
        Seed of the choice of statements and of their other targets.

    Returns
    -------
    Lesson

    Raises
    ------
    ConfigError
        If other targets are asked for, but the student does not read the target or the data have only one; if statements
        that nobody annotated are asked for without a teacher that could judge them.
    AnnotationError, ModelError, InputError
        If judgements, a teacher or a summary cannot be read.
    """
    teachers = [Classifier.load(name) for name in config.teachers]
    encoded = list(encode(options))
    groups = corpus_groups(annotations)
    gold = np.array([[a.stance == label for label in sorted(STANCES)] for a in annotations], dtype=float)
    if not teachers and (config.other_targets or config.unlabelled):
        raise ConfigError(
            "distillation: other_targets and unlabelled need teachers; judgements are of annotated statements"
        )
    judges = [_as_classes(judged(existing_path(name), annotations)) for name in config.judgements]
    if teachers:
        judges += [_judge(teachers, encode)] * len(teachers)
    labels = [_mixed(gold, judges, config.weight)]
    names = sorted({load_target(a.target).name for a in annotations})
    rows = _drawn(len(encoded), config.other_targets, seed)
    if len(rows):
        if not options.target or len(names) < 2:
            raise ConfigError("distillation.other_targets: needs encoding.target: true and data on several targets")
        rng = np.random.default_rng([seed, 1])
        others = [str(rng.choice([n for n in names if n != encoded[i].target])) for i in rows]

        def elsewhere(as_read: EncodingOptions) -> list[Encoded]:
            read = encode(as_read)
            return [replace(read[i], target=t if as_read.target else "") for i, t in zip(rows, others, strict=True)]

        encoded += elsewhere(options)
        labels.append(_judge(teachers, elsewhere))
        groups += [groups[i] for i in rows]
    found = 0
    digest = hashlib.sha256()
    for item in find_inputs(config.unlabelled) if config.unlabelled else []:
        document = item.read()
        digest.update(document.sha256.encode())
        attribution = attribute(document)
        if not attribution.statements:
            continue
        found += len(attribution.statements)

        def of_summary(as_read: EncodingOptions, summary: Any = attribution) -> list[Encoded]:
            return encode_attribution(summary, summary.statements, target, as_read)

        encoded += of_summary(options)
        labels.append(_judge(teachers, of_summary))
        groups += [item.name] * len(attribution.statements)
    record = {
        "teachers": {name: t.digest for name, t in zip(config.teachers, teachers, strict=True)},
        "judgements": {name: digest_file(existing_path(name)) for name in config.judgements},
        "annotated": len(annotations),
        "judged": sum(bool(j) for j in np.any([have_label(j) for j in judges], axis=0)),
        "other_targets": len(rows),
        "unlabelled": found,
        "unlabelled_sha256": digest.hexdigest() if found else None,
    }
    return Lesson(encoded, np.concatenate(labels), groups, record)


def _drawn(n: int, share: float, seed: int) -> NDArray[np.int_]:
    return np.sort(np.random.default_rng(seed).choice(n, round(share * n), replace=False))
