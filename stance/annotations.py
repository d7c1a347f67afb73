"""The annotation schema: JSON Lines, one statement a line; read, validate, count, convert.

Every annotated statement of the project, whether it comes from a real meeting, was authored for training or was
labelled by a model, has the same fields (see ``data/README.md``). A file is refused as a whole when one of its lines
breaks the schema: a label that silently goes missing is worse than an error.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance.errors import AnnotationError, ConfigError
from stance.manifest import write_text
from stance.targets import STANCES, load_target

if TYPE_CHECKING:
    import datasets

__all__ = [
    "BASES",
    "MASKED_SPEAKER",
    "ORIGINS",
    "Annotation",
    "check_annotations",
    "count_annotations",
    "read_annotations",
    "text_folders",
    "text_path",
    "to_dataset",
    "write_annotations",
]

BASES = ("explicit", "implicit", "anaphora", "off-target", "none")
ORIGINS = ("meeting", "authored", "model")
#: Code of the speaker of a statement that was authored in masked form.
MASKED_SPEAKER = "SPEAKER"


@dataclass(frozen=True)
class Annotation:
    """One annotated statement.

    Attributes
    ----------
    id : str
        Unique in its file; ``DOCUMENT:SENTENCE:SPEAKER`` for statements of a document.
    document, sentence, start, end
        Name of the document, number of the sentence, and its span in code points of the stored text. Single authored
        statements have no document text; their span is ``None``.
    text : str
        The sentence as stored.
    context : str
        The sentences before it, oldest first, one a line.
    speaker : str
        Code of the speaker, ``UNNAMED``, or ``SPEAKER`` for statements authored in masked form.
    speaker_name : str
        The words or the name of the speaker, where the code does not tell.
    target, stance, basis, origin, annotator, note : str
        See the codebook.
    group : str
        Name of the contrast group or of the batch that must not be torn apart by a split; empty for none.
    """

    id: str
    document: str
    sentence: int | None
    start: int | None
    end: int | None
    text: str
    context: str
    speaker: str
    target: str
    stance: str
    basis: str
    origin: str
    annotator: str
    note: str = ""
    speaker_name: str = ""
    group: str = ""


_REQUIRED = tuple(f.name for f in fields(Annotation) if f.name not in ("note", "speaker_name", "group"))
_OPTIONAL_OFFSETS = ("sentence", "start", "end")


def _stored_text(path: Path, where: str) -> str:
    """Read a document as the readers store it: as decoded, less a byte-order mark."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnnotationError(f"{where}: document: {path} is not UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise AnnotationError(f"{where}: document: {path} cannot be read: {error.strerror}") from None


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Plain json keeps the last of two equal keys; which label was meant is not for a parser to guess.
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(k for k in found if sum(key == k for key, _ in pairs) > 1)
        raise _TwiceError(twice)
    return found


class _TwiceError(ValueError):
    pass


def text_path(document: str, folders: Iterable[Path]) -> Path | None:
    """Return the stored text of a document, from the first folder that has it."""
    return next((p for p in (folder / f"{document}.txt" for folder in folders) if p.is_file()), None)


def text_folders(files: Sequence[Path], meetings: Iterable[Path] = ()) -> list[Path]:
    """Return where the texts of annotation files are looked for: folders that are named, then those beside the files."""
    return [*meetings, *(f.parent.parent / "meetings" for f in files), *(f.parent for f in files)]


def _parse(raw: Any, where: str) -> Annotation:
    if not isinstance(raw, dict):
        raise AnnotationError(f"{where}: not a JSON object")
    known = {f.name for f in fields(Annotation)}
    for key in raw:
        if key not in known:
            raise AnnotationError(f"{where}: {key}: unknown field")
    for key in _REQUIRED:
        if key not in raw:
            if key in _OPTIONAL_OFFSETS and raw.get("origin") != "meeting":
                raw = {**raw, key: None}
                continue
            raise AnnotationError(f"{where}: {key}: missing")
    for key, value in raw.items():
        if key in _OPTIONAL_OFFSETS:
            if value is None and raw["origin"] != "meeting":
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise AnnotationError(f"{where}: {key}: must be a number of at least 0, not {value!r}")
        elif not isinstance(value, str):
            raise AnnotationError(f"{where}: {key}: must be a text, not {value!r}")
    for key, allowed in (("stance", STANCES), ("basis", BASES), ("origin", ORIGINS)):
        if raw[key] not in allowed:
            raise AnnotationError(f"{where}: {key}: {raw[key]!r} is not one of {', '.join(allowed)}")
    for key, other in (("start", "end"), ("end", "start")):
        if raw[key] is None and raw[other] is not None:
            raise AnnotationError(f"{where}: {key}: missing, though {other} is given")
    for key in ("id", "text", "speaker", "target"):
        if not raw[key].strip():
            raise AnnotationError(f"{where}: {key}: is empty")
    return Annotation(**raw)


