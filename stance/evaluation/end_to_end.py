"""Statements from the text to the label: what attribution misses costs as much as a wrong stance.

With gold attribution a classifier is asked only about sentences that somebody said. A user's text comes without that: a
statement can be missed, given to the wrong speaker, or labelled wrong, and what nobody said can be labelled too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.annotations import Annotation, text_path
from stance.attribution.types import UNNAMED
from stance.documents import read_document
from stance.errors import AnnotationError
from stance.evaluation.attribution import sentence_holding
from stance.evaluation.metrics import bootstrap_interval
from stance.model import Classifier
from stance.targets import STANCES, load_target

__all__ = ["OUTCOMES", "Pair", "judge_pairs", "score_end_to_end"]

OUTCOMES = ("right", "wrong stance", "wrong speaker", "missed", "extra")


@dataclass(frozen=True)
class Pair:
    """A (sentence, speaker) pair by the annotators, by the package, or by both.

    Attributes
    ----------
    document, target : str
    start : int
        Where the sentence begins.
    speaker : str
        Code of the speaker.
    gold, predicted : str or None
        Stances; None where the annotators, or the package, have no such pair.
    outcome : str
        One of ``OUTCOMES``: ``wrong speaker`` where the package gives the sentence of a pair that it lacks to somebody who
        did not say it, ``missed`` where it gives it to nobody else, ``extra`` where only the package has the pair.
    text : str
        The sentence.
    """

    document: str
    target: str
    start: int
    speaker: str
    gold: str | None
    predicted: str | None
    outcome: str
    text: str


def judge_pairs(model: Classifier, annotations: Sequence[Annotation], meetings: Sequence[Path]) -> list[Pair]:
    """Label the annotated documents from their text and compare with the annotation, pair by pair.

    Parameters
    ----------
    model : Classifier
    annotations : sequence of Annotation
        Whole documents; statements that stand alone are left out, and so are unnamed speakers on both sides, since there
        is no telling one "several delegates" from another.
    meetings : sequence of Path
        Folders with the texts.

    Returns
    -------
    list of Pair
        In the order of documents and sentences. A predicted sentence counts as the gold sentence that holds its middle.

    Raises
    ------
    AnnotationError
        If the text of a document is in none of the folders, or no statement stands in a document.
    """
    from stance.labelling import label_document

    documents: dict[tuple[str, str], list[Annotation]] = {}
    for a in annotations:
        if a.start is not None:
            documents.setdefault((a.document, a.target), []).append(a)
    if not documents:
        raise AnnotationError("end to end: none of the statements stands in a document")
    found: list[Pair] = []
    for (document, target), items in documents.items():
        path = text_path(document, meetings)
        if path is None:
            raise AnnotationError(f"{document}: its text is in none of {', '.join(map(str, meetings))}")
        spans = sorted({(a.start, a.end) for a in items if a.start is not None and a.end is not None})
        gold = {(a.start, a.speaker): a for a in items if a.start is not None and a.speaker != UNNAMED}
        predicted: dict[tuple[int, str], tuple[str, str]] = {}
        for x in label_document(read_document(path), model, load_target(target)).scored:
            s = x.statement
            if s.speaker_kind != "unnamed":
                start = sentence_holding(spans, s)
                predicted[s.start if start is None else start, s.speaker] = (x.stance, s.text)
        strangers = {start for start, speaker in predicted.keys() - gold.keys()}
        for key in sorted(gold.keys() | predicted.keys()):
            known = gold.get(key)
            label, text = predicted.get(key, (None, ""))
            if known is None:
                outcome = "extra"
            elif label is None:
                outcome = "wrong speaker" if key[0] in strangers else "missed"
            else:
                outcome = "right" if label == known.stance else "wrong stance"
            side, text = (None, text) if known is None else (known.stance, known.text)
            found.append(Pair(document, target, key[0], key[1], side, label, outcome, text))
    return found


def score_end_to_end(pairs: Sequence[Pair], *, resamples: int = 1000, seed: int = 13) -> dict[str, Any]:
    """Score pairs of :func:`judge_pairs`.

    Parameters
    ----------
    pairs : sequence of Pair
    resamples, seed
        Of the bootstrap over delegations of a document.

    Returns
    -------
    dict
        ``n`` (pairs of the annotators), ``documents``, ``outcomes`` (number of pairs by outcome), ``macro_f1`` with
        ``macro_f1_interval`` (95 %), ``per_class`` (precision, recall, f1, support) and ``attribution`` (precision and recall
        of pairs, stance aside). A pair that is not found is a false negative of its stance, an extra one a false positive of
        the stance that it was given.
    """
    gold = np.array([-1 if p.gold is None else STANCES.index(p.gold) for p in pairs])
    predicted = np.array([-1 if p.predicted is None else STANCES.index(p.predicted) for p in pairs])

    def f1(rows: NDArray[np.int_]) -> NDArray[np.float64]:
        g, p = gold[rows], predicted[rows]
        right = np.array([np.sum((g == k) & (p == k)) for k in range(len(STANCES))])
        either = np.array([np.sum(g == k) + np.sum(p == k) for k in range(len(STANCES))])
        return np.asarray(2 * right / np.maximum(either, 1))

    everything = np.arange(len(pairs))
    scores = f1(everything)
    both = int(np.sum((gold >= 0) & (predicted >= 0)))
    per_class = {}
    for k, label in enumerate(STANCES):
        right, claimed, due = (int(np.sum(x)) for x in ((gold == k) & (predicted == k), predicted == k, gold == k))
        per_class[label] = {
            "precision": right / max(claimed, 1),
            "recall": right / max(due, 1),
            "f1": float(scores[k]),
            "support": due,
        }
    return {
        "n": int(np.sum(gold >= 0)),
        "documents": len({p.document for p in pairs}),
        "outcomes": {name: sum(p.outcome == name for p in pairs) for name in OUTCOMES},
        "macro_f1": float(scores.mean()),
        "macro_f1_interval": bootstrap_interval(
            lambda rows: float(f1(rows).mean()),
            [f"{p.document}:{p.speaker}" for p in pairs],
            resamples=resamples,
            seed=seed,
        ),
        "per_class": per_class,
        "attribution": {
            "precision": both / max(int(np.sum(predicted >= 0)), 1),
            "recall": both / max(int(np.sum(gold >= 0)), 1),
        },
    }
