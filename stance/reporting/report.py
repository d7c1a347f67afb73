"""The report of a labelling run: one self-contained HTML page.

The answer comes first (a chart and a table of the delegations over all documents), then each delegation's statements, then
the full texts. Everything that comes from a document is escaped by the template engine, and the page's own policy lets
nothing run or load but the one script in it. Without scripts, and in print, all of it is shown: the script only closes what
need not be open, sorts and filters.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stance.positions import Position, ScoredStatement
from stance.reporting.templates import environment, source
from stance.targets import STANCES

if TYPE_CHECKING:
    from stance.explanation import Explanation
    from stance.labelling import LabelledDocument, Labelling

__all__ = ["UNCERTAIN", "render_answer", "render_report"]

POSITIONS = (*STANCES, "none")
Held = tuple[int, "LabelledDocument", Position]
#: A label that is less probable than this is marked as uncertain.
UNCERTAIN = 0.6
#: Words are marked whose loss costs the label this much of its probability, the darkest from this much on.
SHOWN, DARKEST = 0.02, 0.3
#: Up to so many documents stand side by side as columns of the table; more are a strip in one column.
COLUMNS = 12


def render_report(labelling: Labelling, *, omitted: int = 0) -> str:
    """Return the report of a run as HTML.

    Parameters
    ----------
    labelling : Labelling
    omitted : int, default 0
        Further documents, which are in the tables alone; the report says so.

    Returns
    -------
    str
        A complete page.
    """
    documents = labelling.in_time()
    answer = _answer(labelling)
    anchors = {r["overall"].speaker: r["anchor"] for r in answer["rows"]}
    held = _held(documents)
    for row in answer["rows"]:
        row |= _details(held[row["overall"].speaker])
    script = source("report.js")
    return (
        environment(html=True)
        .get_template("report.html.j2")
        .render(
            **answer,
            documents=[_document(d, n, anchors) for n, d in enumerate(documents, 1)],
            explained=any(d.explanations for d in documents),
            period=_period(documents),
            undated=len(documents) > 1 and not all(d.day for d in documents),
            columns=1 < len(documents) <= COLUMNS,
            warnings=labelling.warnings,
            omitted=omitted,
            style=source("report.css"),
            script=script,
            # With it, a script that found its way into the page could still not run.
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        )
    )


def render_answer(labelling: Labelling) -> str:
    """Return who stands where as a piece of HTML, for a notebook."""
    documents = len(labelling.documents)
    return environment(html=True).get_template("answer.html.j2").render(**_answer(labelling), documents=documents)


def _answer(labelling: Labelling) -> dict[str, Any]:
    """Return who stands where, the delegations by position and name."""
    overall = labelling.overall_positions()
    overall.sort(key=lambda p: (POSITIONS.index(p.position), p.speaker_name.casefold()))
    return {
        "target": labelling.target,
        "model": labelling.model,
        "rows": [
            {"anchor": f"w{i}", "overall": p, **_sureness(p.position, p.p, bool(p.opposed))}
            for i, p in enumerate(overall, 1)
        ],
        "counts": _counts(p.position for p in overall),
        "uncertain": UNCERTAIN,
        "failures": labelling.failures,
    }


def _period(documents: Sequence[LabelledDocument]) -> tuple[str, str] | None:
    """Return the first and the last day, where every document has one."""
    days = [d.day for d in documents if d.day]
    return (days[0], days[-1]) if days and len(days) == len(documents) else None


def _counts(found: Any) -> dict[str, int]:
    counts = Counter(found)
    return {position: counts[position] for position in POSITIONS}


def _sureness(label: str, p: tuple[float, float, float], opposed: bool = False) -> dict[str, Any]:
    """Return how sure a label is, and in a word what makes it unsure: statements opposed to it, or a low probability.

    A delegation that is only listed has no such thing.
    """
    if label == "none":
        return {"certainty": None, "uncertain": ""}
    certainty = p[STANCES.index(label)]
    low = "uncertain" if certainty < UNCERTAIN else ""
    return {"certainty": certainty, "uncertain": "both sides" if opposed else low}


def _document(labelled: LabelledDocument, number: int, anchors: dict[str, str]) -> dict[str, Any]:
    by_sentence: dict[int, list[ScoredStatement]] = {}
    for s in labelled.scored:
        by_sentence.setdefault(s.statement.sentence, []).append(s)
    paragraphs: list[list[Any]] = []
    last = None
    for sentence in labelled.attribution.sentences:
        if sentence.paragraph != last:
            paragraphs.append([])
            last = sentence.paragraph
        scored = by_sentence.get(sentence.number, [])
        shown = [{**_scored(s), "anchor": anchors.get(s.statement.speaker)} for s in scored]
        paragraphs[-1].append(
            {
                "sentence": sentence,
                "scored": shown,
                "stance": _loudest(scored),
                "uncertain": any(x["uncertain"] for x in shown),
            }
        )
    return {
        "number": number,
        "document": labelled.document,
        "paragraphs": paragraphs,
        "counts": _counts(p.position for p in labelled.positions),
        "total": len(labelled.positions),
    }


def _loudest(scored: Sequence[ScoredStatement]) -> str:
    """Return the stance that colours a sentence: that of its surest side, or neutral."""
    sides = [s for s in scored if s.stance != "neutral"]
    return max(sides, key=lambda s: s.p[STANCES.index(s.stance)]).stance if sides else "neutral"


def _scored(s: ScoredStatement) -> dict[str, Any]:
    return {"statement": s.statement, "stance": s.stance, "p": s.p, **_sureness(s.stance, s.p)}


def _held(documents: Sequence[LabelledDocument]) -> dict[str, list[Held]]:
    """Return, by speaker, its positions with the number of the document and the document."""
    held: dict[str, list[Held]] = {}
    for number, labelled in enumerate(documents, 1):
        for p in labelled.positions:
            held.setdefault(p.speaker, []).append((number, labelled, p))
    return held


def _details(held: Sequence[Held]) -> dict[str, Any]:
    """Return what the report shows of a delegation beside its position over all documents."""
    return {
        "cells": {number: p for number, _, p in held},
        "entries": [
            {"number": number, "labelled": labelled, "position": p, "statements": _statements(labelled, p.speaker)}
            for number, labelled, p in held
        ],
        "line": _line(held),
    }


def _statements(labelled: LabelledDocument, speaker: str) -> list[dict[str, Any]]:
    """Return a delegation's statements in a document; one that takes a side has the sentence before it as context."""
    prose = labelled.attribution.prose
    found = []
    for s in labelled.scored:
        if s.statement.speaker != speaker:
            continue
        place = labelled.attribution.place(s.statement.start)
        context = ""
        if s.stance != "neutral" and place:
            before = prose[place - 1]
            if before.paragraph == prose[place].paragraph:
                context = before.text
        explanation = labelled.explanations.get((s.statement.sentence, speaker))
        words = explanation.words if explanation else ()
        found.append(
            {
                **_scored(s),
                "context": context,
                "pieces": _pieces(s.statement.text, explanation),
                "carried": explanation.context if explanation else 0.0,
                # A sure label may not hang on any one word; that of a mere assent cannot.
                "spread": bool(words) and all(w.weight < SHOWN for w in words),
            }
        )
    return found


