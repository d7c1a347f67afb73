"""Items for annotation tools, and what the tools give back.

Each tool's record carries all that is known of the item, so that its export alone, with the texts of the meetings, makes an
annotation file. The schemas are the tools' own: Label Studio's tasks with predictions and its labelling interface, Argilla's
records as JSON, doccano's JSON Lines for the classification of texts, and CSV for everything else that has rows.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from stance.annotating.items import Answer, Item, item_of
from stance.annotations import BASES
from stance.errors import AnnotationError, ConfigError
from stance.manifest import write_text
from stance.targets import STANCES, load_target

__all__ = ["FORMATS", "read_answers", "write_items"]

_ITEM = tuple(f.name for f in fields(Item))
_CSV = (
    "id", "document", "sentence", "start", "end", "target", "speaker", "speaker_name", "context", "text",
    "model", "suggestion", "p_for", "p_against", "p_neutral", "stance", "basis", "note",
)  # fmt: skip


def write_items(items: Sequence[Item], path: Path, form: str) -> list[Path]:
    """Write items for a tool.

    Parameters
    ----------
    items : sequence of Item
        In the order in which they are to be labelled.
    path : Path
        The file; its folder must exist.
    form : str
        One of :data:`FORMATS`.

    Returns
    -------
    list of Path
        The files that were written: for Label Studio the labelling interface too, beside the tasks.

    Raises
    ------
    ConfigError
        If the form is not known or there are no items.
    OutputError
        If the file cannot be written.
    """
    if form not in FORMATS:
        raise ConfigError(f"--format {form}: not one of {', '.join(FORMATS)}")
    if not items:
        raise ConfigError("nothing to annotate: no statement was found")
    write_text(path, FORMATS[form][0](items))
    if form != "label-studio":
        return [path]
    interface = path.with_name(path.stem + ".interface.xml")
    write_text(interface, label_studio_interface(items[0].target))
    return [path, interface]


def read_answers(path: Path, form: str) -> list[Answer]:
    """Read what a tool gives back; items without an answer are passed over.

    Parameters
    ----------
    path : Path
        The tool's export.
    form : str
        One of :data:`FORMATS`.

    Returns
    -------
    list of Answer
        Several for an item that several people labelled.

    Raises
    ------
    AnnotationError
        If the file is not of that form; the message names file, record and field.
    """
    if form not in FORMATS:
        raise ConfigError(f"--format {form}: not one of {', '.join(FORMATS)}")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AnnotationError(f"{path}: cannot be read: {error}") from None
    return list(FORMATS[form][1](text, path))


def _records(text: str, path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the objects of a JSON array, each with its place."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise AnnotationError(f"{path}: not JSON: {error}") from None
    if not isinstance(found, list):
        raise AnnotationError(f"{path}: must be a list of records, as the tool's JSON export is")
    for number, record in enumerate(found, 1):
        where = f"{path}: record {number}"
        if not isinstance(record, dict):
            raise AnnotationError(f"{where}: must be an object")
        yield where, record


# --- Label Studio -----------------------------------------------------------------------------------------------------


def label_studio_interface(target: str) -> str:
    """Return the labelling interface of Label Studio, to be pasted into its settings (Labeling Interface, Code)."""
    choices = {
        name: "".join(f"    <Choice value={quoteattr(v)} hotkey={quoteattr(key)}/>\n" for v, key in keys)
        for name, keys in (
            ("stance", [(s, s[0]) for s in STANCES]),
            ("basis", [(b, str(i)) for i, b in enumerate(BASES, 1)]),
        )
    }
    asked = quoteattr(f"Stance of the speaker towards: {load_target(target).name}")
    return (
        "<View>\n"
        f"  <Header value={asked}/>\n"
        '  <Header value="$speaker_name" size="4"/>\n'
        '  <Text name="context" value="$context"/>\n'
        '  <Text name="text" value="$text"/>\n'
        '  <Choices name="stance" toName="text" choice="single-radio" required="true" showInline="true">\n'
        f"{choices['stance']}  </Choices>\n"
        '  <Choices name="basis" toName="text" choice="single-radio" showInline="true">\n'
        f"{choices['basis']}  </Choices>\n"
        '  <TextArea name="note" toName="text" rows="2" placeholder="Note"/>\n'
        "</View>\n"
    )


def _to_label_studio(items: Sequence[Item]) -> str:
    tasks = []
    for item in items:
        # Label Studio shows an empty text as an error.
        data = {**{k: getattr(item, k) for k in _ITEM if k != "stance"}, "context": item.context or " "}
        task: dict[str, Any] = {"data": {**data, "suggestion": item.stance}}
        if item.stance:
            choice = {
                "from_name": "stance",
                "to_name": "text",
                "type": "choices",
                "value": {"choices": [item.stance]},
            }
            score = item.p[STANCES.index(item.stance)]
            task["predictions"] = [{"model_version": item.model, "score": score, "result": [choice]}]
        tasks.append(task)
    return json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"


def _from_label_studio(text: str, path: Path) -> Iterator[Answer]:
    for where, task in _records(text, path):
        data = task.get("data")
        if not isinstance(data, dict):
            raise AnnotationError(f"{where}: data: missing; export from Label Studio as JSON, not as JSON-MIN")
        item = item_of(
            {**data, "context": str(data.get("context", "")).strip(), "stance": data.get("suggestion")}, where
        )
        for annotation in task.get("annotations") or []:
            if annotation.get("was_cancelled"):
                continue
            given: dict[str, str] = {}
            for result in annotation.get("result") or []:
                value = result.get("value") or {}
                found = value.get("choices") or value.get("text") or []
                found = [found] if isinstance(found, str) else found
                given[result.get("from_name", "")] = " ".join(map(str, found))
            if given.get("stance"):
                yield Answer(item, given["stance"], given.get("basis", ""), given.get("note", ""), _who(annotation))


def _who(annotation: Mapping[str, Any]) -> str:
    """Return who completed an annotation of Label Studio: a number or, in some exports, an object."""
    by = annotation.get("completed_by")
    if isinstance(by, dict):
        by = by.get("email") or by.get("id")
    return "" if by is None else str(by)


# --- Argilla ----------------------------------------------------------------------------------------------------------


def _to_argilla(items: Sequence[Item]) -> str:
    records = []
    for item in items:
        shown = {"text": item.text, "context": item.context, "speaker": item.speaker_name}
        suggestion = (
            {"value": item.stance, "score": item.p[STANCES.index(item.stance)], "agent": item.model}
            if item.stance
            else {}
        )
        records.append(
            {
                "id": item.id,
                "fields": shown,
                "metadata": {k: getattr(item, k) for k in _ITEM if k not in ("id", "text", "context", "speaker_name")},
                "suggestions": {"stance": suggestion} if suggestion else {},
                "responses": {},
                "vectors": {},
            }
        )
    return json.dumps(records, ensure_ascii=False, indent=1) + "\n"


def _from_argilla(text: str, path: Path) -> Iterator[Answer]:
    for where, record in _records(text, path):
        shown, known = record.get("fields"), record.get("metadata")
        if not isinstance(shown, dict) or not isinstance(known, dict):
            raise AnnotationError(f"{where}: fields, metadata: missing; export from Argilla with records.to_json(PATH)")
        raw = {**known, "id": record.get("id"), "text": shown.get("text"), "context": shown.get("context")}
        item = item_of({**raw, "speaker_name": shown.get("speaker")}, where)
        by_user: dict[str, dict[str, str]] = {}
        for question, responses in (record.get("responses") or {}).items():
            for response in responses:
                if response.get("status") not in (None, "submitted"):
                    continue
                by_user.setdefault(str(response.get("user_id") or ""), {})[question] = str(response.get("value") or "")
        for user, given in by_user.items():
            if given.get("stance"):
                yield Answer(item, given["stance"], given.get("basis", ""), given.get("note", ""), user)


# --- doccano ----------------------------------------------------------------------------------------------------------


def _to_doccano(items: Sequence[Item]) -> str:
    lines = []
    for item in items:
        # All but text and label are kept by doccano as metadata; a field named "id" would be taken for its own. A
        # suggestion is no label here: nobody could tell afterwards whether a person had looked at it.
        known = {("item" if k == "id" else k): getattr(item, k) for k in _ITEM if k not in ("text", "stance")}
        record = {"text": item.text, "label": [], **known, "suggestion": item.stance}
        lines.append(json.dumps(record, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def _from_doccano(text: str, path: Path) -> Iterator[Answer]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            record = json.loads(line)
        except ValueError as error:
            raise AnnotationError(f"{where}: not JSON: {error}") from None
        if not isinstance(record, dict):
            raise AnnotationError(f"{where}: must be an object")
        # Some versions put what they were given beside text and label under "metadata" or "meta".
        known = {**record, **(record.get("metadata") or record.get("meta") or {})}
        item = item_of({**known, "id": known.get("item"), "stance": known.get("suggestion")}, where)
        labels = [str(label) for label in record.get("label") or record.get("labels") or []]
        sides = [label for label in labels if label in STANCES]
        others = [label for label in labels if label not in STANCES]
        if len(sides) > 1:
            raise AnnotationError(f"{where}: label: holds {' and '.join(sides)}; a statement has one stance")
        wrong = [label for label in others if label not in BASES]
        if wrong:
            raise AnnotationError(f"{where}: label: {wrong[0]!r} is not one of {', '.join((*STANCES, *BASES))}")
        if sides:
            comments = record.get("Comments") or record.get("comments") or []
            yield Answer(item, sides[0], others[0] if others else "", " ".join(map(str, comments)))


# --- tables -----------------------------------------------------------------------------------------------------------


def _to_csv(items: Sequence[Item]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, _CSV, lineterminator="\n")
    writer.writeheader()
    for item in items:
        writer.writerow({**asdict(item), "suggestion": item.stance, "stance": "", "basis": "", "note": ""})
    return out.getvalue()


def _from_csv(text: str, path: Path) -> Iterator[Answer]:
    # Spreadsheets of some countries write semicolons.
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    missing = [name for name in ("id", "stance", "text") if name not in (reader.fieldnames or ())]
    if missing:
        raise AnnotationError(f"{path}: {missing[0]}: no such column")
    for row in reader:
        where = f"{path}:{reader.line_num}"
        item = item_of({**row, "stance": row.get("suggestion")}, where)
        if (row["stance"] or "").strip():
            basis, note = (row.get("basis") or "").strip(), (row.get("note") or "").strip()
            yield Answer(item, row["stance"].strip().lower(), basis.lower(), note)


def _to_lines(items: Sequence[Item]) -> str:
    return "".join(json.dumps(asdict(item), ensure_ascii=False) + "\n" for item in items)


def _from_lines(text: str, path: Path) -> Iterable[Answer]:
    raise ConfigError(
        f"{path}: items in JSON Lines are labelled by stance annotate start, which writes annotations itself"
    )


#: Form → how it is written and how it is read.
FORMATS: dict[str, tuple[Callable[[Sequence[Item]], str], Callable[[str, Path], Iterable[Answer]]]] = {
    "label-studio": (_to_label_studio, _from_label_studio),
    "argilla": (_to_argilla, _from_argilla),
    "doccano": (_to_doccano, _from_doccano),
    "csv": (_to_csv, _from_csv),
    "jsonl": (_to_lines, _from_lines),
}
