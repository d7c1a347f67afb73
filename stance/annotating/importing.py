"""What a tool gives back → annotation files of the schema."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stance.annotating.formats import read_answers
from stance.annotating.items import answered
from stance.annotations import Annotation, read_annotations, write_annotations
from stance.errors import AnnotationError, ConfigError

__all__ = ["Imported", "import_answers"]


@dataclass(frozen=True)
class Imported:
    """What an import wrote.

    Attributes
    ----------
    written : dict of Path to int
        Files and the annotations in them.
    assumed : int
        Annotations whose basis the tool did not tell.
    """

    written: dict[Path, int]
    assumed: int


def import_answers(
    files: Sequence[Path], form: str, out: Path, annotator: str, meetings: Sequence[Path] = ()
) -> Imported:
    """Read the exports of a tool, check them against the stored texts, and write annotation files.

    Parameters
    ----------
    files : sequence of Path
        Exports of the tool.
    form : str
        See :data:`stance.annotating.formats.FORMATS`.
    out : Path
        The annotation file. Where several people labelled, each has a file of its own, with the name before the ending.
    annotator : str
        Who labelled, where the tool does not tell.
    meetings : sequence of Path
        Folders with the texts, searched before those beside ``out``.

    Returns
    -------
    Imported

    Raises
    ------
    AnnotationError
        If an answer breaks the schema or its text does not stand where it says; nothing is written then.
    ConfigError
        If the tool does not tell who labelled, and nobody is named.
    """
    by_person: dict[str, dict[str, Annotation]] = {}
    assumed = 0
    for path in files:
        for answer in read_answers(path, form):
            if not (answer.annotator or annotator):
                raise ConfigError(f"{path}: does not tell who labelled; give a name with --annotator")
            found = answered(answer, annotator, str(path))
            own = by_person.setdefault(found.annotator, {})
            if found.id in own:
                raise AnnotationError(f"{path}: {found.id} has two answers of {found.annotator}")
            own[found.id] = found
            assumed += not answer.basis
    if not by_person:
        raise AnnotationError(f"{', '.join(map(str, files))}: no item has an answer")
    targets = {
        person: out if len(by_person) == 1 else out.with_name(f"{out.stem}.{_as_name(person)}{out.suffix}")
        for person in by_person
    }
    if len(set(targets.values())) < len(targets):
        raise ConfigError(f"{out}: the names of two annotators look alike in a file\u2019s name")
    folders = [*meetings, out.parent.parent / "meetings", out.parent]
    with tempfile.TemporaryDirectory() as place:
        for person, own in by_person.items():
            checked = Path(place) / "annotations.jsonl"
            write_annotations(checked, own.values())
            try:
                read_annotations(checked, meetings=folders)
            except AnnotationError as error:
                raise AnnotationError(str(error).replace(f"{checked}:", f"{person}, answer ")) from None
    for person, own in by_person.items():
        write_annotations(targets[person], own.values())
    return Imported({targets[person]: len(own) for person, own in by_person.items()}, assumed)


def _as_name(person: str) -> str:
    return re.sub(r"[^\w.@-]+", "_", person)
