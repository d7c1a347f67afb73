"""Many files → tables: read, split, attribute, classify, aggregate, write.

One input that cannot be read costs that input only: it is named in ``run.json`` and in the exit code, and all others
are labelled. Files of results are written to a temporary name and renamed, so that a table is whole or absent.

:func:`label_inputs` holds everything in memory and gives data frames; :func:`label_archive` holds a part of it at a time,
keeps what is done, and goes on where it was interrupted. Both do the same work in the same portions (``engines/``).
"""

from __future__ import annotations

import functools
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from stance import __version__
from stance.attribution import Attribution, Statement, attribute
from stance.documents import Document, HeldInput, Input, find_inputs
from stance.documents.model import STDIN
from stance.encoding import Encoded
from stance.engines.stages import PORTION, SHARD, DocumentRecord, Roll, Shard, Shelf, classify, portions
from stance.errors import ConfigError, InputError, OutputError
from stance.manifest import csv_lines, environment, write_json, write_text
from stance.model import Classifier
from stance.positions import OverallPosition, Position, ScoredStatement, decide_answered, overall_positions, positions
from stance.progress import Progress
from stance.targets import Target, speaks_of

if TYPE_CHECKING:
    import pandas as pd

    from stance.engines.work import Work
    from stance.explanation import Explanation
    from stance.precision import Choice

__all__ = [
    "OVERALL_COLUMNS",
    "POSITION_COLUMNS",
    "STATEMENT_COLUMNS",
    "Failure",
    "LabelledDocument",
    "Labelling",
    "Summary",
    "describe_failures",
    "encode_inputs",
    "label_archive",
    "label_document",
    "label_inputs",
]

STATEMENT_COLUMNS = (
    "document", "sentence", "start", "end", "text", "speaker", "speaker_name", "speaker_kind", "attribution", "stance",
    "p_for", "p_against", "p_neutral",
)  # fmt: skip
POSITION_COLUMNS = (
    "document", "speaker", "speaker_name", "speaker_kind", "iso3", "position", "p_for", "p_against", "p_neutral",
    "statements", "evidence",
)  # fmt: skip
OVERALL_COLUMNS = (
    "speaker", "speaker_name", "speaker_kind", "iso3", "position", "p_for", "p_against", "p_neutral", "statements",
    "documents", "evidence", "opposed",
)  # fmt: skip
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TABLES = ("statements", "positions")
_DIGITS = 6
#: Documents whose full text the report holds; the tables hold all.
REPORTED = 200
#: Statements whose labels are explained at most, unless the caller wants more.
EXPLAINED = 500
#: Documents that come twice and are named; of an archive there may be thousands.
TWINS = 10
#: Why a model that asks a server explains nothing.
_ABOUT_WORDS = "explain: a model that asks a server would be asked about every word; explain with a trained model"
#: Statements below which nobody can tell what a document is about.
_FEW = 5
#: Rows in a row group of Parquet, about.
_ROW_GROUP = 10_000


