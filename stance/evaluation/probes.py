"""Shortcut probes: how far labels can be guessed from what should not suffice.

A corpus teaches reading only if its labels cannot be had without reading. Two classifiers that cannot read are fitted
on it (cf. the hypothesis-only baselines of Poliak et al., 2018): one sees nothing but the target, the other the words
of the input without their order. Both are cross-validated with contrast groups and summaries kept whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from stance.annotations import Annotation
from stance.encoding import Encoded
from stance.evaluation.metrics import score
from stance.targets import STANCES

__all__ = ["MINIMAL", "contrast_by_kind", "contrast_consistency", "probe_shortcuts"]

#: Kinds of contrast groups whose members differ in one point only (speaker, order, negation, target, context); in the
#: other kinds ("near-miss", "off-target") the subject itself changes, and words may tell.
MINIMAL = ("exchange", "word-order", "negation", "two-targets", "context", "context-exchange")

Labels = NDArray[np.str_]


def contrast_consistency(groups: Sequence[str], gold: Sequence[str], predicted: Sequence[str]) -> dict[str, float]:
    """Share of contrast groups of which every member is labelled right (Gardner et al., 2020).

    Parameters
    ----------
    groups, gold, predicted : sequence of str, length n
        Statements without a group have the empty string and are left out.

    Returns
    -------
    dict
        ``groups`` (their number), ``consistency``, and ``one_label`` — the share of groups to whose members the
        classifier gives one and the same label although gold differs.
    """
    members: dict[str, list[tuple[str, str]]] = {}
    for group, g, p in zip(groups, gold, predicted, strict=True):
        if group:
            members.setdefault(group, []).append((g, p))
    differing = [m for m in members.values() if len({g for g, _ in m}) > 1]
    if not differing:
        return {"groups": 0, "consistency": float("nan"), "one_label": float("nan")}
    return {
        "groups": len(differing),
        "consistency": float(np.mean([all(g == p for g, p in m) for m in differing])),
        "one_label": float(np.mean([len({p for _, p in m}) == 1 for m in differing])),
    }


def contrast_by_kind(annotations: Sequence[Annotation], predicted: Sequence[str]) -> dict[str, dict[str, float]]:
    """Score contrast groups by what their members differ in: speaker, target, negation, context, …

    Parameters
    ----------
    annotations : sequence of Annotation, length n
        Statements that stand in a document, or in no group, are left out; so are groups with one label.
    predicted : sequence of str, length n

    Returns
    -------
    dict
        Kind of group (the annotations' ``note``) → what :func:`contrast_consistency` says of its groups.
    """
    groups = _contrast_groups(annotations)
    gold = [a.stance for a in annotations]
    return {
        kind: contrast_consistency(
            [g if a.note == kind else "" for a, g in zip(annotations, groups, strict=True)], gold, predicted
        )
        for kind in sorted({a.note for a, g in zip(annotations, groups, strict=True) if g})
    }


def _contrast_groups(annotations: Sequence[Annotation]) -> list[str]:
    """Return the contrast group of each statement, empty outside groups of single statements with several labels."""
    labels: dict[str, set[str]] = {}
    for a in annotations:
        if a.group and a.start is None:
            labels.setdefault(a.group, set()).add(a.stance)
    return [a.group if a.start is None and len(labels.get(a.group, ())) > 1 else "" for a in annotations]


def probe_shortcuts(
    annotations: Sequence[Annotation],
    encoded: Sequence[Encoded],
    groups: Sequence[str],
    *,
    folds: int = 5,
    resamples: int = 1000,
    seed: int = 13,
) -> dict[str, Any]:
    """Cross-validate the two probes and their baselines.

    Parameters
    ----------
    annotations, encoded, groups : sequences of length n
        Statements, what a classifier reads of them, and the groups that stay whole.
    folds : int
        Number of folds.
    resamples : int
        Resamples of groups for the intervals.
    seed : int
        Seed of the folds and the bootstrap.

    Returns
    -------
    dict
        For ``majority``, ``chance`` (labels drawn by their frequencies), ``target_only``, ``target_only_balanced``
        and ``bag_of_words``: macro-F1 with interval, on all statements and on those of contrast groups with more
        than one label, and the consistency on these groups, also by kind of group (the annotations' ``note``) and on
        the minimal pairs alone.
    """
    gold: Labels = np.array([a.stance for a in annotations])
    targets = [a.target for a in annotations]
    words = [f"{e.target} {e.context} {e.text}" for e in encoded]
    contrast = _contrast_groups(annotations)
    inside = np.array([bool(c) for c in contrast])
    # The splitter is fixed, so every probe sees the same folds.
    splitter = GroupKFold(folds, shuffle=True, random_state=seed)
    one_target = CountVectorizer(analyzer=_whole)
    probes: dict[str, tuple[Any, list[str]]] = {
        "majority": (DummyClassifier(strategy="most_frequent"), targets),
        "chance": (DummyClassifier(strategy="stratified", random_state=seed), targets),
        "target_only": (make_pipeline(one_target, LogisticRegression(max_iter=2000)), targets),
        "target_only_balanced": (
            make_pipeline(one_target, LogisticRegression(max_iter=2000, class_weight="balanced")),
            targets,
        ),
        "bag_of_words": (
            make_pipeline(
                CountVectorizer(binary=True, min_df=2, token_pattern=r"(?u)\[?\w+\]?"),
                LogisticRegression(max_iter=2000, C=0.1, class_weight="balanced"),
            ),
            words,
        ),
    }
    results: dict[str, Any] = {}
    for name, (probe, X) in probes.items():
        predicted: Labels = cross_val_predict(probe, np.array(X, dtype=object), gold, groups=groups, cv=splitter)
        onehot = (predicted[:, None] == np.array(STANCES)).astype(float)
        full = score(list(gold), list(predicted), onehot, list(groups), resamples=resamples, seed=seed)
        results[name] = {
            "macro_f1": full["macro_f1"],
            "macro_f1_interval": full["macro_f1_interval"],
            "contrast_macro_f1": float(
                f1_score(gold[inside], predicted[inside], labels=list(STANCES), average="macro", zero_division=0)
            )
            if inside.any()
            else float("nan"),
            "contrast": contrast_consistency(contrast, list(gold), list(predicted)),
            "minimal": _on_minimal(annotations, contrast, gold, predicted),
            "contrast_by_kind": contrast_by_kind(annotations, list(predicted)),
        }
    results["n"] = {"statements": len(gold), "in_contrast_groups": int(inside.sum()), "folds": folds, "seed": seed}
    return results


def _on_minimal(
    annotations: Sequence[Annotation], contrast: Sequence[str], gold: Labels, predicted: Labels
) -> dict[str, float]:
    """Score the minimal pairs alone."""
    groups = [c if a.note in MINIMAL else "" for c, a in zip(contrast, annotations, strict=True)]
    inside = np.array([bool(g) for g in groups])
    if not inside.any():
        return {"macro_f1": float("nan"), **contrast_consistency([], [], [])}
    f1 = f1_score(gold[inside], predicted[inside], labels=list(STANCES), average="macro", zero_division=0)
    return {"macro_f1": float(f1), **contrast_consistency(groups, list(gold), list(predicted))}


def _whole(text: str) -> list[str]:
    return [text]
