"""Figures of labelled documents and of evaluations, as functions that draw on matplotlib axes and return them.

The tables are those of :class:`stance.labelling.Labelling`, or the same read from the files of a run. Without axes of the caller's, each makes a figure of its own that belongs to no window; ``ax.figure`` gives it.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from stance.evaluation.abstention import risk_coverage
from stance.evaluation.metrics import Floats, bin_of, most_probable
from stance.targets import STANCES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from stance.explanation import DeletionCurve

__all__ = [
    "COLOURS",
    "agreement_matrix",
    "argument_words",
    "as_data_uri",
    "as_svg",
    "confidence_histogram",
    "confusion_matrix",
    "deletion_curve",
    "learning_curve",
    "position_counts",
    "positions_over_time",
    "reliability_diagram",
    "risk_coverage_curve",
    "stance_by_delegation",
]

#: Colours of the positions, which readers who see fewer colours can tell apart.
COLOURS = {"for": "#0b62a8", "against": "#b2410a", "neutral": "#5b6370", "none": "#c3c8d0"}
_MARKERS = {"for": "^", "against": "v", "neutral": "o", "none": "."}
_NAMES = {"for": "for", "against": "against", "neutral": "neutral", "none": "silent"}


def _axes(ax: Axes | None, size: tuple[float, float] = (4.2, 3.8)) -> Axes:
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    return Figure(figsize=size, layout="constrained").subplots()


def stance_by_delegation(positions: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how probable it is that each delegation is for (to the right) and against (to the left).

    Parameters
    ----------
    positions : pandas.DataFrame
        Positions of one document, or over all of them. Delegations that are only listed are left out.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        Two bars for each delegation, the one most clearly for it on top; a filled bar is the position that is called.
    """
    spoke = positions[positions["position"] != "none"]
    lean = (spoke["p_for"] - spoke["p_against"]).sort_values(kind="stable")
    rows = spoke.loc[lean.index]
    ax = _axes(ax, (6.4, 1.2 + 0.22 * len(rows)))
    for side, sign in (("for", 1), ("against", -1)):
        drawn = ax.barh(rows["speaker_name"], sign * rows[f"p_{side}"], color=COLOURS[side], label=side)
        for bar, position in zip(drawn, rows["position"], strict=True):
            bar.set_alpha(1.0 if position == side else 0.25)
    ax.axvline(0, color="0.2", linewidth=0.8)
    ax.set(xlim=(-1, 1), xlabel="probability of against | of for")
    ax.set_ylim(-0.7, max(len(rows), 1) - 0.3)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1], ["1", "0.5", "0", "0.5", "1"])
    ax.tick_params(axis="y", labelsize=8)
    return ax


def position_counts(positions: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many delegations are for, against, neutral and silent, one bar a document.

    Parameters
    ----------
    positions : pandas.DataFrame
        Positions of any number of documents, drawn in the order of the table; without a column ``document``, of one.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    documents = positions["document"] if "document" in positions else positions["position"].map(lambda _: "")
    names = list(dict.fromkeys(documents))
    ax = _axes(ax, (6.4, 1.4 + 0.4 * len(names)))
    left = np.zeros(len(names))
    for position, colour in COLOURS.items():
        counts = np.array([int(((documents == name) & (positions["position"] == position)).sum()) for name in names])
        bars = ax.barh(names, counts, left=left, color=colour, label=_NAMES[position])
        texts = [str(n) if n else "" for n in counts]
        ax.bar_label(bars, texts, label_type="center", color="black" if position == "none" else "white", fontsize=8)
        left += counts
    ax.invert_yaxis()
    ax.set(xlabel="delegations")
    ax.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False, fontsize=8)
    return ax


