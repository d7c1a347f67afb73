"""Figures of an evaluation, as functions that draw on matplotlib axes and return them.

Without axes of the caller's, each makes a figure of its own that belongs to no window; ``ax.figure`` gives it.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from stance.evaluation.abstention import risk_coverage
from stance.evaluation.metrics import Floats, bin_of, most_probable
from stance.targets import STANCES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stance.explanation import DeletionCurve

__all__ = ["as_data_uri", "as_svg", "confusion_matrix", "deletion_curve", "reliability_diagram", "risk_coverage_curve"]


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    return Figure(figsize=(4.2, 3.8), layout="constrained").subplots()


def reliability_diagram(gold: Sequence[str], proba: Floats, *, bins: int = 10, ax: Axes | None = None) -> Axes:
    """Draw how often the most probable label is right against how probable it was (Guo et al., 2017).

    Parameters
    ----------
    gold : sequence of str, length n
    proba : ndarray of shape (n, 3)
        Columns for, against, neutral.
    bins : int
        Bins of equal width, as in the calibration error.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        A bar for each bin with statements; its height is their accuracy, its label their number.
    """
    ax = _axes(ax)
    right, confidence = most_probable(gold, proba)
    place = bin_of(confidence, bins)
    for b in sorted(set(place)):
        inside = place == b
        ax.bar((b + 0.5) / bins, right[inside].mean(), width=0.9 / bins, color="#4a6fa5")
        ax.annotate(
            str(int(inside.sum())), ((b + 0.5) / bins, right[inside].mean()), ha="center", va="bottom", fontsize=7
        )
    ax.plot([0, 1], [0, 1], color="0.4", linewidth=0.8, linestyle="--")
    ax.set(xlabel="probability of the label", ylabel="share right", xlim=(0, 1), ylim=(0, 1.05), title="Reliability")
    return ax


def risk_coverage_curve(
    gold: Sequence[str], predicted: Sequence[str], confidence: Floats, *, ax: Axes | None = None
) -> Axes:
    """Draw the share of wrong labels among the surest, against how many are kept.

    Parameters
    ----------
    gold, predicted : sequence of str, length n
    confidence : ndarray of shape (n,)
        Probability of the predicted label.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax)
    coverage, risk = risk_coverage(np.asarray(gold) == np.asarray(predicted), confidence)
    ax.plot(coverage, risk, color="#4a6fa5")
    ax.axhline(0.05, color="0.4", linewidth=0.8, linestyle="--")
    ax.set(
        xlabel="share of statements kept, the surest first",
        ylabel="share wrong",
        xlim=(0, 1),
        ylim=(0, max(0.1, float(risk.max()) * 1.05)),
        title="Risk and coverage",
    )
    return ax


def confusion_matrix(confusion: Sequence[Sequence[int]], *, ax: Axes | None = None) -> Axes:
    """Draw a confusion matrix, rows gold, columns predicted, shaded by share of the row.

    Parameters
    ----------
    confusion : sequence of sequences of int, shape (3, 3)
        Order for, against, neutral (see :func:`stance.evaluation.metrics.score`).
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax)
    counts = np.asarray(confusion)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for i in range(len(STANCES)):
        for j in range(len(STANCES)):
            ax.text(j, i, str(counts[i, j]), ha="center", va="center", color="white" if share[i, j] > 0.6 else "black")
    ax.set_xticks(range(len(STANCES)), STANCES)
    ax.set_yticks(range(len(STANCES)), STANCES)
    ax.set(xlabel="predicted", ylabel="gold", title="Confusion")
    return ax


def deletion_curve(curves: Sequence[DeletionCurve], *, share: float, points: int = 21, ax: Axes | None = None) -> Axes:
    """Draw how the probability of a label falls while words are left out.

    Parameters
    ----------
    curves : sequence of DeletionCurve
        From :func:`stance.explanation.deletion_curves`; the mean of them is drawn.
    share : float
        The share of the words that is left out in the end, as it was given there.
    points : int, default 21
        Shares at which the curves, which are of different lengths, are read off.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        A line for each order of the words; the first lies lowest where explanations are faithful.
    """
    ax = _axes(ax)
    at = np.linspace(0, 1, points)
    for order, name, style in (
        ("heaviest", "the heaviest first", "-"),
        ("random", "in random order", "--"),
        ("lightest", "the lightest first", ":"),
    ):
        read = [np.interp(at, np.linspace(0, 1, len(c.heaviest)), getattr(c, order)) for c in curves]
        ax.plot(share * at, np.mean(read, axis=0), style, color="#4a6fa5", label=name)
    ax.set(xlabel="share of the words left out", ylabel="probability of the label", ylim=(0, 1), title="Deletion")
    ax.legend(fontsize=8)
    return ax


def as_svg(ax: Any) -> str:
    """Return the figure of some axes as SVG; equal figures are equal texts."""
    import matplotlib

    out = io.BytesIO()
    # Without a date and with a fixed salt.
    with matplotlib.rc_context({"svg.hashsalt": "stance"}):
        ax.figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue().decode("utf-8")


def as_data_uri(ax: Any) -> str:
    """Return the figure of some axes as an SVG data URI, for a page that needs no other file."""
    return "data:image/svg+xml;base64," + base64.b64encode(as_svg(ax).encode("utf-8")).decode("ascii")