@dataclass(frozen=True)
class Failure:
    """What could not be labelled, and why: an input, or one statement of it, where a server that was asked gave no label.

    Attributes
    ----------
    source : str
        The input.
    message : str
    sentence, speaker : int and str, optional
        The statement; None and empty where the whole input failed.
    """

    source: str
    message: str
    sentence: int | None = None
    speaker: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that are set, for a record."""
        return {k: v for k, v in asdict(self).items() if v not in (None, "")}


def describe_failures(failures: Sequence[Failure]) -> str:
    """Return how many inputs and how many statements failed, for the end of a line; nothing where none did."""
    statements = sum(f.sentence is not None for f in failures)
    counts = [(len(failures) - statements, "inputs failed"), (statements, "statements have no label")]
    return "".join(f"; {count} {what}" for count, what in counts if count)


@dataclass(frozen=True)
class LabelledDocument:
    """A document with its scored statements and its positions.

    ``explanations`` holds what :meth:`Labelling.explain` found, by number of the sentence and code of the speaker;
    ``failures`` the statements that have no label, which are in no table, as their speakers' positions are not.
    """

    document: Document
    attribution: Attribution
    scored: tuple[ScoredStatement, ...]
    positions: tuple[Position, ...]
    explanations: dict[tuple[int, str], Explanation] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()

    @property
    def day(self) -> str | None:
        """The date as ``YYYY-MM-DD``, None where the document does not tell the year."""
        date = self.document.date or ""
        return date if _DAY.fullmatch(date) else None


@dataclass(repr=False)
class Labelling:
    """The results of a run over any number of inputs.

    ``statements`` and ``positions`` are the two tables of the package as pandas data frames, ``overall`` the positions over
    all documents. A notebook shows the answer by itself; :meth:`to_html` is the whole report.
    """

    target: Target
    model: Classifier
    documents: list[LabelledDocument] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def statement_rows(self) -> list[dict[str, Any]]:
        """Return one row a statement, in the order of documents and text."""
        return [row for labelled in self.documents for row in _statement_rows(labelled.scored)]

    def position_rows(self) -> list[dict[str, Any]]:
        """Return one row a speaker and document."""
        return [row for labelled in self.documents for row in _position_rows(labelled.positions)]

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

    @property
    def overall(self) -> pd.DataFrame:
        """Positions over all documents, one row a speaker; ``evidence`` and ``opposed`` hold (document, sentence) pairs."""
        import pandas as pd

        rows = [
            (p.speaker, p.speaker_name, p.speaker_kind, p.iso3, p.position, *(round(x, _DIGITS) for x in p.p), p.statements, list(p.documents), list(p.evidence), list(p.opposed))
            for p in self.overall_positions()
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(OVERALL_COLUMNS))

    def in_time(self) -> list[LabelledDocument]:
        """Return the documents in the order of their dates; those without a full date follow in the order they have."""
        return sorted(self.documents, key=lambda d: (d.day is None, d.day or ""))

    def overall_positions(self) -> list[OverallPosition]:
        """Return the positions over all documents (see :func:`stance.positions.overall_positions`)."""
        # Where a statement has no label, nobody knows what it would have changed.
        withheld = {f.speaker for f in self.failures if f.sentence is not None}
        found = overall_positions((d.scored, d.positions) for d in self.in_time())
        return [p for p in found if p.speaker not in withheld]

    def explain(self, *, limit: int = EXPLAINED, progress: bool = False) -> None:
        """Find which words carried the labels of the statements that take a side (see :mod:`stance.explanation`).

        The report shows them then. It takes about as long as labelling those statements thirty times.

        Parameters
        ----------
        limit : int, default 500
            Statements that are explained, the first ones of the documents; a warning tells of the others.
        progress : bool, default False
            Show a bar on standard error.
        """
        from stance.explanation import explain

        if self.model.estimator.remote:
            raise ConfigError(_ABOUT_WORDS)

        siding = [
            (labelled, s)
            for labelled in self.documents
            for s in labelled.scored
            if s.stance != "neutral" and s.statement.speaker_kind != "unnamed"
        ]
        told = f"the words behind a label are shown for {limit} of {len(siding)} statements that take a side"
        if len(siding) > limit and told not in self.warnings:
            self.warnings.append(told)
        chosen = siding[:limit]
        items = [(labelled.attribution, s.statement) for labelled, s in chosen]
        labels = [s.stance for _, s in chosen]
        found = explain(self.model, items, self.target, labels=labels, progress=progress)
        for (labelled, s), explanation in zip(chosen, found, strict=True):
            labelled.explanations[s.statement.sentence, s.statement.speaker] = explanation

    def to_html(self) -> str:
        """Return the report as one self-contained page."""
        from stance.reporting.report import render_report

        return render_report(self)

    def __repr__(self) -> str:
        statements = sum(len(d.scored) for d in self.documents)
        failed = describe_failures(self.failures)
        return f"<Labelling on {self.target.id!r}: {len(self.documents)} documents, {statements} statements{failed}>"

    def _repr_html_(self) -> str:
        from stance.reporting.report import render_answer

        return render_answer(self)


def _statement_rows(scored: Iterable[ScoredStatement]) -> list[dict[str, Any]]:
    return [
        dict(
            zip(
                STATEMENT_COLUMNS,
                (x.document, x.sentence, x.start, x.end, x.text, x.speaker, x.speaker_name, x.speaker_kind, x.attribution, s.stance, *(round(p, _DIGITS) for p in s.p)),
                strict=True,
            )
        )
        for s in scored
        for x in (s.statement,)
    ]  # fmt: skip


def _position_rows(settled: Iterable[Position]) -> list[dict[str, Any]]:
    return [
        dict(
            zip(
                POSITION_COLUMNS,
                (p.document, p.speaker, p.speaker_name, p.speaker_kind, p.iso3, p.position, *(round(x, _DIGITS) for x in p.p), p.statements, list(p.evidence)),
                strict=True,
            )
        )
        for p in settled
    ]  # fmt: skip


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
    return _label([(document, attribute(document))], model, target or model.target)[0]


def _label(read: Sequence[tuple[Document, Attribution]], model: Classifier, target: Target) -> list[LabelledDocument]:
    """Classify the statements of documents that were read."""
    roll = Roll()
    encoded = [model.encode(attribution, attribution.statements, target) for _, attribution in read]
    proba = np.concatenate([np.zeros((0, 3)), *(classify(model, part) for part in portions(roll, encoded))])
    found = []
    for (document, attribution), places, own in zip(read, roll.places, encoded, strict=True):
        scored = _scored(attribution.statements, proba[places], model)
        whole = _whole(document.name, document.source, scored, attribution.statements, attribution.listed)
        reasons = [model.estimator.unanswered.get(own[i], "") for i in whole.lost]
        found.append(
            LabelledDocument(document, attribution, whole.scored, whole.positions, failures=whole.failures(reasons))
        )
    return found


@dataclass(frozen=True)
class _Whole:
    """A document's results, less the statements without a label and the positions that would rest on the others alone.

    Attributes
    ----------
    lost : tuple of int
        Places of the statements without a label among those of the document.
    """

    source: str
    scored: tuple[ScoredStatement, ...]
    positions: tuple[Position, ...]
    statements: Sequence[Statement]
    lost: tuple[int, ...]

    def failures(self, reasons: Sequence[str]) -> tuple[Failure, ...]:
        """Return a failure for each statement that has no label."""
        return tuple(
            Failure(
                self.source,
                f"{self.source}: sentence {s.sentence} ({s.speaker}): no label, and no position of {s.speaker}: "
                f"{why or 'the model that was asked gave none'}",
                s.sentence,
                s.speaker,
            )
            for s, why in zip((self.statements[i] for i in self.lost), reasons, strict=True)
        )


def _whole(
    name: str,
    source: str | None,
    scored: Sequence[ScoredStatement | None],
    statements: Sequence[Statement],
    listed: Iterable[tuple[str, str, str]],
) -> _Whole:
    """Settle a document: a speaker of whom a statement has no label gets no position, not even *none*."""
    known = tuple(s for s in scored if s is not None)
    lost = tuple(i for i, s in enumerate(scored) if s is None)
    withheld = {statements[i].speaker for i in lost}
    settled = positions(known, [(name, *speaker) for speaker in listed])
    return _Whole(source or name, known, tuple(p for p in settled if p.speaker not in withheld), statements, lost)


def _scored(
    statements: Sequence[Statement], proba: NDArray[np.float64], model: Classifier
) -> list[ScoredStatement | None]:
    """Return statements of a document with their stances; None for one that has no label."""
    speakers = [None if s.speaker_kind == "unnamed" else (s.document, s.speaker) for s in statements]
    settled = model.settle(proba, speakers)
    return [
        None if stance is None else ScoredStatement(statement, stance, (float(p[0]), float(p[1]), float(p[2])))
        for statement, p, stance in zip(
            statements, settled, decide_answered(settled, model.decision.threshold), strict=True
        )
    ]


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
    items = _items(inputs)
    started = time.monotonic()
    result = Labelling(target or model.target, model, warnings=_about_target(model, target or model.target))
    read: list[tuple[Document, Attribution]] = []
    with Progress("reading", len(items), "documents", shown=progress) as bar:
        for item in items:
            try:
                document = item.read()
                read.append((document, attribute(document)))
            except InputError as error:
                result.failures.append(Failure(item.source, str(error)))
            bar.advance(1)
    result.documents = _label(read, model, result.target)
    result.failures += [f for d in result.documents for f in d.failures]
    for d in result.documents:
        found = d.positions or d.failures
        statements = d.attribution.statements
        result.warnings += _remarks(d.document.source, d.document.title, statements, result.target, bool(found))
    result.warnings += _twice((d.source, d.sha256, d.symbol) for d, _ in read)
    result.seconds = time.monotonic() - started
    return result


def encode_inputs(
    inputs: Sequence[Input], model: Classifier, target: Target | None = None, *, progress: bool = False
) -> tuple[list[Encoded], list[Failure]]:
    """Return what a model would read of the statements of inputs, without asking it, and what could not be read.

    Parameters
    ----------
    inputs : sequence of Input
    model : Classifier
    target : Target, optional
        The model's own target when left out.
    progress : bool, default False
        Show a bar on standard error.
    """
    encoded: list[Encoded] = []
    failures: list[Failure] = []
    with Progress("reading", len(inputs), "documents", shown=progress) as bar:
        for item in inputs:
            try:
                attribution = attribute(item.read())
                encoded += model.encode(attribution, attribution.statements, target)
            except InputError as error:
                failures.append(Failure(item.source, str(error)))
            bar.advance(1)
    return encoded, failures


def _items(inputs: Sequence[str] | Sequence[Input]) -> list[Input]:
    items = [x for x in inputs if isinstance(x, Input)] or find_inputs([str(x) for x in inputs])
    if not items:
        raise ConfigError("nothing to label: no INPUT holds a .txt, .html, .pdf or .docx file")
    return items


def _remarks(
    source: str | None, title: str | None, statements: Sequence[Statement], target: Target, spoken: bool
) -> list[str]:
    """Return what to look at in a document: that nobody speaks in it, or of something else."""
    if not spoken:
        return [f"{source}: no delegation found; is this a meeting summary in English?"]
    # A few sentences need not say what they are about.
    if len(statements) < _FEW or speaks_of(title or "", target) or any(speaks_of(s.text, target) for s in statements):
        return []
    return [
        f"{source}: does not mention what {target.id} is about; its labels may be about another treaty "
        "(name the right one with --target)"
    ]


def _about_target(model: Classifier, target: Target) -> list[str]:
    """Return what to know of a model's labels for a target that it has not read of."""
    if model.estimator.remote or model.has_read(target) is not False:
        return []
    return [
        f"{target.id}: the model {model.name} has read of no treaty of that id in training; its labels are less sure there"
    ]


