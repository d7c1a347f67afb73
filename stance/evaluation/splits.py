"""Splits that answer a question: does the classifier hold for a delegation, a meeting or a treaty that it has not seen?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut

from stance.annotations import Annotation
from stance.corpus import corpus_groups
from stance.errors import ConfigError

SCHEMES = ("leave-one-delegation-out", "folds-by-delegation", "leave-one-meeting-out", "leave-one-target-out")
__all__ = ["SCHEMES", "annotation_clusters", "clusters_of", "delegation_clusters", "left_out_together", "splits"]

Indices = NDArray[np.int_]


def delegation_clusters(
    documents: Sequence[str], sentences: Sequence[int | None], speakers: Sequence[str]
) -> list[str]:
    """Return the cluster of each statement: delegations that share a sentence stand together.

    Two speakers of one sentence have the same words; were they split apart, the test would be seen in training. Unnamed
    speakers form a cluster a sentence.
    """
    parent: dict[str, str] = {}

    def find(x: str) -> str:
        parent.setdefault(x, x)
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    keys = [f"{d}:{s}:{sp}" if sp == "UNNAMED" else sp for d, s, sp in zip(documents, sentences, speakers, strict=True)]
    first: dict[tuple[str, int | None], str] = {}
    for key, d, s in zip(keys, documents, sentences, strict=True):
        if s is None:
            find(key)
            continue
        root = find(key)
        other = first.setdefault((d, s), key)
        parent[root] = find(other)
    return [find(k) for k in keys]


def annotation_clusters(annotations: Sequence[Annotation]) -> list[str]:
    """Return the cluster of each annotated statement (see :func:`delegation_clusters`)."""
    return delegation_clusters(
        [a.document for a in annotations], [a.sentence for a in annotations], [a.speaker for a in annotations]
    )


def clusters_of(annotations: Sequence[Annotation]) -> list[str]:
    """Return the cluster of each statement for a bootstrap: its delegation in its document, or its authored group."""
    groups = corpus_groups(annotations)
    # Codes recur in other meetings of a set; there they are other people in another debate.
    return [
        group if a.start is None else f"{a.document}:{cluster}"
        for a, group, cluster in zip(annotations, groups, annotation_clusters(annotations), strict=True)
    ]


def left_out_together(scheme: str, annotations: Sequence[Annotation]) -> list[str]:
    """Return what each statement is left out with: its delegation, its meeting or its target.

    Parameters
    ----------
    scheme : str
        One of :data:`SCHEMES`.
    annotations : sequence of Annotation, length n

    Returns
    -------
    list of str, length n
        Where a statement stands in no document, its group stands for the meeting.
    """
    if scheme == "leave-one-target-out":
        return [a.target for a in annotations]
    if scheme == "leave-one-meeting-out":
        groups = corpus_groups(annotations)
        return [g if a.start is None else a.document for a, g in zip(annotations, groups, strict=True)]
    return annotation_clusters(annotations)


def splits(
    scheme: str, clusters: Sequence[str], folds: int = 5, groups: Sequence[str] | None = None
) -> Iterator[tuple[Indices, Indices]]:
    """Yield (train, test) indices.

    Parameters
    ----------
    scheme : str
        One of :data:`SCHEMES`.
    clusters : sequence of str, length n
        Clusters that no split tears apart (see :func:`left_out_together`).
    folds : int
        Number of folds of ``folds-by-delegation``; the other schemes leave out one cluster at a time.
    groups : sequence of str, length n, optional
        Contrast groups, empty for none. One that a cluster does not hold as a whole, such as a sentence with two targets,
        is not trained on while part of it is tested.

    Raises
    ------
    ConfigError
        If the scheme is unknown or there is but one cluster.
    """
    if scheme not in SCHEMES:
        raise ConfigError(f"evaluation.scheme: {scheme!r} is not one of {', '.join(SCHEMES)}")
    if len(set(clusters)) < 2:
        what = scheme.rpartition("-")[0].rpartition("-")[2] if scheme.startswith("leave") else "delegation"
        raise ConfigError(f"evaluation: the statements hold one {what} only; none can be left out")
    dummy = np.zeros((len(clusters), 1))
    splitter = GroupKFold(min(folds, len(set(clusters)))) if scheme == "folds-by-delegation" else LeaveOneGroupOut()
    for train, test in splitter.split(dummy, groups=np.asarray(clusters)):
        if groups is None:
            yield train, test
            continue
        tested = {groups[i] for i in test} - {""}
        yield np.array([i for i in train if groups[i] not in tested], dtype=int), test