def positions_over_time(positions: pd.DataFrame, *, documents: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the positions of each delegation, document by document.

    Parameters
    ----------
    positions : pandas.DataFrame
        Positions of several documents.
    documents : sequence of str, optional
        Those that are drawn, in their order; all in the order of the table when left out.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        A line for each delegation that speaks, or is listed, in two documents or more, with a mark for each document.
    """
    order = list(documents) or list(dict.fromkeys(positions["document"]))
    positions = positions[positions["document"].isin(order)]
    often = positions.groupby("speaker_name")["document"].nunique()
    names = sorted(often[often > 1].index, reverse=True)
    ax = _axes(ax, (2.4 + 0.9 * len(order), 1.4 + 0.24 * len(names)))
    for y, name in enumerate(names):
        own = positions[positions["speaker_name"] == name]
        x = [order.index(d) for d in own["document"]]
        ax.plot([min(x), max(x)], [y, y], color="0.8", linewidth=1, zorder=1)
    for position, colour in COLOURS.items():
        held = positions[(positions["position"] == position) & positions["speaker_name"].isin(names)]
        ax.scatter(
            [order.index(d) for d in held["document"]],
            [names.index(n) for n in held["speaker_name"]],
            color=colour,
            marker=_MARKERS[position],
            label=_NAMES[position],
            zorder=2,
        )
    ax.set_xticks(range(len(order)), order, rotation=30, ha="right", fontsize=8)
    ax.set_yticks(range(len(names)), names, fontsize=8)
    ax.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False, fontsize=8)
    return ax


def confidence_histogram(statements: pd.DataFrame, *, bins: int = 20, ax: Axes | None = None) -> Axes:
    """Draw how probable the labels of statements are.

    Parameters
    ----------
    statements : pandas.DataFrame
    bins : int, default 20
        Bins of equal width between 0 and 1.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        A stacked histogram, one colour a label.
    """
    ax = _axes(ax)
    found = [statements.loc[statements["stance"] == s, f"p_{s}"] for s in STANCES]
    colours = [COLOURS[s] for s in STANCES]
    ax.hist(found, bins=np.linspace(0, 1, bins + 1), stacked=True, color=colours, label=list(STANCES))  # type: ignore[arg-type]
    ax.set(xlim=(0, 1), xlabel="probability of the label", ylabel="statements", title="Confidence")
    ax.legend(fontsize=8)
    return ax


def learning_curve(sizes: Sequence[int], scores: Floats, *, score: str = "macro-F1", ax: Axes | None = None) -> Axes:
    """Draw how a score grows with the statements in training.

    Parameters
    ----------
    sizes : sequence of int, length k
        Statements in training.
    scores : ndarray of shape (k, r)
        Of r folds or seeds, as from :func:`sklearn.model_selection.learning_curve`.
    score : str, default "macro-F1"
        What the scores are.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        The mean as a line, each fold as a dot.
    """
    ax = _axes(ax)
    found = np.asarray(scores)
    ax.plot(sizes, found.mean(axis=1), color=COLOURS["for"], marker="o", label="mean")
    for column in found.T:
        ax.plot(sizes, column, ".", color="0.6", zorder=1)
    ax.set(xlabel="statements in training", ylabel=score, ylim=(0, 1), title="Learning curve")
    return ax


def argument_words(weights: pd.DataFrame, *, top: int = 12, ax: Axes | None = None) -> Axes:
    """Draw the words that carry *for* and *against*.

    Parameters
    ----------
    weights : pandas.DataFrame
        From :func:`stance.explanation.word_weights`.
    top : int, default 12
        Words of each side.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        Bars to the right for words of *for*, to the left for words of *against*, the heaviest at the ends.
    """
    chosen = {
        side: weights[weights["stance"] == side].sort_values("weight", ascending=False, kind="stable").head(top)
        for side in ("for", "against")
    }
    ax = _axes(ax, (5.2, 1.0 + 0.22 * sum(map(len, chosen.values()))))
    rows = [("for", 1, chosen["for"]), ("against", -1, chosen["against"].iloc[::-1])]
    words: list[str] = []
    for side, sign, table in rows:
        at = range(len(words), len(words) + len(table))
        ax.barh(list(at), sign * table["weight"], color=COLOURS[side], label=side)
        words += list(table["word"])
    ax.set_yticks(range(len(words)), words, fontsize=8)
    ax.invert_yaxis()
    ax.axvline(0, color="0.2", linewidth=0.8)
    ax.set(xlabel="mean loss of the label’s probability without the word", title="Words that carry a label")
    ax.legend(fontsize=8)
    return ax


def agreement_matrix(result: Mapping[str, Any], *, ax: Axes | None = None) -> Axes:
    """Draw Cohen's kappa of every two annotators.

    Parameters
    ----------
    result : mapping
        From :func:`stance.evaluation.agreement.agreement_of_several`.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        The kappas as a matrix; a pair without a statement in common is left empty.
    """
    names = list(result["annotators"])
    kappa = np.full((len(names), len(names)), np.nan)
    for pair in result["pairs"]:
        i, j = names.index(pair["first"]), names.index(pair["second"])
        kappa[i, j] = kappa[j, i] = pair["kappa"]
    ax = _axes(ax, (2.2 + 0.8 * len(names), 1.6 + 0.7 * len(names)))
    ax.imshow(kappa, cmap="Blues", vmin=0, vmax=1)
    for i, j in zip(*np.nonzero(~np.isnan(kappa)), strict=True):
        ax.text(j, i, f"{kappa[i, j]:.2f}", ha="center", va="center", color="white" if kappa[i, j] > 0.6 else "black")
    ax.set_xticks(range(len(names)), names, rotation=30, ha="right")
    ax.set_yticks(range(len(names)), names)
    ax.set(title="Cohen’s kappa")
    return ax


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
        ax.bar((b + 0.5) / bins, right[inside].mean(), width=0.9 / bins, color=COLOURS["for"])
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
    ax.plot(coverage, risk, color=COLOURS["for"])
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
        ax.plot(share * at, np.mean(read, axis=0), style, color=COLOURS["for"], label=name)
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