def _twice(found: Iterable[tuple[str | None, str, str | None]]) -> list[str]:
    """Return which of the documents, each with its source, digest and symbol, hold what an earlier one holds.

    Positions over all documents count both, and which of them the user meant cannot be told from here.
    """
    by_digest: dict[str, str | None] = {}
    by_symbol: dict[str, str | None] = {}
    warnings = []
    for source, digest, symbol in found:
        if digest in by_digest:
            warnings.append(f"{source}: holds the same as {by_digest[digest]}; both are counted")
        elif symbol and symbol in by_symbol:
            warnings.append(f"{source}: has the symbol {symbol}, as {by_symbol[symbol]} has; both are counted")
        by_digest.setdefault(digest, source)
        if symbol:
            by_symbol.setdefault(symbol, source)
    if len(warnings) > TWINS:
        warnings[TWINS:] = [
            f"{len(warnings) - TWINS} more documents hold what an earlier one holds, or have its symbol"
        ]
    return warnings


@dataclass(frozen=True)
class Summary:
    """What a run over an archive did.

    Attributes
    ----------
    documents, statements, positions : int
        Numbers of what was written.
    failures : tuple of Failure
    warnings : tuple of str
    seconds : float
        Time of this run.
    resumed : bool
        Whether it went on from an interrupted one.
    """

    documents: int
    statements: int
    positions: int
    failures: tuple[Failure, ...]
    warnings: tuple[str, ...]
    seconds: float
    resumed: bool


