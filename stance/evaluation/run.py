"""Score a model on annotated statements."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from dataclasses import astuple, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from stance.annotations import Annotation, read_annotations, text_folders, text_path
from stance.attribution import attribute
from stance.consistency import speakers_of
from stance.corpus import PARTS, SPLITS, parts_of
from stance.documents import read_document
from stance.encoding import encode_annotations
from stance.errors import ConfigError, UnansweredError
from stance.evaluation.abstention import abstention
from stance.evaluation.comparison import compare
from stance.evaluation.conformal import conformal
from stance.evaluation.end_to_end import Pair, judge_pairs, score_end_to_end
from stance.evaluation.metrics import Floats, score
from stance.evaluation.positions import gold_positions, score_positions
from stance.evaluation.probes import contrast_by_kind
from stance.evaluation.splits import clusters_of
from stance.manifest import digest_file, environment, write_json, write_text
from stance.model import Classifier
from stance.positions import decide, have_label
from stance.prompting.costs import Cost
from stance.reporting.evaluation import render_evaluation
from stance.resources import configs_folder
from stance.targets import STANCES, load_target

__all__ = ["ERROR_COLUMNS", "evaluate", "evaluation_cost"]

ERROR_COLUMNS = (
    "id",
    "target",
    "speaker",
    "gold",
    "predicted",
    *(f"p_{label}" for label in STANCES),
    "context",
    "text",
)


def evaluate(
    model: Classifier,
    files: Sequence[Path],
    meetings: Sequence[Path] = (),
    out: Path | None = None,
    *,
    part: str | None = None,
    against: Classifier | None = None,
    end_to_end: bool = False,
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
        Folder for ``metrics.json``, ``predictions.csv``, ``errors.csv`` (what was labelled wrong, the surest first),
        ``evaluation.html``, a page with the figures, and, with ``end_to_end``, ``pairs.csv``.
    part : str, optional
        Score only the statements of this part of the authored corpus: ``transfer`` holds targets that a model trained
        on the other parts has never seen.
    against : Classifier, optional
        Another model to compare with on the same statements; each reads them as it was trained to.
    end_to_end : bool, default False
        Label the annotated documents from their text too, with the package's own attribution.
    seed : int
        Seed of the bootstrap. It draws delegations of a document, and whole groups of statements that stand alone.

    Returns
    -------
    dict
        ``statements`` (see :func:`stance.evaluation.metrics.score`), ``positions`` (see
        :func:`stance.evaluation.positions.score_positions`; absent where no statement stands in a document), ``abstention``
        (see :func:`stance.evaluation.abstention.abstention`), ``conformal`` (see
        :func:`stance.evaluation.conformal.conformal`; absent where there are too few statements), ``contrast``
        (see :func:`stance.evaluation.probes.contrast_by_kind`; absent without contrast groups), ``comparison``
        (see :func:`stance.evaluation.comparison.compare`; with ``against`` only), ``end_to_end`` (see
        :func:`stance.evaluation.end_to_end.score_end_to_end`; on request), ``unanswered`` (statements that a model that asks
        a server gave no label; end to end they count as missed, and they are in none of the other figures), ``withheld``
        (delegations without a position for that reason), ``seconds`` (that the model took), ``asked`` (requests and tokens of such
        a model), ``model`` and ``data``.

    Raises
    ------
    ConfigError
        If there is nothing to score, or the prompts of a model show statements of what is scored.
    """
    from stance.labelling import prepare_output
    from stance.training import predictions_csv, trained_on

    annotations = _chosen(files, meetings, part)
    if out is not None:
        prepare_output(out)
    folders = text_folders(files, meetings)

    models = [m for m in (model, against) if m is not None]
    for m in models:
        m.refuse_shown(annotations)
    encoded = [encode_annotations(annotations, m.options, meetings=folders) for m in models]
    begun = time.perf_counter()
    speakers = speakers_of(annotations)
    judged = [model.judge(encoded[0], speakers)]
    seconds = time.perf_counter() - begun
    judged += [m.judge(x, speakers) for m, x in zip(models[1:], encoded[1:], strict=True)]
    # Both are compared on the same statements.
    known = np.flatnonzero(np.all([have_label(p) for p in judged], axis=0))
    lost = len(annotations) - len(known)
    if not len(known):
        raise UnansweredError(f"nothing to score: none of the {lost} statements has a label")
    everything, annotations = annotations, [annotations[i] for i in known]
    proba = judged[0][known]
    predicted = decide(proba, model.decision.threshold)
    clusters = clusters_of(annotations)
    metrics: dict[str, Any] = {
        "statements": score([a.stance for a in annotations], predicted, proba, clusters, seed=seed),
        "model": {"name": model.name, "digest": model.digest},
        "data": {str(f): digest_file(f) for f in files},
        "part": part,
        "unanswered": lost,
        "seconds": seconds,
        "trained_on": list(map(str, trained_on(model, files))),
        "environment": environment(),
    }
    settled, withheld = _positions(everything, known.tolist(), predicted, proba, files, seed)
    metrics["withheld"] = withheld
    if settled is not None:
        metrics["positions"] = settled
    confidence = proba[np.arange(len(proba)), [STANCES.index(label) for label in predicted]]
    metrics["abstention"] = abstention([a.stance for a in annotations], predicted, confidence, clusters, seed=seed)
    sets = conformal([a.stance for a in annotations], proba, clusters, seed=seed)
    if sets is not None:
        metrics["conformal"] = sets
    contrast = contrast_by_kind(annotations, predicted)
    if contrast:
        metrics["contrast"] = contrast
    pairs: list[Pair] = []
    if end_to_end:
        pairs = judge_pairs(model, everything, folders)
        metrics["end_to_end"] = score_end_to_end(pairs, seed=seed)
    if against is not None:
        metrics["comparison"] = {
            "against": {"name": against.name, "digest": against.digest},
            **compare(
                [a.stance for a in annotations],
                predicted,
                decide(judged[1][known], against.decision.threshold),
                clusters,
                seed=seed,
            ),
        }
    asked = model.estimator.asked()
    if asked is not None:
        metrics["asked"] = asked
    if out is not None:
        write_json(out / "metrics.json", metrics)
        write_text(out / "predictions.csv", predictions_csv(annotations, proba, predicted))
        if end_to_end:
            write_text(out / "pairs.csv", _pairs_csv(pairs))
        errors = _errors(annotations, proba, predicted, confidence)
        handle = io.StringIO()
        writer = csv.DictWriter(handle, ERROR_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(errors)
        write_text(out / "errors.csv", handle.getvalue())
        write_text(
            out / "evaluation.html", render_evaluation(metrics, annotations, proba, predicted, confidence, errors)
        )
    return metrics


def _chosen(files: Sequence[Path], meetings: Sequence[Path], part: str | None) -> list[Annotation]:
    """Return the statements that are scored."""
    annotations = [a for f in files for a in read_annotations(f, meetings=meetings)]
    if part is not None:
        if part not in PARTS:
            raise ConfigError(f"--part {part}: not one of {', '.join(PARTS)}")
        place = parts_of(annotations, configs_folder().parent / SPLITS)
        annotations = [a for a, p in zip(annotations, place, strict=True) if p == part]
    if not annotations:
        raise ConfigError("nothing to score: the files hold no statement" + (f" of the part {part}" if part else ""))
    return annotations


def evaluation_cost(
    models: Sequence[Classifier],
    files: Sequence[Path],
    meetings: Sequence[Path] = (),
    *,
    part: str | None = None,
    end_to_end: bool = False,
) -> Cost:
    """Return what :func:`evaluate` would cost, where models ask a server; nothing is sent.

    Parameters
    ----------
    models : sequence of Classifier
        The first is the one that would be scored, also end to end.
    files, meetings, part, end_to_end
        As for :func:`evaluate`.

    Returns
    -------
    Cost
    """
    annotations = _chosen(files, meetings, part)
    folders = text_folders(files, meetings)
    total = Cost()
    for number, model in enumerate(models):
        model.refuse_shown(annotations)
        encoded = encode_annotations(annotations, model.options, meetings=folders)
        if end_to_end and number == 0:
            places = {(a.document, a.target) for a in annotations if a.start is not None}
            for document, target in sorted(places):
                path = text_path(document, folders)
                if path is not None:
                    attribution = attribute(read_document(path))
                    encoded += model.encode(attribution, attribution.statements, load_target(target))
        total = total + model.estimator.cost(encoded)
    return total


def _positions(
    everything: Sequence[Annotation],
    known: Sequence[int],
    predicted: Sequence[str],
    proba: Floats,
    files: Sequence[Path],
    seed: int,
) -> tuple[dict[str, Any] | None, int]:
    """Score the positions of delegations all of whose statements have a label; tell how many others there are.

    Where they stand by the annotators does not hang on what the model left out.
    """
    there = set(known)
    lost = {_place(a) for i, a in enumerate(everything) if i not in there}
    gold = gold_positions(everything, files)
    whole = replace(gold, positions={key: p for key, p in gold.positions.items() if key not in lost})
    rows = [k for k, i in enumerate(known) if _place(everything[i]) not in lost]
    chosen = [everything[known[k]] for k in rows]
    settled = score_positions(chosen, [predicted[k] for k in rows], proba[rows], whole, seed=seed)
    return settled, len(gold.positions) - len(whole.positions)


def _place(a: Annotation) -> tuple[str, str, str]:
    return a.document, a.target, a.speaker


def _pairs_csv(pairs: Sequence[Pair]) -> str:
    handle = io.StringIO()
    writer = csv.writer(handle, lineterminator="\n")
    writer.writerow([f.name for f in fields(Pair)])
    writer.writerows(astuple(p) for p in pairs)
    return handle.getvalue()


def _errors(
    annotations: Sequence[Annotation], proba: Floats, predicted: Sequence[str], confidence: Floats
) -> list[dict[str, str]]:
    """Return what was labelled wrong, the surest first."""
    wrong = [i for i, a in enumerate(annotations) if a.stance != predicted[i]]
    rows = []
    for i in sorted(wrong, key=lambda i: -confidence[i]):
        a = annotations[i]
        known = {"id": a.id, "target": a.target, "speaker": a.speaker, "gold": a.stance, "predicted": predicted[i]}
        p = {f"p_{label}": f"{proba[i, k]:.4f}" for k, label in enumerate(STANCES)}
        rows.append({**known, **p, "context": a.context.replace("\n", " "), "text": a.text})
    return rows
