"""Score a model on annotated statements."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stance.annotations import read_annotations
from stance.corpus import PARTS, SPLITS, parts_of
from stance.encoding import encode_annotations
from stance.errors import ConfigError
from stance.evaluation.comparison import compare
from stance.evaluation.metrics import Floats, score
from stance.evaluation.positions import gold_positions, score_positions
from stance.evaluation.probes import contrast_by_kind
from stance.evaluation.splits import clusters_of
from stance.manifest import digest_file, environment, write_json, write_text
from stance.model import Classifier
from stance.positions import decide
from stance.resources import configs_folder

__all__ = ["evaluate"]


def evaluate(
    model: Classifier,
    files: Sequence[Path],
    meetings: Sequence[Path] = (),
    out: Path | None = None,
    *,
    part: str | None = None,
    against: Classifier | None = None,
    seed: int = 13,
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
    part : str, optional
        Score only the statements of this part of the authored corpus: ``transfer`` holds targets that a model trained
        on the other parts has never seen.
    against : Classifier, optional
        Another model to compare with on the same statements; each reads them as it was trained to.
    seed : int
        Seed of the bootstrap. It draws delegations of a document, and whole groups of statements that stand alone.

    Returns
    -------
    dict
        ``statements`` (see :func:`stance.evaluation.metrics.score`), ``positions`` (see
        :func:`stance.evaluation.positions.score_positions`; absent where no statement stands in a document), ``contrast``
        (see :func:`stance.evaluation.probes.contrast_by_kind`; absent without contrast groups), ``comparison``
        (see :func:`stance.evaluation.comparison.compare`; with ``against`` only), ``model`` and ``data``.
    """
    from stance.labelling import prepare_output
    from stance.training import predictions_csv

    annotations = [a for f in files for a in read_annotations(f, meetings=meetings)]
    if part is not None:
        if part not in PARTS:
            raise ConfigError(f"--part {part}: not one of {', '.join(PARTS)}")
        place = parts_of(annotations, configs_folder().parent / SPLITS)
        annotations = [a for a, p in zip(annotations, place, strict=True) if p == part]
    if not annotations:
        raise ConfigError("nothing to score: the files hold no statement" + (f" of the part {part}" if part else ""))
    if out is not None:
        prepare_output(out)
    folders = [*meetings, *(f.parent.parent / "meetings" for f in files), *(f.parent for f in files)]

    def judged(by: Classifier) -> tuple[Floats, list[str]]:
        proba = by.predict_proba(encode_annotations(annotations, by.options, meetings=folders))
        return proba, decide(proba, by.decision.threshold)

    proba, predicted = judged(model)
    clusters = clusters_of(annotations)
    metrics: dict[str, Any] = {
        "statements": score([a.stance for a in annotations], predicted, proba, clusters, seed=seed),
        "model": {"name": model.name, "digest": model.digest},
        "data": {str(f): digest_file(f) for f in files},
        "part": part,
        "environment": environment(),
    }
    settled = score_positions(annotations, predicted, proba, gold_positions(annotations, files), seed=seed)
    if settled is not None:
        metrics["positions"] = settled
    contrast = contrast_by_kind(annotations, predicted)
    if contrast:
        metrics["contrast"] = contrast
    if against is not None:
        metrics["comparison"] = {
            "against": {"name": against.name, "digest": against.digest},
            **compare([a.stance for a in annotations], predicted, judged(against)[1], clusters, seed=seed),
        }
    if out is not None:
        write_json(out / "metrics.json", metrics)
        write_text(out / "predictions.csv", predictions_csv(annotations, proba, predicted))
    return metrics