def label_archive(
    inputs: Sequence[str] | Sequence[Input],
    model: Classifier,
    out: Path,
    target: Target | None = None,
    *,
    precision: str = "float32",
    partition: int | None = None,
    settings: Mapping[str, Any] | None = None,
    progress: bool = False,
    engine: Literal["local", "ray"] = "local",
    address: str | None = None,
    explain: bool = False,
) -> Summary:
    """Label any number of inputs and write tables, report and manifest into a folder.

    What is done is kept in the folder until all is written; the same call goes on where an interrupted one stopped, and
    gives the same tables and report, byte for byte.

    Parameters
    ----------
    inputs : sequence of str or of Input
        INPUT arguments as on the command line. The report of an earlier run in ``out`` is passed over.
    model : Classifier
    out : Path
        Made when it does not exist; files of an earlier run are replaced one by one.
    target : Target, optional
        The model's own target when left out.
    precision : str, default "float32"
        The arithmetic of the classifier (see :mod:`stance.precision`), or ``auto``: in a run of ten thousand statements
        or more, the fastest that gives the labels of float32 on a sample of them.
    partition : int, optional
        Documents in a file of Parquet: ``statements.parquet`` and ``positions.parquet`` are then folders of files, which
        pandas, pyarrow and datasets read as they read one.
    settings : mapping, optional
        What the user asked for, kept in ``run.json``.
    progress : bool, default False
        Show on standard error how far the work is.
    engine : {"local", "ray"}, default "local"
        Who reads and classifies: this process, or the workers of a Ray cluster. The results are the same, and either
        goes on where the other was interrupted.
    address : str, optional
        Of the Ray cluster; see :func:`stance.engines.ray.run`.
    explain : bool, default False
        Find which words carried the labels, for the report (see :meth:`Labelling.explain`).

    Returns
    -------
    Summary

    Raises
    ------
    ConfigError
        If there is nothing to label, the model cannot predict in that precision, or Ray is not installed.
    OutputError
        If the folder cannot be written to, or another run is writing there.
    StanceError
        If there is no Ray cluster at the address, or Ray gives up.
    """
    from stance.engines.work import working_folder
    from stance.precision import check_precision, limit_shapes
    from stance.reporting.report import render_report

    started = time.monotonic()
    limit_shapes()
    run = _engine(engine, address)
    target = target or model.target
    check_precision(model, precision)
    if model.estimator.remote and engine != "local":
        raise ConfigError("--engine ray: a model that asks a server gains nothing from a cluster; use --engine local")
    if model.estimator.remote and explain:
        raise ConfigError(_ABOUT_WORDS)
    if partition is not None and partition < 1:
        raise ConfigError(f"partition: {partition} documents in a file; it must be 1 or more")
    prepare_output(out)
    # The page that the last run left, where the output folder lies inside an INPUT.
    page = os.path.realpath(out / "report.html")
    items = [x for x in _items(inputs) if x.error is not None or os.path.realpath(x.source) != page]
    if not items:
        raise ConfigError(f"nothing to label: all that INPUT holds is the report in {out}")
    # Standard input is not there a second time.
    items = [_held(item) if item.source == STDIN else item for item in items]
    shelf = Shelf(item.name for item in items[:REPORTED])
    with working_folder(out, {**_fingerprint(items, model, target), "precision": precision}) as work:
        roll, proba, choice = run(items, model, target, work, shelf, precision=precision, progress=progress)
        _keep_earlier(out, work, len(roll.places))
        result = Labelling(target, model, warnings=_about_target(model, target))
        records: list[tuple[DocumentRecord, int]] = []
        reported: list[tuple[str, tuple[ScoredStatement, ...], tuple[Position, ...]]] = []
        with _Tables(out, partition) as tables:
            for shard, scored, why in _settled(work, roll, proba, model):
                result.failures += [Failure(source, message) for source, message in shard.failures]
                begin = 0
                for record in shard.documents:
                    part = slice(begin, begin + record.statements)
                    begin += record.statements
                    whole = _whole(record.document, record.source, scored[part], shard.statements[part], record.listed)
                    tables.add(whole.scored, whole.positions)
                    records.append((replace(record, statements=len(whole.scored)), len(whole.positions)))
                    result.failures += whole.failures([why[part.start + i] for i in whole.lost])
                    spoken = bool(whole.positions or whole.lost)
                    result.warnings += _remarks(record.source, record.title, shard.statements[part], target, spoken)
                    if len(reported) < REPORTED:
                        reported.append((record.document, whole.scored, whole.positions))
        result.warnings += _twice((record.source, record.sha256, record.symbol) for record, _ in records)
        by_name = {item.name: item for item in items}
        for name, own, settled in reported:
            with suppress(InputError):
                result.documents.append(LabelledDocument(*shelf.take(by_name[name]), own, settled))
        if explain:
            result.explain(progress=progress)
        report = render_report(result, omitted=len(records) - len(result.documents))
        write_text(out / "report.html", report)
        result.seconds = time.monotonic() - started
        replaced = _replaced(out, {record.source for record, _ in records})
        write_json(out / "run.json", _record(result, records, choice, settings or {}, resumed=work.resumed))
    return Summary(
        len(records),
        sum(record.statements for record, _ in records),
        sum(count for _, count in records),
        tuple(result.failures),
        (*result.warnings, *replaced),
        result.seconds,
        work.resumed,
    )


