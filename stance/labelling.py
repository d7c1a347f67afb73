"""Many files → tables: read, split, attribute, classify, aggregate, write.

One input that cannot be read costs that input only: it is named in ``run.json`` and in the exit code, and all others
are labelled. Files of results are written to a temporary name and renamed, so that a table is whole or absent.
"""

from __future__ import annotations

import csv
import io
import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance.attribution import Attribution, attribute
from stance.documents import Document, Input, find_inputs
from stance.errors import ConfigError, InputError, OutputError
from stance.manifest import environment, write_json, write_text
from stance.model import Classifier
from stance.positions import Position, ScoredStatement, decide, positions
from stance.targets import Target

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "POSITION_COLUMNS",
    "STATEMENT_COLUMNS",
    "Failure",
    "LabelledDocument",
    "Labelling",
    "label_document",
    "label_inputs",
    "write_labelling",
]

STATEMENT_COLUMNS = (
    "document", "sentence", "start", "end", "text", "speaker", "speaker_name", "speaker_kind", "attribution", "stance",
    "p_for", "p_against", "p_neutral",
)  # fmt: skip
POSITION_COLUMNS = (
    "document", "speaker", "speaker_name", "speaker_kind", "iso3", "position", "p_for", "p_against", "p_neutral",
    "statements", "evidence",
)  # fmt: skip
_DIGITS = 6


@dataclass(frozen=True)
class LabelledDocument:
    """A document with its scored statements and its positions."""

    document: Document
    attribution: Attribution
    scored: tuple[ScoredStatement, ...]
    positions: tuple[Position, ...]


@dataclass(frozen=True)
class Failure:
    """An input that could not be labelled, and why."""

    source: str
    message: str


@dataclass
class Labelling:
    """The results of a run over any number of inputs.

    ``statements`` and ``positions`` are the two tables of the package as pandas data frames.
    """

    target: Target
    model: Classifier
    documents: list[LabelledDocument] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def statement_rows(self) -> list[dict[str, Any]]:
        """Return one row a statement, in the order of documents and text."""
        rows = []
        for labelled in self.documents:
            for s in labelled.scored:
                x = s.statement
                rows.append(
                    dict(
                        zip(
                            STATEMENT_COLUMNS,
                            (x.document, x.sentence, x.start, x.end, x.text, x.speaker, x.speaker_name, x.speaker_kind, x.attribution, s.stance, *(round(p, _DIGITS) for p in s.p)),
                            strict=True,
                        )
                    )
                )  # fmt: skip
        return rows

    def position_rows(self) -> list[dict[str, Any]]:
        """Return one row a speaker and document."""
        return [
            dict(
                zip(
                    POSITION_COLUMNS,
                    (p.document, p.speaker, p.speaker_name, p.speaker_kind, p.iso3, p.position, *(round(x, _DIGITS) for x in p.p), p.statements, list(p.evidence)),
                    strict=True,
                )
            )
            for labelled in self.documents
            for p in labelled.positions
        ]  # fmt: skip

    @property
    def statements(self) -> pd.DataFrame:
        """The table of statements."""
        import pandas as pd

        return pd.DataFrame(self.statement_rows(), columns=list(STATEMENT_COLUMNS))

    @property
    def positions(self) -> pd.DataFrame:
        """The table of positions."""
        import pandas as pd

        return pd.DataFrame(self.position_rows(), columns=list(POSITION_COLUMNS))


def label_document(document: Document, model: Classifier, target: Target | None = None) -> LabelledDocument:
    """Label one document.

    Parameters
    ----------
    document : Document
    model : Classifier
    target : Target, optional
        The model's own target when left out.

    Returns
    -------
    LabelledDocument
    """
    target = target or model.target
    attribution = attribute(document)
    proba = model.predict_proba(model.encode(attribution, attribution.statements, target))
    stances = decide(proba, model.decision.threshold)
    scored = tuple(
        ScoredStatement(statement, stance, (float(p[0]), float(p[1]), float(p[2])))
        for statement, stance, p in zip(attribution.statements, stances, proba, strict=True)
    )
    listed = [(document.name, code, name, kind) for code, name, kind in attribution.listed]
    return LabelledDocument(document, attribution, scored, tuple(positions(scored, listed)))


