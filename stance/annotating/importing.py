"""What a tool gives back → annotation files of the schema."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stance.annotating.formats import read_answers
from stance.annotating.items import answered
from stance.annotations import Annotation, read_annotations, text_folders, write_annotations
from stance.errors import AnnotationError, ConfigError, OutputError

__all__ = ["Imported", "check_new", "import_answers"]


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
    files: Sequence[Path],
    form: str,
    out: Path,
    annotator: str,
    meetings: Sequence[Path] = (),
    *,
    overwrite: bool = False,
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
    overwrite : bool, default False
        Write over files that exist.

    Returns
    -------
    Imported

    Raises
    ------
    AnnotationError
        If an answer breaks the schema or its text does not stand where it says; nothing is written then.
    ConfigError
        If the tool does not tell who labelled, and nobody is named.
    OutputError
        If a file exists and is not to be overwritten.
    """
    by_person: dict[str, dict[str, tuple[Annotation, str]]] = {}
    assumed = 0
    for path in files:
        for answer in read_answers(path, form):
            if not (answer.annotator or annotator):
                raise ConfigError(f"{path}: does not tell who labelled; give a name with --annotator")
            found = answered(answer, annotator)
            own = by_person.setdefault(found.annotator, {})
            if found.id in own:
                raise AnnotationError(f"{answer.where}: {found.id} has two answers of {found.annotator}")
            own[found.id] = (found, answer.where)
            assumed += not answer.basis
    if not by_person:
        raise AnnotationError(f"{', '.join(map(str, files))}: no item has an answer")
    targets = {
        person: out if len(by_person) == 1 else out.with_name(f"{out.stem}.{_as_name(person)}{out.suffix}")
        for person in by_person
    }
    if len(set(targets.values())) < len(targets):
        raise ConfigError(f"{out}: the names of two annotators look alike in a file’s name")
    for path in targets.values():
        check_new(path, overwrite)
    folders = text_folders([out], meetings)
    with tempfile.TemporaryDirectory() as place:
        checked = Path(place) / "folder" / "annotations.jsonl"
        checked.parent.mkdir()
        for own in by_person.values():
            wheres = [where for _, where in own.values()]
            write_annotations(checked, [a for a, _ in own.values()])
            try:
                read_annotations(checked, meetings=folders)
            except AnnotationError as error:
                # Its line is the answer's number.
                line = re.match(rf"{re.escape(str(checked))}:(\d+)", str(error))
                where = wheres[int(line[1]) - 1] if line else str(out)
                message = str(error).removeprefix(line[0] if line else "").removeprefix(": ")
                raise AnnotationError(f"{where}: {message}") from None
    for person, own in by_person.items():
        write_annotations(targets[person], [a for a, _ in own.values()])
    return Imported({targets[person]: len(own) for person, own in by_person.items()}, assumed)


def check_new(path: Path, overwrite: bool) -> None:
    """Refuse to write over what a person may have worked on.

    Raises
    ------
    OutputError
        If there is such a file and it is not to be overwritten, or no folder for it.
    """
    if not path.name or path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file in it")
    if not path.parent.is_dir():
        raise OutputError(f"{path.parent}: no such folder; make it first")
    if path.exists() and not overwrite:
        raise OutputError(f"{path}: exists, and may hold answers; name another file, or add --overwrite")


def _as_name(person: str) -> str:
    return re.sub(r"[^\w.@-]+", "_", person)