def _replaced(out: Path, sources: set[str | None]) -> list[str]:
    """Return a message where the folder held the results of documents that this run has not."""
    try:
        earlier = json.loads((out / "run.json").read_text(encoding="utf-8"))["documents"]
        gone = [record["source"] for record in earlier if record["source"] not in sources]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    if not gone:
        return []
    return [f"{out}: held the results of {len(gone)} other documents ({gone[0]} …), which this run has replaced"]


def _keep_earlier(out: Path, work: Work, shards: int) -> None:
    """Leave the results of an earlier run as they are where no input of this one could be read."""
    # The first shard with a document ends the search; there may be very many.
    if not (out / "run.json").is_file() or any(work.shard(number).documents for number in range(shards)):
        return
    messages = [message for number in range(shards) for _, message in work.shard(number).failures]
    work.drop()
    raise InputError("\n".join(messages) + f"\nnothing could be read; what {out} holds was left as it is")


def _engine(engine: str, address: str | None) -> Callable[..., tuple[Roll, NDArray[np.float64], Choice]]:
    """Return who reads and classifies."""
    if engine == "ray":
        from stance.engines import ray

        ray.require()
        return functools.partial(ray.run, address=address)
    if engine != "local":
        raise ConfigError(f"engine: {engine!r} is not known; use local or ray")
    from stance.engines import local

    return local.run


