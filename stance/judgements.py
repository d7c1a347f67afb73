"""What a classifier says of statements that it was not fitted on, for each statement of the training data, in a file.

The data are divided, groups whole; a classifier fitted on the other folds judges each. Such out-of-fold probabilities show
which labels deserve a second look (Northcutt, Jiang and Chuang, 2021), and they are what a smaller model can learn from
beside the labels: a teacher's probabilities on what it was fitted on say little more than the labels do.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

from stance.annotations import Annotation
from stance.classifiers.base import probabilities
from stance.config import RunConfig
from stance.corpus import corpus_groups
from stance.errors import AnnotationError, ConfigError
from stance.manifest import write_text
from stance.targets import STANCES

if TYPE_CHECKING:
    from stance.training import Examples

__all__ = ["cross_judge", "judged", "read_judgements", "statement_digest", "write_judgements"]

Floats = NDArray[np.float64]
_COLUMNS = ("id", "statement", *STANCES)


def statement_digest(annotation: Annotation) -> str:
    """Return what tells whether a statement is still the one that was judged: 12 digits of a SHA-256."""
    parts = [annotation.target, annotation.speaker, annotation.context, annotation.text]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def cross_judge(
    config: RunConfig, examples: Examples, fitted: Sequence[bool], *, folds: int, keep: Path, progress: bool = False
) -> Floats:
    """Judge every statement by a classifier that was fitted without its group.

    Parameters
    ----------
    config : RunConfig
        Its classifier and seed are used.
    examples : Examples
        The statements to judge, n of them.
    fitted : sequence of bool, length n
        Those that classifiers are fitted on. The others, which no fold is fitted on, get the mean of all folds.
    folds : int
        At least 2.
    keep : Path
        Folder in which each fold is kept, for the caller to delete; folds of the same data and configuration are not
        fitted again.
    progress : bool, default False
        Show a bar on standard error.

    Returns
    -------
    ndarray of shape (n, 3)
        Columns in the order of :data:`stance.targets.STANCES`; uncalibrated.

    Raises
    ------
    ConfigError
        If there are fewer groups than folds.
    """
    # Training reads judgements.
    from stance.training import fit_examples

    inside = np.flatnonzero(fitted)
    outside = np.flatnonzero(~np.asarray(fitted, dtype=bool))
    groups = corpus_groups([examples.annotations[i] for i in inside])
    if folds < 2 or len(set(groups)) < folds:
        raise ConfigError(
            f"folds: {folds}, but there must be at least 2, and no more than the {len(set(groups))} groups"
        )
    place = keep / _digest(config, examples, fitted, folds)
    place.mkdir(parents=True, exist_ok=True)
    proba = np.zeros((len(examples.encoded), len(STANCES)))
    divided = GroupKFold(folds, shuffle=True, random_state=config.seed).split(groups, groups=groups)
    for number, (train, test) in enumerate(tqdm(list(divided), desc="folds", unit="fold", disable=not progress)):
        done = place / f"fold{number}.npy"
        asked = [*inside[test], *outside]
        if not done.is_file():
            estimator = fit_examples(config, examples, inside[train], progress)
            partial = place / f"fold{number}.partial.npy"
            np.save(partial, probabilities(estimator, [examples.encoded[i] for i in asked]), allow_pickle=False)
            partial.replace(done)
        found = np.load(done, allow_pickle=False)
        proba[inside[test]] = found[: len(test)]
        proba[outside] += found[len(test) :] / folds
    return np.asarray(proba / proba.sum(axis=1, keepdims=True))


def _digest(config: RunConfig, examples: Examples, fitted: Sequence[bool], folds: int) -> str:
    record = {
        "classifier": config.classifier.model_dump(mode="json"),
        "seed": config.seed,
        "encoded": [asdict(e) for e in examples.encoded],
        "labels": examples.labels.tolist(),
        "fitted": [bool(f) for f in fitted],
        "folds": folds,
    }
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]


def write_judgements(path: Path, annotations: Sequence[Annotation], proba: Floats) -> None:
    """Write judgements as CSV: id and digest of the statement, and a probability for each stance.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    handle = io.StringIO()
    writer = csv.writer(handle, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for annotation, row in zip(annotations, proba, strict=True):
        writer.writerow([annotation.id, statement_digest(annotation), *(f"{p:.4f}" for p in row)])
    write_text(path, handle.getvalue())


def read_judgements(path: Path) -> dict[str, tuple[str, Floats]]:
    """Read a file of :func:`write_judgements`.

    Returns
    -------
    dict of str to (str, ndarray of shape (3,))
        Id → digest of the statement, and probabilities in the order of :data:`stance.targets.STANCES`, their sum 1.

    Raises
    ------
    AnnotationError
        If the file cannot be read; the message names file, line and field.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise AnnotationError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise AnnotationError(f"{path}: not UTF-8 (byte {error.start})") from None
    reader = csv.DictReader(lines)
    missing = [c for c in _COLUMNS if c not in (reader.fieldnames or ())]
    if missing:
        raise AnnotationError(f"{path}:1: {missing[0]}: no such column")
    found: dict[str, tuple[str, Floats]] = {}
    for row in reader:
        where = f"{path}:{reader.line_num}"
        if row["id"] in found:
            raise AnnotationError(f"{where}: id: {row['id']!r} stands twice")
        values = np.zeros(len(STANCES))
        for i, stance in enumerate(STANCES):
            try:
                values[i] = float(row[stance])
            except (TypeError, ValueError):
                raise AnnotationError(f"{where}: {stance}: not a number: {row[stance]!r}") from None
            if not 0 <= values[i] <= 1:
                raise AnnotationError(f"{where}: {stance}: {row[stance]} is no probability")
        if abs(values.sum() - 1) > 0.01:
            raise AnnotationError(f"{where}: the probabilities sum to {values.sum():.3f}, not 1")
        found[row["id"]] = (row["statement"], values / values.sum())
    return found


def judged(path: Path, annotations: Sequence[Annotation]) -> Floats:
    """Return a file's probabilities for statements.

    Returns
    -------
    ndarray of shape (n, 3)
        Columns in the order of :data:`stance.targets.STANCES`; not a number for a statement that the file does not have,
        or that was changed since it was judged.

    Raises
    ------
    AnnotationError
        If the file cannot be read.
    """
    found = read_judgements(path)
    proba = np.full((len(annotations), len(STANCES)), np.nan)
    for i, annotation in enumerate(annotations):
        digest, values = found.get(annotation.id, ("", None))
        if values is not None and digest == statement_digest(annotation):
            proba[i] = values
    return proba
