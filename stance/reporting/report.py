"""The report of a labelling run: one self-contained HTML page.

Everything that comes from a document is escaped by the template engine; the page loads nothing from anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stance.reporting.templates import environment

if TYPE_CHECKING:
    from stance.labelling import LabelledDocument, Labelling

__all__ = ["render_report"]

_ORDER = ("for", "against", "neutral", "none")


def _document(labelled: LabelledDocument) -> dict[str, Any]:
    by_speaker: dict[str, list[Any]] = {}
    by_sentence: dict[int, list[Any]] = {}
    for s in labelled.scored:
        by_speaker.setdefault(s.statement.speaker, []).append(s)
        by_sentence.setdefault(s.statement.sentence, []).append(s)
    groups = [
        {
            "position": position,
            "members": [
                {
                    "position": p,
                    "certainty": None if position == "none" else p.p[_ORDER.index(position)],
                    "statements": by_speaker.get(p.speaker, []),
                }
                for p in sorted(labelled.positions, key=lambda p: p.speaker_name)
                if p.position == position
            ],
        }
        for position in _ORDER
    ]
    paragraphs: list[list[Any]] = []
    last = None
    for sentence in labelled.attribution.sentences:
        if sentence.paragraph != last:
            paragraphs.append([])
            last = sentence.paragraph
        paragraphs[-1].append({"sentence": sentence, "scored": by_sentence.get(sentence.number, [])})
    return {"document": labelled.document, "groups": groups, "paragraphs": paragraphs, "total": len(labelled.positions)}


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
        A complete page with style sheet and no script.
    """
    template = environment(html=True).get_template("report.html.j2")
    return template.render(
        target=labelling.target,
        model=labelling.model,
        documents=[_document(d) for d in labelling.documents],
        failures=labelling.failures,
        warnings=labelling.warnings,
        omitted=omitted,
    )