def _held(item: Input) -> HeldInput:
    try:
        return HeldInput(item.source, item.name, document=item.read())
    except InputError as error:
        return HeldInput(item.source, item.name, str(error))


def _fingerprint(items: Sequence[Input], model: Classifier, target: Target) -> dict[str, Any]:
    """Return all that the results of a run depend on; files by size and times of change."""

    def state(item: Input) -> tuple[object, ...]:
        if isinstance(item, HeldInput):
            return (item.document.sha256 if item.document else "",)
        try:
            found = Path(item.source).stat()
        except (OSError, ValueError):
            return ()
        return found.st_size, found.st_mtime_ns, found.st_ctime_ns

    return {
        "version": __version__,
        # A model that was never stored has no digest, and is no other run's.
        "model": model.digest or os.urandom(16).hex(),
        "options": asdict(model.options),
        "calibration": model.calibration.to_dict(),
        "threshold": model.decision.threshold,
        "opposite_odds": model.decision.opposite_odds,
        "target": asdict(target),
        "inputs": [(item.source, item.name, item.error, *state(item)) for item in items],
        "portions": (SHARD, PORTION),
    }


def _settled(
    work: Work, roll: Roll, proba: NDArray[np.float64], model: Classifier
) -> Iterator[tuple[Shard, list[ScoredStatement | None], dict[int, str]]]:
    """Yield every shard with its scored statements, and why some of them have no label."""
    for number, places in enumerate(roll.places):
        shard = work.shard(number)
        scored = _scored(shard.statements, proba[places], model)
        lost = [i for i, s in enumerate(scored) if s is None]
        encoded = work.encoded(number) if lost else []
        yield shard, scored, {i: model.estimator.unanswered.get(encoded[i], "") for i in lost}