def read_annotations(
    path: Path | str, *, meetings: Sequence[Path | str] = (), offsets: bool = True
) -> list[Annotation]:
    """Read and validate one annotation file.

    Parameters
    ----------
    path : path-like
        A ``.jsonl`` file.
    meetings : sequence of path-like, optional
        Folders with the stored texts, searched before ``../meetings`` and the file's own folder.
    offsets : bool, default True
        Check that ``text[start:end]`` of the stored document equals ``text``.

    Returns
    -------
    list of Annotation

    Raises
    ------
    AnnotationError
        At the first line that breaks the schema; the message names file, line and field.
    """
    path = Path(path)
    if not path.is_file():
        raise AnnotationError(f"{path}: no such file")
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise AnnotationError(f"{path}: not UTF-8 (byte {error.start})") from None
    found: list[Annotation] = []
    seen: dict[str, int] = {}
    texts: dict[Path, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            raw = json.loads(line, object_pairs_hook=_unique_keys)
        except _TwiceError as error:
            raise AnnotationError(f"{where}: {error}: stands twice") from None
        except json.JSONDecodeError as error:
            raise AnnotationError(f"{where}: not JSON: {error.msg} at column {error.colno}") from None
        except (RecursionError, ValueError) as error:
            raise AnnotationError(f"{where}: not JSON that can be read: {error}") from None
        item = _parse(raw, where)
        if item.id in seen:
            raise AnnotationError(f"{where}: id: {item.id!r} stands on line {seen[item.id]} already")
        seen[item.id] = number
        if offsets and item.start is not None and item.end is not None:
            stored = text_path(item.document, text_folders([path], [Path(m) for m in meetings]))
            if stored is None:
                raise AnnotationError(
                    f"{where}: document: no text {item.document}.txt beside the annotations; say where it is "
                    "with --meetings DIR (in training: --set data.meetings=[DIR])"
                )
            if stored not in texts:
                texts[stored] = _stored_text(stored, where)
            if item.end - item.start != len(item.text) or texts[stored][item.start : item.end] != item.text:
                raise AnnotationError(
                    f"{where}: start: characters {item.start}–{item.end} of {stored.name} are not the sentence in 'text'"
                )
        found.append(item)
    if not found:
        raise AnnotationError(f"{path}: holds no annotation")
    return found


def write_annotations(path: Path, annotations: Iterable[Annotation]) -> None:
    """Write annotations as JSON Lines, whole or not at all."""
    write_text(path, "".join(json.dumps(asdict(item), ensure_ascii=False) + "\n" for item in annotations))


def check_annotations(paths: Iterable[Path | str], meetings: Sequence[Path | str] = ()) -> list[str]:
    """Validate files and return one message for each that is refused (an empty list when all hold)."""
    messages = []
    for path in paths:
        try:
            read_annotations(path, meetings=meetings)
        except AnnotationError as error:
            messages.append(str(error))
    return messages


def strange_targets(path: Path | str) -> list[str]:
    """Return a message for each target of a valid file that nobody has loaded: misspelt, or of its author's own."""
    messages = []
    for item in {a.target: a for a in reversed(read_annotations(path, offsets=False))}.values():
        try:
            load_target(item.target)
        except ConfigError:
            messages.append(
                f"{path}: target: {item.target!r} (of {item.id!r}) is none of the package; if it is yours, name its file with "
                "--target wherever these annotations are used (in training: --set target=FILE.yaml)"
            )
    return messages


def count_annotations(annotations: Sequence[Annotation]) -> dict[str, dict[str, int]]:
    """Count statements by stance, basis, target, origin and annotator, and the different speakers and documents."""
    counts: dict[str, dict[str, int]] = {}
    for key in ("stance", "basis", "origin", "target", "annotator"):
        counts[key] = dict(Counter(getattr(a, key) for a in annotations).most_common())
    counts["total"] = {
        "statements": len(annotations),
        "documents": len({a.document for a in annotations if a.start is not None}),
        "speakers": len({a.speaker for a in annotations} - {"UNNAMED", MASKED_SPEAKER}),
        "groups": len({a.group for a in annotations if a.group}),
    }
    return counts


def to_dataset(annotations: Sequence[Annotation]) -> datasets.Dataset:
    """Convert annotations to a ``datasets.Dataset`` with one column a field."""
    import datasets

    columns = {f.name: [getattr(a, f.name) for a in annotations] for f in fields(Annotation)}
    return datasets.Dataset.from_dict(columns)
