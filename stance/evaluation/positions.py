"""How well positions match: the package's rule over predicted statements against gold positions of delegations.

A reader of the tables asks where a delegation stands, not how many sentences were labelled right. Both sides go through
:func:`stance.positions.positions`, so that a change of the rule changes both.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from stance.annotations import MASKED_SPEAKER, Annotation, read_annotations
from stance.attribution import Statement
from stance.attribution.types import UNNAMED
from stance.delegations import load_registry
from stance.errors import AnnotationError
from stance.evaluation.metrics import Floats, bootstrap_interval
from stance.positions import ScoredStatement, positions
from stance.targets import STANCES

__all__ = ["GoldPositions", "derive_positions", "gold_positions", "score_positions"]

#: Document, target and code of a delegation.
Key = tuple[str, str, str]
POSITIONS = (*STANCES, "none")
_OPPOSITE = {("for", "against"), ("against", "for")}


@dataclass(frozen=True)
class GoldPositions:
    """Where delegations stand by the annotators.

    Attributes
    ----------
    positions : dict
        (document, target, code) → ``for``, ``against``, ``neutral`` or ``none``.
    sources : tuple of str
        Position files that were read; positions of other documents are derived from gold statements.
    """

    positions: dict[Key, str]
    sources: tuple[str, ...]


def _scored(
    annotations: Sequence[Annotation], labels: Sequence[str], proba: Floats
) -> dict[str, list[ScoredStatement]]:
    """Return scored statements by target; what has no place in a document or no named speaker is left out."""
    registry = load_registry()
    found: dict[str, list[ScoredStatement]] = {}
    for a, label, p in zip(annotations, labels, proba, strict=True):
        if a.start is None or a.end is None or a.speaker in (UNNAMED, MASKED_SPEAKER):
            continue
        kind = registry.get(a.speaker).kind if a.speaker in registry else "organization"
        # The rule for a delegation that takes both sides asks which statement comes later.
        number = a.start if a.sentence is None else a.sentence
        statement = Statement(
            a.document, number, a.start, a.end, a.text, a.speaker, a.speaker_name or a.speaker, kind, "annotated"
        )
        scored = ScoredStatement(statement, label, (float(p[0]), float(p[1]), float(p[2])))
        found.setdefault(a.target, []).append(scored)
    return found


def derive_positions(annotations: Sequence[Annotation], labels: Sequence[str], proba: Floats) -> dict[Key, str]:
    """Aggregate labelled statements to positions by the package's own rule.

    Parameters
    ----------
    annotations : sequence of Annotation, length n
        Statements; those that stand in no document and those of unnamed speakers are left out.
    labels : sequence of str, length n
        Stances of the statements, gold or predicted.
    proba : ndarray of shape (n, 3)
        Their probabilities, columns for, against, neutral.

    Returns
    -------
    dict
        (document, target, code) → position, in the order of :func:`stance.positions.positions`.
    """
    return {
        (p.document, target, p.speaker): p.position
        for target, items in _scored(annotations, labels, proba).items()
        for p in positions(items, [])
    }


def _one_hot(labels: Sequence[str]) -> Floats:
    return np.asarray(np.asarray(labels)[:, None] == np.array(STANCES), dtype=float)


def _read_positions(path: Path, places: Sequence[tuple[str, str]]) -> dict[Key, str]:
    """Read ``NAME.positions.csv`` for the (document, target) pairs of the annotations beside it."""
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            rows, columns = list(reader), reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AnnotationError(f"{path}: cannot be read: {error}") from None
    for column in ("speaker", "position"):
        if column not in columns:
            raise AnnotationError(f"{path}:1: {column}: missing; expected the columns speaker,speaker_name,position")
    targets: dict[str, list[str]] = {}
    for document, target in places:
        targets.setdefault(document, []).append(target)
    found: dict[Key, str] = {}
    for number, row in enumerate(rows, start=2):
        document = row.get("document") or (next(iter(targets)) if len(targets) == 1 else "")
        if document not in targets:
            raise AnnotationError(
                f"{path}:{number}: document: {document!r} is not one of the {len(targets)} documents that are annotated; "
                "where there are several, a column 'document' names them"
            )
        if len(targets[document]) > 1:
            raise AnnotationError(f"{path}:{number}: document: {document} is annotated for several targets")
        if row["position"] not in POSITIONS:
            raise AnnotationError(
                f"{path}:{number}: position: {row['position']!r} is not one of {', '.join(POSITIONS)}"
            )
        key = (document, targets[document][0], row["speaker"])
        if key in found:
            raise AnnotationError(f"{path}:{number}: speaker: {row['speaker']!r} stands already")
        found[key] = row["position"]
    return found


def gold_positions(annotations: Sequence[Annotation], files: Sequence[Path] = ()) -> GoldPositions:
    """Return the gold positions of the delegations of some annotated statements.

    Where ``NAME.positions.csv`` stands beside ``NAME.jsonl``, it says where the delegations of its documents stand, also
    those that are only listed (``none``). It is passed over when some statements of the file are not among
    ``annotations``: a delegation would count as silent because its statements were left out.

    Parameters
    ----------
    annotations : sequence of Annotation
        The statements that are scored.
    files : sequence of Path
        The annotation files that they come from.

    Returns
    -------
    GoldPositions

    Raises
    ------
    AnnotationError
        If a position file breaks its form, or lacks a delegation that has statements.
    """
    labels = [a.stance for a in annotations]
    found = derive_positions(annotations, labels, _one_hot(labels) if labels else np.zeros((0, 3)))
    sources = []
    given = {(a.document, a.id) for a in annotations}
    for file in files:
        path = file.with_suffix(".positions.csv")
        if not path.is_file():
            continue
        whole = read_annotations(file, offsets=False)
        if any((a.document, a.id) not in given for a in whole):
            continue
        places = list(dict.fromkeys((a.document, a.target) for a in whole if a.start is not None))
        listed = _read_positions(path, places)
        for key in found:
            if key[:2] in places and key not in listed:
                raise AnnotationError(f"{path}: speaker: {key[2]} has statements in {file.name} but no position here")
        found.update(listed)
        sources.append(path.name)
    return GoldPositions(found, tuple(sources))


def score_positions(
    annotations: Sequence[Annotation],
    labels: Sequence[str],
    proba: Floats,
    gold: GoldPositions,
    *,
    resamples: int = 1000,
    seed: int = 13,
) -> dict[str, Any] | None:
    """Score the positions that follow from predicted statements with gold attribution.

    Parameters
    ----------
    annotations, labels, proba
        The statements with their predicted stances, as for :func:`derive_positions`.
    gold : GoldPositions
        See :func:`gold_positions`.
    resamples, seed : int
        Of the bootstrap over delegations.

    Returns
    -------
    dict or None
        ``n`` delegations (per document) and how many are ``right``, with ``accuracy`` and its 95 % interval; the same of
        those ``with_statements``, because with gold attribution a delegation that is only listed cannot be wrong;
        ``macro_f1`` over for, against and neutral with its interval; ``opposite`` (number called *for* that are
        *against*, or the reverse), ``called`` (number called a side) and ``not_opposite`` (share of these that are not
        opposite, None where none is called); ``confusion`` (rows gold, columns predicted, order for, against, neutral,
        none); ``gold`` (position files that were used). None when no statement has a place in a document and a named
        speaker.
    """
    derived = derive_positions(annotations, labels, proba)
    keys = list(gold.positions)
    if not keys:
        return None
    g = np.array([gold.positions[k] for k in keys])
    p = np.array([derived.get(k, "none") for k in keys])
    speaks = np.array([k in derived for k in keys])
    called = (p == "for") | (p == "against")
    opposite = np.array([pair in _OPPOSITE for pair in zip(g.tolist(), p.tolist(), strict=True)])
    sides = list(STANCES)

    def macro(rows: NDArray[np.int_]) -> float:
        return float(f1_score(g[rows], p[rows], labels=sides, average="macro", zero_division=0))

    clusters = [k[2] for k in keys]
    return {
        "n": len(keys),
        "right": int(np.sum(g == p)),
        "accuracy": float(np.mean(g == p)),
        "accuracy_interval": bootstrap_interval(
            lambda rows: float(np.mean(g[rows] == p[rows])), clusters, resamples=resamples, seed=seed
        ),
        "with_statements": {"n": int(speaks.sum()), "right": int(np.sum((g == p) & speaks))},
        "macro_f1": macro(np.arange(len(keys))),
        "macro_f1_interval": bootstrap_interval(macro, clusters, resamples=resamples, seed=seed),
        "opposite": int(opposite.sum()),
        "called": int(called.sum()),
        "not_opposite": float(1 - opposite.sum() / called.sum()) if called.any() else None,
        "confusion": [[int(np.sum((g == row) & (p == column))) for column in POSITIONS] for row in POSITIONS],
        "gold": list(gold.sources),
    }