class _Tables:
    """The tables of a run, written row by row under temporary names; they get their names when all rows are in.

    Parameters
    ----------
    out : Path
    partition : int, optional
        Documents in a file of Parquet. A table of Parquet is then a folder of files; both tables have the same
        documents in files of the same name.
    """

    def __init__(self, out: Path, partition: int | None = None) -> None:
        self._out, self._partition = out, partition
        self._files: list[tuple[Path, Path]] = []
        self._opened, self._parts = ExitStack(), ExitStack()
        self._rows: list[list[dict[str, Any]]] = [[], []]
        self._columns = STATEMENT_COLUMNS, POSITION_COLUMNS
        self._schemas = _schemas()
        self._texts: list[Any] = []
        self._stores: list[Any] = []
        self._documents = 0
        try:
            for name, columns in zip(_TABLES, self._columns, strict=True):
                text, parquet = self._partial(out / f"{name}.csv"), self._partial(out / f"{name}.parquet")
                handle = self._opened.enter_context(text.open("w", encoding="utf-8", newline=""))
                handle.write(csv_lines([], columns, header=True))
                self._texts.append(handle)
                # What a killed run left may be of the other form.
                _remove(parquet)
                if partition:
                    parquet.mkdir()
            self._open_parts()
        except OSError as error:
            self._drop()
            raise OutputError(f"{error.filename or out}: cannot be written: {error.strerror or error}") from None

    def _open_parts(self) -> None:
        """Begin with the next file of Parquet of each table."""
        import pyarrow.parquet as pq

        self._stores.clear()
        for name, schema in zip(_TABLES, self._schemas, strict=True):
            path = self._out / f"{name}.parquet.partial"
            if self._partition:
                path /= f"part-{self._documents // self._partition:05d}.parquet"
            # Opened here, because pyarrow takes some names of files for something else.
            stored = self._parts.enter_context(path.open("wb"))
            self._stores.append(self._parts.enter_context(pq.ParquetWriter(stored, schema)))

    def _partial(self, path: Path) -> Path:
        partial = path.with_name(path.name + ".partial")
        self._files.append((partial, path))
        return partial

    def __enter__(self) -> _Tables:
        return self

    def add(self, scored: Sequence[ScoredStatement], settled: Sequence[Position]) -> None:
        """Add the rows of a document."""
        if self._partition and self._documents and self._documents % self._partition == 0:
            self._flush()
            with _written(self._out):
                self._parts.close()
                self._open_parts()
        self._documents += 1
        self._rows[0] += _statement_rows(scored)
        self._rows[1] += _position_rows(settled)
        if max(map(len, self._rows)) >= _ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        for i, rows in enumerate(self._rows):
            text, parquet = self._files[2 * i][1], self._files[2 * i + 1][1]
            with _written(text):
                self._texts[i].write(csv_lines(rows, self._columns[i]))
            with _written(parquet):
                self._stores[i].write_table(pa.Table.from_pylist(rows, schema=self._schemas[i]))
            rows.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._drop()
            return
        try:
            self._flush()
            with _written(self._out):
                self._parts.close()
                self._opened.close()
            for partial, path in self._files:
                with _written(path):
                    if partial.is_dir() or path.is_dir():
                        _remove(path)
                    partial.replace(path)
        finally:
            self._drop()

    def _drop(self) -> None:
        # A file that cannot take its last rows cannot be closed either; it goes anyhow.
        for opened in (self._parts, self._opened):
            with suppress(OSError):
                opened.close()
        for partial, _ in self._files:
            with suppress(OSError):
                _remove(partial)


def _remove(path: Path) -> None:
    """Remove a file, or a folder of the files that a table consists of; nothing where there is none."""
    if path.is_dir() and not path.is_symlink():
        for part in path.glob("part-*.parquet"):
            part.unlink()
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


@contextmanager
def _written(path: Path) -> Iterator[None]:
    """Tell in words that a file cannot be written."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None


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


def _record(
    result: Labelling,
    records: Sequence[tuple[DocumentRecord, int]],
    choice: Choice,
    settings: Mapping[str, Any],
    *,
    resumed: bool,
) -> dict[str, Any]:
    """Return what ``run.json`` says."""
    kept = ("document", "source", "sha256", "symbol", "title", "date", "encoding", "statements")
    return {
        "command": "label",
        "environment": environment(),
        "model": {"name": result.model.name, "digest": result.model.digest},
        "target": result.target.id,
        "settings": dict(settings),
        "precision": choice.to_dict(),
        "documents": [{**{n: getattr(r, n) for n in kept}, "positions": count} for r, count in records],
        "failures": [f.to_dict() for f in result.failures],
        **({"asked": asked} if (asked := result.model.estimator.asked()) is not None else {}),
        "warnings": result.warnings,
        "seconds": round(result.seconds, 3),
        "resumed": resumed,
    }
