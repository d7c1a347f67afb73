"""Statements that wait for a label, and the answers to them."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance.annotations import BASES, Annotation
from stance.errors import AnnotationError
from stance.targets import STANCES, Target

if TYPE_CHECKING:
    from stance.labelling import LabelledDocument, Labelling

__all__ = ["CONTEXT", "Answer", "Item", "answered", "default_basis", "item_of", "items_of", "read_items"]

#: Sentences before a statement that an annotator is shown.
CONTEXT = 2


@dataclass(frozen=True)
class Item:
    """A statement that waits for a label.

    Attributes
    ----------
    id, document, sentence, start, end, text, context, speaker, speaker_name, target
        As in :class:`stance.annotations.Annotation`.
    target_name : str
        The target in words, for the person who labels.
    stance : str
        What a model says of it; empty where nothing is to be shown.
    p_for, p_against, p_neutral : float
        The model's probabilities; 0 where nothing is to be shown.
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
    target_name: str
    stance: str = ""
    p_for: float = 0.0
    p_against: float = 0.0
    p_neutral: float = 0.0
    model: str = ""

    @property
    def p(self) -> tuple[float, float, float]:
        """The model's probabilities in the order for, against, neutral."""
        return self.p_for, self.p_against, self.p_neutral

    def blind(self) -> Item:
        """Return the item without what a model says of it."""
        return replace(self, stance="", p_for=0.0, p_against=0.0, p_neutral=0.0, model="")


@dataclass(frozen=True)
class Answer:
    """What a person said of an item.

    ``basis`` and ``annotator`` are empty where the tool does not tell; ``where`` is the answer's place in the tool's file.
    """

    item: Item
    stance: str
    basis: str = ""
    note: str = ""
    annotator: str = ""
    where: str = ""


def items_of(labelling: Labelling) -> list[Item]:
    """Return the statements of labelled summaries, in the order of documents and text, with what the model says of them."""
    target, model = labelling.target, labelling.model.name
    return [item for labelled in labelling.documents for item in _of_document(labelled, target, model)]


def _of_document(labelled: LabelledDocument, target: Target, model: str) -> list[Item]:
    items: list[Item] = []
    seen: Counter[str] = Counter()
    prose = labelled.attribution.prose
    for s in labelled.scored:
        x = s.statement
        place = labelled.attribution.place(x.start) or 0
        name = _name(x.document, x.sentence, x.speaker)
        seen[name] += 1
        items.append(
            Item(
                # One sentence may have two unnamed speakers ("some …, while others …").
                name if seen[name] == 1 else f"{name}.{seen[name]}",
                x.document,
                x.sentence,
                x.start,
                x.end,
                x.text,
                "\n".join(sentence.text for sentence in prose[max(0, place - CONTEXT) : place]),
                x.speaker,
                x.speaker_name,
                target.id,
                target.name,
                s.stance,
                round(s.p[0], 6),
                round(s.p[1], 6),
                round(s.p[2], 6),
                model,
            )
        )
    return items


def _name(document: str, sentence: int, speaker: str) -> str:
    return f"{document}:{sentence}:{speaker}"


def item_of(raw: Any, where: str) -> Item:
    """Return an item from the fields that a tool handed back.

    Numbers may be texts, as spreadsheets have them. What the model said comes along where the tool kept it.

    Raises
    ------
    AnnotationError
        If a field is missing, is of another kind or was changed, so that it is not what the id says; the message names it.
    """
    if not isinstance(raw, dict):
        raise AnnotationError(f"{where}: holds no item of an export of this package")
    values: dict[str, Any] = {}
    for f in fields(Item):
        value = raw.get(f.name)
        if f.type == "float":
            values[f.name] = _probability(value)
        elif value is None and f.name not in ("context", "stance", "model"):
            raise AnnotationError(f"{where}: {f.name}: missing; was this exported by stance annotate export?")
        elif f.type == "int":
            values[f.name] = _count(value, f"{where}: {f.name}")
        elif value is not None and not isinstance(value, str):
            raise AnnotationError(f"{where}: {f.name}: must be a text, not {value!r}")
        else:
            values[f.name] = value or ""
    for name in ("id", "document", "text", "speaker", "target"):
        if not values[name].strip():
            raise AnnotationError(f"{where}: {name}: is empty")
    item = Item(**values)
    # What a document's second unnamed speaker is told by (see above).
    if re.sub(r"\.\d+$", "", item.id) != _name(item.document, item.sentence, item.speaker):
        raise AnnotationError(
            f"{where}: id: {item.id!r} is not of sentence {item.sentence} of {item.document}, by {item.speaker}; an answer "
            "labels what was exported, and who spoke is corrected in the annotation file"
        )
    return item


def _count(value: Any, where: str) -> int:
    """Return a number of at least 0; spreadsheets write 12 as 12.0."""
    try:
        number = float(value) if not isinstance(value, bool) else float("nan")
    except (TypeError, ValueError):
        number = float("nan")
    if not (number >= 0 and number.is_integer()):
        raise AnnotationError(f"{where}: must be a number of at least 0, not {value!r}")
    return int(number)


def _probability(value: Any) -> float:
    """Return a probability; 0 for anything else, because nothing hangs on what a tool made of it."""
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
    return number if 0 <= number <= 1 else 0.0


def read_items(path: Path) -> list[Item]:
    """Read items that were exported as JSON Lines.

    Raises
    ------
    AnnotationError
        If the file is missing, a line is no item or an item comes twice; the message names file and line.
    """
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise AnnotationError(f"{path}: cannot be read: {error}") from None
    items: dict[str, Item] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{path}:{number}"
            try:
                raw = json.loads(line)
            except ValueError as error:
                raise AnnotationError(f"{where}: not JSON: {error}") from None
            item = item_of(raw, where)
            if item.id in items:
                raise AnnotationError(f"{where}: id: {item.id!r} stands there already; label each export by itself")
            items[item.id] = item
    if not items:
        raise AnnotationError(f"{path}: holds no item")
    return list(items.values())


def default_basis(stance: str) -> str:
    """Return the basis of a label where an annotator gave none: none for *neutral*, explicit for a side."""
    return "none" if stance == "neutral" else "explicit"


def answered(answer: Answer, annotator: str) -> Annotation:
    """Return an answer as an annotation of the schema.

    Parameters
    ----------
    answer : Answer
    annotator : str
        Who gave it, where the answer itself does not say.

    Raises
    ------
    AnnotationError
        If stance or basis are none of the codebook's; the message names the answer's place.
    """
    basis = answer.basis or default_basis(answer.stance)
    for name, value, allowed in (("stance", answer.stance, STANCES), ("basis", basis, BASES)):
        if value not in allowed:
            raise AnnotationError(f"{answer.where}: {name}: {value!r} is not one of {', '.join(allowed)}")
    shared = {f.name for f in fields(Annotation)} - {"stance"}
    return Annotation(
        **{k: v for k, v in asdict(answer.item).items() if k in shared},
        stance=answer.stance,
        basis=basis,
        origin="meeting",
        annotator=answer.annotator or annotator,
        note=answer.note,
    )