def _pieces(text: str, explanation: Explanation | None) -> list[tuple[str, int]]:
    """Divide a sentence into pieces with how darkly they are marked, from 20 to 100 per cent; 0 for not at all."""
    pieces: list[tuple[str, int]] = []
    position = 0
    for w in explanation.words if explanation else ():
        if w.weight >= SHOWN:
            shade = round(20 + 80 * min(1.0, (w.weight - SHOWN) / (DARKEST - SHOWN)))
            pieces += [(text[position : w.start], 0), (text[w.start : w.end], shade)]
            position = w.end
    return [(piece, shade) for piece, shade in [*pieces, (text[position:], 0)] if piece]


def _line(held: Sequence[Held]) -> list[dict[str, Any]]:
    """Return the points of a delegation's line: documents across, from against (bottom) to for (top)."""
    spoken = [(number, labelled, p) for number, labelled, p in held if p.position != "none"]
    if len(spoken) < 2:
        return []
    step = 560 / (len(spoken) - 1)
    return [
        {
            "x": round(20 + i * step, 1),
            "y": round(50 - 40 * (p.p[0] - p.p[1]), 1),
            "position": p.position,
            "label": f"{labelled.document.date or labelled.document.name}: {p.position}, "
            f"for {p.p[0]:.2f}, against {p.p[1]:.2f}",
        }
        for i, (_, labelled, p) in enumerate(spoken)
    ]
