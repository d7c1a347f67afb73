"""The page of an evaluation: figures, tables and the errors, in one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stance.annotations import Annotation
from stance.evaluation.metrics import Floats
from stance.reporting.plots import as_data_uri, confusion_matrix, reliability_diagram, risk_coverage_curve
from stance.reporting.templates import environment

__all__ = ["render_evaluation"]


def render_evaluation(
    metrics: Mapping[str, Any],
    annotations: Sequence[Annotation],
    proba: Floats,
    predicted: Sequence[str],
    confidence: Floats,
    errors: Sequence[Mapping[str, str]],
) -> str:
    """Return a self-contained HTML page.

    Parameters
    ----------
    metrics : mapping
        What :func:`stance.evaluation.run.evaluate` returns.
    annotations : sequence of Annotation, length n
    proba : ndarray of shape (n, 3)
    predicted : sequence of str, length n
    confidence : ndarray of shape (n,)
        Probabilities of the predicted labels.
    errors : sequence of mapping
        Rows of ``errors.csv``.
    """
    gold = [a.stance for a in annotations]
    figures = {
        "Reliability diagram": reliability_diagram(gold, proba),
        "Risk-coverage curve": risk_coverage_curve(gold, predicted, confidence),
        "Confusion matrix": confusion_matrix(metrics["statements"]["confusion"]),
    }
    return (
        environment(html=True)
        .get_template("evaluation.html.j2")
        .render(metrics=metrics, errors=errors, figures={name: as_data_uri(ax) for name, ax in figures.items()})
    )
