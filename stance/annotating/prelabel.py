"""A model as an annotator: what it says of statements, as an annotation file beside those of people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stance.annotating.items import Answer, answered, default_basis, read_items
from stance.annotations import Annotation, read_annotations, text_folders
from stance.consistency import speakers_of
from stance.encoding import Encoded, encode_annotations
from stance.errors import AnnotationError
from stance.model import Classifier
from stance.positions import decide_answered

__all__ = ["Prelabelled", "name_of", "prelabel", "to_prelabel"]


@dataclass(frozen=True)
class Prelabelled:
    """Annotations by a model, and the ids of the statements that it gave no label, with the reason."""

    annotations: list[Annotation]
    unanswered: dict[str, str]


def name_of(model: Classifier) -> str:
    """Return the name under which a model annotates: at its server, where it is behind one, or of the run that trained it."""
    asked = model.estimator.asked() or {}
    return str(asked.get("model", model.name))


def to_prelabel(path: Path, model: Classifier, meetings: Sequence[Path] = ()) -> tuple[list[Annotation], list[Encoded]]:
    """Read statements that a model is to label, and encode them for it.

    Parameters
    ----------
    path : Path
        An annotation file, whose labels are not looked at, or items of ``stance annotate export --format jsonl``.
    model : Classifier
    meetings : sequence of Path
        Folders with the texts.

    Returns
    -------
    list of Annotation
        With a label of no meaning.
    list of Encoded

    Raises
    ------
    AnnotationError
        If the file is neither; the message names file, line and field.
    ConfigError
        If the model's prompts show some of the statements.
    """
    if _holds_items(path):
        statements = [answered(Answer(item, "neutral", "none"), "nobody") for item in read_items(path)]
    else:
        statements = read_annotations(path, meetings=meetings)
    if not statements:
        raise AnnotationError(f"{path}: holds no statement")
    model.refuse_shown(statements)
    folders = [*text_folders([path], meetings), path.with_name(path.stem + ".texts")]
    return statements, encode_annotations(statements, model.options, meetings=folders)


def _holds_items(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as handle:
            raw = json.loads(next((line for line in handle if line.strip()), "null"))
    except (OSError, UnicodeDecodeError, ValueError):
        return False  # what reads annotations tells what is wrong
    return isinstance(raw, dict) and "target_name" in raw and "annotator" not in raw


def prelabel(statements: Sequence[Annotation], encoded: Sequence[Encoded], model: Classifier) -> Prelabelled:
    """Label statements by a model.

    Parameters
    ----------
    statements : sequence of Annotation, length n
    encoded : sequence of Encoded, length n
        What the model reads of them.
    model : Classifier

    Returns
    -------
    Prelabelled
        The annotator is the model, the basis follows from the label, the note holds the label's probability; all else, the
        origin too, is as it was.
    """
    proba = model.judge(encoded, speakers_of(statements))
    annotator = name_of(model)
    found: list[Annotation] = []
    lost: dict[str, str] = {}
    said = decide_answered(proba, model.decision.threshold)
    for statement, read, stance, p in zip(statements, encoded, said, proba, strict=True):
        if stance is None:
            lost[statement.id] = model.estimator.unanswered.get(read, "the model that was asked gave none")
            continue
        note = f"probabilities for {p[0]:.3f}, against {p[1]:.3f}, neutral {p[2]:.3f}"
        basis = default_basis(stance)
        found.append(replace(statement, stance=stance, basis=basis, annotator=annotator, note=note))
    return Prelabelled(found, lost)