def label_inputs(
    inputs: Sequence[str] | Sequence[Input], model: Classifier, target: Target | None = None, *, progress: bool = False
) -> Labelling:
    """Label files, folders, globs or ``-``.

    Parameters
    ----------
    inputs : sequence of str or of Input
        INPUT arguments as on the command line.
    model : Classifier
    target : Target, optional
        The model's own target when left out.
    progress : bool, default False
        Show a bar on standard error.

    Returns
    -------
    Labelling
        With the failures of inputs that could not be read.

    Raises
    ------
    ConfigError
        If there is nothing to label.
    """
    from tqdm import tqdm

    items = [x for x in inputs if isinstance(x, Input)] or find_inputs([str(x) for x in inputs])
    if not items:
        raise ConfigError("nothing to label: no INPUT holds a .txt, .html, .pdf or .docx file")
    started = time.monotonic()
    result = Labelling(target or model.target, model)
    for item in tqdm(items, desc="labelling", unit="doc", disable=not progress, file=sys.stderr):
        try:
            document = item.read()
        except InputError as error:
            result.failures.append(Failure(item.source, str(error)))
            continue
        labelled = label_document(document, model, result.target)
        if not labelled.positions:
            result.warnings.append(f"{item.source}: no delegation found; is this a meeting summary?")
        result.documents.append(labelled)
    result.seconds = time.monotonic() - started
    return result


def _csv(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> str:
    lines: list[str] = []
    handle = io.StringIO()
    # With both in the terminator, a carriage return inside a text is quoted as a line feed is.
    writer = csv.writer(handle, lineterminator="\r\n")

    def add(values: Iterable[Any]) -> None:
        writer.writerow(values)
        lines.append(handle.getvalue().removesuffix("\r\n") + "\n")
        handle.seek(0)
        handle.truncate()

    add(columns)
    for row in rows:
        # NaN and lists have no form in CSV of their own: an empty field, and numbers with spaces between.
        add(
            "" if row[c] != row[c] else " ".join(map(str, row[c])) if isinstance(row[c], list) else row[c]
            for c in columns
        )
    return "".join(lines)


def _parquet(path: Path, rows: list[dict[str, Any]], schema: Any) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    partial = path.with_name(path.name + ".partial")
    try:
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), partial)
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        partial.unlink(missing_ok=True)


def _schemas() -> tuple[Any, Any]:
    import pyarrow as pa

    text, whole, real = pa.string(), pa.int64(), pa.float64()
    kinds = {"sentence": whole, "start": whole, "end": whole, "statements": whole, "evidence": pa.list_(whole)}
    kinds |= {f"p_{side}": real for side in ("for", "against", "neutral")}
    return (
        pa.schema([(c, kinds.get(c, text)) for c in STATEMENT_COLUMNS]),
        pa.schema([(c, kinds.get(c, text)) for c in POSITION_COLUMNS]),
    )


def prepare_output(out: Path) -> None:
    """Make the output folder, or say at once that nothing can be written there."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise OutputError(f"{out}: is not a folder") from None
    except OSError as error:
        raise OutputError(f"{out}: cannot be made: {error.strerror}") from None
    if not os.access(out, os.W_OK | os.X_OK):
        raise OutputError(f"{out}: is not writable")


def write_labelling(labelling: Labelling, out: Path, settings: dict[str, Any] | None = None) -> None:
    """Write tables, report and manifest into a folder.

    Parameters
    ----------
    labelling : Labelling
    out : Path
        Made when it does not exist; files of an earlier run are replaced one by one.
    settings : dict, optional
        What the user asked for, kept in ``run.json``.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    from stance.reporting.report import render_report

    prepare_output(out)
    statements, settled = labelling.statement_rows(), labelling.position_rows()
    statement_schema, position_schema = _schemas()
    write_text(out / "statements.csv", _csv(statements, STATEMENT_COLUMNS))
    _parquet(out / "statements.parquet", statements, statement_schema)
    write_text(out / "positions.csv", _csv(settled, POSITION_COLUMNS))
    _parquet(out / "positions.parquet", settled, position_schema)
    write_text(out / "report.html", render_report(labelling))
    write_json(
        out / "run.json",
        {
            "command": "label",
            "environment": environment(),
            "model": {"name": labelling.model.name, "digest": labelling.model.digest},
            "target": labelling.target.id,
            "settings": settings or {},
            "documents": [
                {
                    "document": d.document.name,
                    "source": d.document.source,
                    "sha256": d.document.sha256,
                    "symbol": d.document.symbol,
                    "title": d.document.title,
                    "date": d.document.date,
                    "encoding": d.document.encoding,
                    "statements": len(d.scored),
                    "positions": len(d.positions),
                }
                for d in labelling.documents
            ],
            "failures": [{"source": f.source, "message": f.message} for f in labelling.failures],
            "warnings": labelling.warnings,
            "seconds": round(labelling.seconds, 3),
        },
    )
