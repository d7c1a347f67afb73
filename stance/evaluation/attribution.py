"""How well attribution finds who says what: precision and recall over (sentence, speaker) pairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stance.annotations import Annotation, text_path
from stance.attribution import Statement, attribute
from stance.documents import read_document
from stance.errors import AnnotationError
from stance.evaluation.metrics import bootstrap_interval

__all__ = ["attribution_pairs", "score_attribution", "sentence_holding"]

Pair = tuple[int, str]


def sentence_holding(spans: Sequence[tuple[int, int]], statement: Statement) -> int | None:
    """Return where the annotated sentence begins that holds the middle of a statement; None for none."""
    middle = (statement.start + statement.end) / 2
    return next((a for a, b in spans if a <= middle < b), None)


def attribution_pairs(
    annotations: Sequence[Annotation], meetings: Sequence[Path]
) -> dict[str, tuple[set[Pair], set[Pair]]]:
    """Return, for every document, the gold and the predicted (sentence start, speaker) pairs.

    A predicted sentence counts as the gold sentence that holds its middle. Unnamed speakers are left out on both
    sides, since there is no telling one "several delegates" from another.

    Raises
    ------
    AnnotationError
        If the text of a document is in none of the folders.
    """
    gold: dict[str, list[Annotation]] = {}
    for a in annotations:
        if a.start is not None:
            gold.setdefault(a.document, []).append(a)
    result = {}
    for document, items in gold.items():
        path = text_path(document, meetings)
        if path is None:
            raise AnnotationError(f"{document}: its text is in none of {', '.join(map(str, meetings))}")
        spans = sorted({(a.start, a.end) for a in items if a.start is not None and a.end is not None})
        wanted = {(a.start, a.speaker) for a in items if a.start is not None and a.speaker != "UNNAMED"}
        found = set()
        for s in attribute(read_document(path)).statements:
            if s.speaker_kind != "unnamed":
                start = sentence_holding(spans, s)
                found.add((-s.start - 1 if start is None else start, s.speaker))
        result[document] = (wanted, found)
    return result


def score_attribution(
    annotations: Sequence[Annotation], meetings: Sequence[Path], *, resamples: int = 1000, seed: int = 13
) -> dict[str, object]:
    """Score attribution on annotated documents.

    Returns
    -------
    dict
        ``precision``, ``recall`` and ``n`` (gold pairs), ``documents``, and 95 % intervals from a bootstrap over
        documents where there are at least five.
    """
    pairs = attribution_pairs(annotations, meetings)
    if not pairs:
        raise AnnotationError("there is no annotated document to score attribution on")
    counts = np.array([(len(w & f), len(f), len(w)) for w, f in pairs.values()])

    def precision(rows: NDArray[np.int_]) -> float:
        return float(counts[rows, 0].sum() / max(counts[rows, 1].sum(), 1))

    def recall(rows: NDArray[np.int_]) -> float:
        return float(counts[rows, 0].sum() / max(counts[rows, 2].sum(), 1))

    everything = np.arange(len(counts))
    result: dict[str, object] = {
        "precision": precision(everything),
        "recall": recall(everything),
        "n": int(counts[:, 2].sum()),
        "documents": len(counts),
    }
    if len(counts) >= 5:
        names = list(pairs)
        result["precision_interval"] = bootstrap_interval(precision, names, resamples=resamples, seed=seed)
        result["recall_interval"] = bootstrap_interval(recall, names, resamples=resamples, seed=seed)
    return result
