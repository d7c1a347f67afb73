"""Score a model on annotated statements."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stance.annotations import read_annotations
from stance.encoding import encode_annotations
from stance.evaluation.metrics import score
from stance.evaluation.positions import gold_positions, score_positions
from stance.evaluation.splits import annotation_clusters
from stance.manifest import digest_file, environment, write_json, write_text
from stance.model import Classifier
from stance.positions import decide

__all__ = ["evaluate"]


def evaluate(
    model: Classifier, files: Sequence[Path], meetings: Sequence[Path] = (), out: Path | None = None, *, seed: int = 13
) -> dict[str, Any]:
    """Score a model on annotated statements with gold attribution.

    Parameters
    ----------
    model : Classifier
    files : sequence of Path
        Annotation files.
    meetings : sequence of Path
        Folders with the texts of their documents, searched before ``../meetings``.
    out : Path, optional
        Folder for ``metrics.json`` and ``predictions.csv``.

    Returns
    -------
    dict
        ``statements`` (see :func:`stance.evaluation.metrics.score`), ``positions`` (see
        :func:`stance.evaluation.positions.score_positions`; absent where no statement stands in a document), ``model``
        and ``data``.
    """
    from stance.labelling import prepare_output
    from stance.training import predictions_csv

    if out is not None:
        prepare_output(out)
    annotations = [a for f in files for a in read_annotations(f, meetings=meetings)]
    folders = [*meetings, *(f.parent.parent / "meetings" for f in files), *(f.parent for f in files)]
    encoded = encode_annotations(annotations, model.options, meetings=folders)
    proba = model.predict_proba(encoded)
    predicted = decide(proba, model.decision.threshold)
    clusters = annotation_clusters(annotations)
    metrics: dict[str, Any] = {
        "statements": score([a.stance for a in annotations], predicted, proba, clusters, seed=seed),
        "model": {"name": model.name, "digest": model.digest},
        "data": {str(f): digest_file(f) for f in files},
        "environment": environment(),
    }
    settled = score_positions(annotations, predicted, proba, gold_positions(annotations, files), seed=seed)
    if settled is not None:
        metrics["positions"] = settled
    if out is not None:
        write_json(out / "metrics.json", metrics)
        write_text(out / "predictions.csv", predictions_csv(annotations, proba, predicted))
    return metrics
