"""Statements that wait for a label, and the answers to them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance.annotations import BASES, Annotation
from stance.errors import AnnotationError
from stance.targets import STANCES, Target

if TYPE_CHECKING:
    from stance.labelling import LabelledDocument
    from stance.model import Classifier

__all__ = ["CONTEXT", "Answer", "Item", "answered", "default_basis", "find_items", "item_of", "read_items"]

#: Sentences before a statement that an annotator is shown.
CONTEXT = 2


@dataclass(frozen=True)
class Item:
    """A statement that waits for a label.

    Attributes
    ----------
    id, document, sentence, start, end, text, context, speaker, speaker_name, target
        As in :class:`stance.annotations.Annotation`.
    stance : str
        What a model says of it; empty where none was asked.
    p_for, p_against, p_neutral : float
        The model's probabilities; 0 where none was asked.
    model : str
        Name of the model.
    """

    id: str
    document: str
    sentence: int
    start: int
    end: int
    text: str
    context: str
    speaker: str
    speaker_name: str
    target: str
    stance: str = ""
    p_for: float = 0.0
    p_against: float = 0.0
    p_neutral: float = 0.0
    model: str = ""

    @property
    def p(self) -> tuple[float, float, float]:
        """The model's probabilities in the order for, against, neutral."""
        return self.p_for, self.p_against, self.p_neutral


@dataclass(frozen=True)
class Answer:
    """What a person said of an item.

    ``basis`` and ``annotator`` are empty where the tool does not tell.
    """

    item: Item
    stance: str
    basis: str = ""
    note: str = ""
    annotator: str = ""


def find_items(
    inputs: Sequence[str], model: Classifier, target: Target | None = None, *, progress: bool = False
) -> list[Item]:
    """Find the statements of summaries, and what a model says of them.

    Parameters
    ----------
    inputs : sequence of str
        INPUT arguments as on the command line.
    model : Classifier
    target : Target, optional
        The model's own when left out.
    progress : bool, default False
        Show a bar on standard error.

    Returns
    -------
    list of Item
        In the order of documents and text.

    Raises
    ------
    InputError
        If one of the inputs cannot be read.
    """
    from stance.labelling import label_inputs

    result = label_inputs(list(inputs), model, target, progress=progress)
    if result.failures:
        raise AnnotationError(result.failures[0].message)
    return [item for labelled in result.documents for item in _of_document(labelled, result.target, model.name)]


def _of_document(labelled: LabelledDocument, target: Target, model: str) -> list[Item]:
    items: list[Item] = []
    seen: Counter[str] = Counter()
    prose = labelled.attribution.prose
    for s in labelled.scored:
        x = s.statement
        place = labelled.attribution.place(x.start) or 0
        name = f"{x.document}:{x.sentence}:{x.speaker}"
        seen[name] += 1
        items.append(
            Item(
                # One sentence may have two unnamed speakers ("some …, while others …").
                name if seen[name] == 1 else f"{name}:{seen[name]}",
                x.document,
                x.sentence,
                x.start,
                x.end,
                x.text,
                "\n".join(sentence.text for sentence in prose[max(0, place - CONTEXT) : place]),
                x.speaker,
                x.speaker_name,
                target.id,
                s.stance,
                round(s.p[0], 6),
                round(s.p[1], 6),
                round(s.p[2], 6),
                model,
            )
        )
    return items


def item_of(raw: Any, where: str) -> Item:
    """Return an item from the fields that a tool handed back.

    Raises
    ------
    AnnotationError
        If a field is missing or is of another kind; the message names it.
    """
    if not isinstance(raw, dict):
        raise AnnotationError(f"{where}: holds no item of an export of this package")
    values: dict[str, Any] = {}
    for f in fields(Item):
        value = raw.get(f.name)
        optional = f.name in ("stance", "model") or f.name.startswith("p_")
        if value is None and not optional:
            raise AnnotationError(f"{where}: {f.name}: missing; was this exported by stance annotate export?")
        try:
            if f.type == "int":
                values[f.name] = int(str(value))
            elif f.type == "float":
                values[f.name] = float(value or 0.0)
            else:
                values[f.name] = "" if value is None else str(value)
        except (TypeError, ValueError):
            raise AnnotationError(f"{where}: {f.name}: {value!r} is no number") from None
    return Item(**values)


def read_items(path: Path) -> list[Item]:
    """Read items that were exported as JSON Lines.

    Raises
    ------
    AnnotationError
        If the file is missing or a line is no item; the message names file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AnnotationError(f"{path}: cannot be read: {error}") from None
    items: list[Item] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                raw = json.loads(line)
            except ValueError as error:
                raise AnnotationError(f"{path}:{number}: not JSON: {error}") from None
            items.append(item_of(raw, f"{path}:{number}"))
    if not items:
        raise AnnotationError(f"{path}: holds no item")
    return items


def default_basis(stance: str) -> str:
    """Return the basis of a label where an annotator gave none: none for *neutral*, explicit for a side."""
    return "none" if stance == "neutral" else "explicit"


def answered(answer: Answer, annotator: str, where: str = "") -> Annotation:
    """Return an answer as an annotation of the schema.

    Parameters
    ----------
    answer : Answer
    annotator : str
        Who gave it, where the answer itself does not say.
    where : str
        Place of the answer, for the message of an error.

    Raises
    ------
    AnnotationError
        If stance or basis are none of the codebook's.
    """
    basis = answer.basis or default_basis(answer.stance)
    for name, value, allowed in (("stance", answer.stance, STANCES), ("basis", basis, BASES)):
        if value not in allowed:
            raise AnnotationError(f"{where}: {name}: {value!r} is not one of {', '.join(allowed)}")
    own = {k: v for k, v in asdict(answer.item).items() if k not in ("stance", "model") and not k.startswith("p_")}
    return Annotation(
        **own,
        stance=answer.stance,
        basis=basis,
        origin="meeting",
        annotator=answer.annotator or annotator,
        note=answer.note,
    )
