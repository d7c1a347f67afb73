"""How far annotation files agree, and a model beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stance.annotations import Annotation, read_annotations, text_folders
from stance.consistency import speakers_of
from stance.encoding import encode_annotations
from stance.errors import ConfigError
from stance.evaluation.agreement import agreement_of_several
from stance.evaluation.splits import clusters_of
from stance.model import Classifier
from stance.positions import decide_answered

__all__ = ["compare_files", "describe_agreement"]

Key = tuple[str, str, str, int]


def _by_statement(annotations: Sequence[Annotation]) -> dict[Key, Annotation]:
    """Return the statements of one reading by what makes them the same in another."""
    found: dict[Key, Annotation] = {}
    seen: Counter[tuple[str, str, str]] = Counter()
    for a in annotations:
        key = (a.id if a.start is None else f"{a.document}:{a.start}-{a.end}", a.speaker, a.target)
        # One sentence may have two unnamed speakers ("some …, while others …"): they are told apart by the number that
        # the id of the second has (``…:UNNAMED.2``), or by their order.
        number = re.search(rf":{re.escape(a.speaker)}(?:\.(\d+))?$", a.id)
        place = int(number[1] or 1) - 1 if number else seen[key]
        found[(*key, place)] = a
        seen[key] += 1
    return found


def compare_files(
    files: Sequence[Path], model: str | None = None, meetings: Sequence[Path] = (), *, seed: int = 13
) -> dict[str, Any]:
    """Compare annotation files, and a model on the statements of the first.

    Parameters
    ----------
    files : sequence of Path
        Statements are the same where document, offsets (or, for single statements, id), speaker and target are.
    model : str, optional
        Model folder, hub id or name of a model in the package, as one more annotator.
    meetings : sequence of Path
        Folders with the texts of the documents.
    seed : int, default 13
        Of the bootstrap.

    Returns
    -------
    dict
        See :func:`stance.evaluation.agreement.agreement_of_several`.

    Raises
    ------
    ConfigError
        If there are fewer than two readings.
    """
    files = list(dict.fromkeys(files))
    if len(files) + (model is not None) < 2 or not files:
        raise ConfigError("two annotation files, or one and a model, are the least")
    read = {str(path): _by_statement(read_annotations(path, meetings=meetings)) for path in files}
    items = {key: a for found in read.values() for key, a in found.items()}
    labels = {name: {key: a.stance for key, a in found.items()} for name, found in read.items()}
    if model is not None:
        classifier = Classifier.load(model)
        own = read[str(files[0])]
        classifier.refuse_shown(list(own.values()))
        encoded = encode_annotations(list(own.values()), classifier.options, meetings=text_folders(files, meetings))
        proba = classifier.judge(encoded, speakers_of(list(own.values())))
        said = decide_answered(proba, classifier.decision.threshold)
        # A model that asks a server may have no label for some, like an annotator who leaves some out.
        labels[f"model {model}"] = {key: label for key, label in zip(own, said, strict=True) if label is not None}
    ratings = {name: [given.get(key) for key in items] for name, given in labels.items()}
    return agreement_of_several([a.id for a in items.values()], ratings, clusters_of(list(items.values())), seed=seed)


def describe_agreement(r: dict[str, Any]) -> str:
    """Return what :func:`compare_files` found, for a reader."""

    def shown(value: float | None, interval: tuple[float, float] | None) -> str:
        return "–" if value is None or interval is None else f"{value:.3f} ({interval[0]:.3f}–{interval[1]:.3f})"

    lines = [
        f"n = {r['n']} statements with two labels or more, {r['complete']} that all {len(r['annotators'])} labelled",
        f"Krippendorff's alpha {shown(r['alpha'], r['alpha_interval'])}",
        f"Fleiss' kappa {shown(r['fleiss'], r['fleiss_interval'])}",
    ]
    for label, found in r["alpha_per_label"].items():
        lines.append(f"  alpha of {label} against the rest {shown(found['alpha'], found['interval'])}")
    for pair in r["pairs"]:
        lines.append(
            f"{pair['first']} / {pair['second']}: Cohen's kappa {shown(pair['kappa'], pair['kappa_interval'])}, "
            f"observed {pair['observed']:.3f}, n = {pair['n']}"
        )
    for d in r["disagreements"]:
        lines.append("  " + d["item"] + ": " + " / ".join(f"{d.get(name, '–')}" for name in r["annotators"]))
    return "\n".join(lines)
