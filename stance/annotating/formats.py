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
from stance.manifest import csv_lines, write_text
from stance.targets import STANCES

__all__ = ["FORMATS", "read_answers", "write_items"]

_ITEM = tuple(f.name for f in fields(Item))
_CSV = (
    "id", "document", "sentence", "start", "end", "target", "target_name", "speaker", "speaker_name", "context", "text",
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
    write, _ = _form(form)
    if not items:
        raise ConfigError("nothing to annotate: no statement was found")
    written = {path: write(items)}
    if form == "label-studio":
        written[path.with_name(path.stem + ".interface.xml")] = label_studio_interface(items[0].target_name)
    for place, text in written.items():
        write_text(place, text)
    return list(written)


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
    _, read = _form(form)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnnotationError(
            f"{path}: not UTF-8 (byte {error.start}); a spreadsheet must store it as “CSV UTF-8”"
        ) from None
    except OSError as error:
        raise AnnotationError(f"{path}: cannot be read: {error.strerror or error}") from None
    return list(read(text, path))


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    """Return a value that must be an object; nothing is an empty one."""
    if value is not None and not isinstance(value, dict):
        raise AnnotationError(f"{where}: must be an object, not {value!r}; is this the tool's JSON export?")
    return value or {}


def _list(value: Any, where: str) -> list[Any]:
    """Return a value that must be a list; nothing is an empty one."""
    if value is not None and not isinstance(value, list):
        raise AnnotationError(f"{where}: must be a list, not {value!r}; is this the tool's JSON export?")
    return value or []


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
        yield where, _mapping(record, where)


# --- Label Studio -----------------------------------------------------------------------------------------------------


def label_studio_interface(target_name: str) -> str:
    """Return the labelling interface of Label Studio, to be pasted into its settings (Labeling Interface, Code)."""
    choices = {
        name: "".join(f"    <Choice value={quoteattr(v)} hotkey={quoteattr(key)}/>\n" for v, key in keys)
        for name, keys in (
            ("stance", [(s, s[0]) for s in STANCES]),
            ("basis", [(b, str(i)) for i, b in enumerate(BASES, 1)]),
        )
    }
    asked = quoteattr(f"Stance of the speaker towards: {target_name}")
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
        data = _mapping(task.get("data"), f"{where}: data")
        if not data:
            raise AnnotationError(f"{where}: data: missing; export from Label Studio as JSON, not as JSON-MIN")
        context = data.get("context")
        shown = context.strip(" ") if isinstance(context, str) else context
        item = item_of({**data, "context": shown, "stance": data.get("suggestion")}, where)
        for raw in _list(task.get("annotations"), f"{where}: annotations"):
            annotation = _mapping(raw, f"{where}: annotations")
            if annotation.get("was_cancelled"):
                continue
            given: dict[str, str] = {}
            for part in _list(annotation.get("result"), f"{where}: result"):
                result = _mapping(part, f"{where}: result")
                value = _mapping(result.get("value"), f"{where}: value")
                found = value.get("choices") or value.get("text") or []
                found = [found] if isinstance(found, str) else _list(found, f"{where}: value")
                given[str(result.get("from_name", ""))] = " ".join(map(str, found))
            if given.get("stance"):
                yield Answer(
                    item, given["stance"], given.get("basis", ""), given.get("note", ""), _who(annotation), where
                )


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
        shown, known = _mapping(record.get("fields"), f"{where}: fields"), _mapping(record.get("metadata"), where)
        if not shown or not known:
            raise AnnotationError(
                f"{where}: fields, metadata: missing; export from Argilla with records.to_json(PATH), from a dataset that "
                "keeps metadata"
            )
        raw = {**known, "id": record.get("id"), "text": shown.get("text"), "context": shown.get("context")}
        item = item_of({**raw, "speaker_name": shown.get("speaker")}, where)
        by_user: dict[str, dict[str, str]] = {}
        for question, responses in _mapping(record.get("responses"), f"{where}: responses").items():
            for part in _list(responses, f"{where}: responses"):
                response = _mapping(part, f"{where}: responses")
                if response.get("status") in (None, "submitted"):
                    given = by_user.setdefault(str(response.get("user_id") or ""), {})
                    given[question] = str(response.get("value") or "")
        for user, given in by_user.items():
            if given.get("stance"):
                yield Answer(item, given["stance"], given.get("basis", ""), given.get("note", ""), user, where)


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
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            record = _mapping(json.loads(line), where)
        except ValueError as error:
            raise AnnotationError(f"{where}: not JSON: {error}; export from doccano as JSONL") from None
        # Some versions put what they were given beside text and label under "metadata" or "meta".
        known = {**record, **_mapping(record.get("metadata") or record.get("meta"), f"{where}: metadata")}
        item = item_of({**known, "id": known.get("item"), "stance": known.get("suggestion")}, where)
        labels = list(map(str, _list(record.get("label") or record.get("labels"), f"{where}: label")))
        for allowed in (STANCES, BASES):
            several = [label for label in labels if label in allowed]
            if len(several) > 1:
                raise AnnotationError(f"{where}: label: holds {' and '.join(several)}; one is all there can be")
        wrong = [label for label in labels if label not in (*STANCES, *BASES)]
        if wrong:
            raise AnnotationError(f"{where}: label: {wrong[0]!r} is not one of {', '.join((*STANCES, *BASES))}")
        stance = next((label for label in labels if label in STANCES), "")
        basis = next((label for label in labels if label in BASES), "")
        if basis and not stance:
            raise AnnotationError(f"{where}: label: holds {basis}, but no stance")
        if stance:
            comments = record.get("Comments") or record.get("comments") or []
            note = comments if isinstance(comments, str) else " ".join(map(str, _list(comments, f"{where}: Comments")))
            yield Answer(item, stance, basis, note, "", where)


# --- tables -----------------------------------------------------------------------------------------------------------


def _to_csv(items: Sequence[Item]) -> str:
    rows = [{**asdict(item), "suggestion": item.stance, "stance": "", "basis": "", "note": ""} for item in items]
    # The byte-order mark tells spreadsheets that it is UTF-8.
    return "\ufeff" + csv_lines(rows, _CSV, header=True)


def _from_csv(text: str, path: Path) -> Iterator[Answer]:
    # Spreadsheets of some countries write semicolons.
    first = text.split("\n", 1)[0]
    comma = ";" if first.count(";") > first.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
    try:
        missing = [name for name in ("id", "stance", "text") if name not in (reader.fieldnames or ())]
        if missing:
            raise AnnotationError(f"{path}: {missing[0]}: no such column; was this exported by stance annotate export?")
        # Cells hold line breaks: who looks for a row in a spreadsheet has no use for the number of a line.
        for number, row in enumerate(reader, start=2):
            where = f"{path}: row {number} ({row.get('id')})"
            stance, basis, note = ((row.get(name) or "").strip() for name in ("stance", "basis", "note"))
            if stance:
                item = item_of({**row, "stance": row.get("suggestion")}, where)
                yield Answer(item, stance.lower(), basis.lower(), note, "", where)
    except csv.Error as error:
        raise AnnotationError(f"{path}:{reader.line_num}: not CSV: {error}; was this exported as a table?") from None


def _to_lines(items: Sequence[Item]) -> str:
    return "".join(json.dumps(asdict(item), ensure_ascii=False) + "\n" for item in items)


def _from_lines(text: str, path: Path) -> Iterable[Answer]:
    raise ConfigError(
        f"{path}: items in JSON Lines are labelled by stance annotate start, which writes annotations itself"
    )


Form = tuple[Callable[[Sequence[Item]], str], Callable[[str, Path], Iterable[Answer]]]
#: Form → how it is written and how it is read.
FORMATS: dict[str, Form] = {
    "label-studio": (_to_label_studio, _from_label_studio),
    "argilla": (_to_argilla, _from_argilla),
    "doccano": (_to_doccano, _from_doccano),
    "csv": (_to_csv, _from_csv),
    "jsonl": (_to_lines, _from_lines),
}


def _form(name: str) -> Form:
    if name not in FORMATS:
        raise ConfigError(f"--format {name}: not one of {', '.join(FORMATS)}")
    return FORMATS[name]
