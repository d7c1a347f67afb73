"""The figures: what is drawn, not how it looks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from stance.evaluation.agreement import agreement_of_several
from stance.explanation import Explanation, WordWeight, word_weights
from stance.reporting import plots
from stance.reporting.plots import COLOURS

NAN = math.nan
POSITIONS = pd.DataFrame(
    [
        ("a", "Togo", "for", 0.7, 0.1),
        ("a", "Peru", "against", 0.2, 0.6),
        ("a", "Fiji", "none", NAN, NAN),
        ("b", "Togo", "neutral", 0.3, 0.3),
        ("b", "Fiji", "for", 0.9, 0.0),
    ],
    columns=["document", "speaker_name", "position", "p_for", "p_against"],
)


def bars(ax: Any) -> list[tuple[str, float, float, float]]:
    """Return colour, place, from where and how far of each bar of a chart of horizontal ones."""
    return [
        (to_hex(b.get_facecolor()), round(b.get_y() + b.get_height() / 2, 6), b.get_x(), b.get_width())
        for b in ax.patches
    ]


def test_stance_by_delegation() -> None:
    ax = plots.stance_by_delegation(POSITIONS[POSITIONS["document"] == "a"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Peru", "Togo"]
    assert [(c, y, w) for c, y, _, w in bars(ax)] == [
        (COLOURS["for"], 0, 0.2), (COLOURS["for"], 1, 0.7),
        (COLOURS["against"], 0, -0.6), (COLOURS["against"], 1, -0.1),
    ]  # fmt: skip
    assert [b.get_alpha() for b in ax.patches] == [0.25, 1.0, 1.0, 0.25]


def test_stance_by_delegation_of_nobody() -> None:
    assert not plots.stance_by_delegation(POSITIONS[POSITIONS["position"] == "none"]).patches


def test_position_counts() -> None:
    ax = plots.position_counts(POSITIONS)
    drawn = {(c, y): (x, w) for c, y, x, w in bars(ax)}
    assert drawn[COLOURS["for"], 0] == (0, 1) and drawn[COLOURS["for"], 1] == (0, 1)
    assert drawn[COLOURS["against"], 0] == (1, 1) and drawn[COLOURS["against"], 1][1] == 0
    assert drawn[COLOURS["neutral"], 1] == (1, 1)
    assert drawn[COLOURS["none"], 0] == (2, 1)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert sorted(t.get_text() for t in ax.texts if t.get_text()) == ["1"] * 5
    # A table of one document need not name it.
    one = plots.position_counts(POSITIONS[["position"]])
    assert {w for c, _, _, w in bars(one) if c == COLOURS["for"]} == {2}


def test_positions_over_time() -> None:
    ax = plots.positions_over_time(POSITIONS, documents=["b", "a"])
    # Peru speaks in one document only.
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Togo", "Fiji"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["b", "a"]
    marks = {to_hex(c.get_facecolor()[0]): c.get_offsets().tolist() for c in ax.collections if len(c.get_offsets())}
    assert marks == {
        COLOURS["for"]: [[1, 0], [0, 1]],
        COLOURS["neutral"]: [[0, 0]],
        COLOURS["none"]: [[1, 1]],
    }


def test_confidence_histogram() -> None:
    statements = pd.DataFrame(
        {
            "stance": ["for", "for", "against", "neutral"],
            "p_for": [0.95, 0.55, 0.1, 0.2],
            "p_against": [0.0, 0.4, 0.85, 0.2],
            "p_neutral": [0.05, 0.05, 0.05, 0.65],
        }
    )
    ax = plots.confidence_histogram(statements, bins=10)
    tall = {(to_hex(b.get_facecolor()), round(b.get_x(), 1)) for b in ax.patches if b.get_height() == 1}
    assert tall == {
        (COLOURS["for"], 0.9), (COLOURS["for"], 0.5), (COLOURS["against"], 0.8), (COLOURS["neutral"], 0.6),
    }  # fmt: skip


def test_learning_curve() -> None:
    ax = plots.learning_curve([10, 100], np.array([[0.2, 0.4], [0.6, 0.8]]))
    mean, *folds = (np.asarray(line.get_xydata()).tolist() for line in ax.lines)
    assert mean == pytest.approx(np.array([[10, 0.3], [100, 0.7]]))
    assert folds == [[[10, 0.2], [100, 0.6]], [[10, 0.4], [100, 0.8]]]


def test_argument_words() -> None:
    texts = ["A treaty, a treaty now", "No treaty", "Treaty yes"]
    found = [
        Explanation("for", 0.9, (WordWeight(2, 8, 0.1), WordWeight(12, 18, 0.3), WordWeight(19, 22, 0.2)), 0.0),
        Explanation("against", 0.9, (WordWeight(0, 2, 0.5), WordWeight(3, 9, -0.1)), 0.0),
        Explanation("for", 0.9, (WordWeight(0, 6, 0.1), WordWeight(7, 10, 0.4)), 0.0),
    ]
    weights = word_weights(texts, found)
    # In two statements of one label: "treaty" alone; twice in one sentence, the greater weight counts.
    assert weights.to_dict("records") == [
        {"stance": "for", "word": "treaty", "weight": pytest.approx(0.2), "statements": 2}
    ]
    ax = plots.argument_words(word_weights(texts, found, at_least=1), top=2)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["yes", "treaty", "treaty", "no"]
    assert [(c, w) for c, _, _, w in bars(ax)] == [
        (COLOURS["for"], 0.4), (COLOURS["for"], pytest.approx(0.2)),
        (COLOURS["against"], 0.1), (COLOURS["against"], -0.5),
    ]  # fmt: skip


def test_agreement_matrix() -> None:
    ratings = {"x": ["for", "for", "neutral", "against"], "y": ["for", "for", "neutral", "neutral"], "z": [None] * 4}
    ax = plots.agreement_matrix(agreement_of_several(list("abcd"), ratings, list("abcd"), resamples=20))
    # Observed 3/4, by chance 2/4 · 2/4 + 1/4 · 2/4 = 3/8: kappa (3/4 - 3/8) / (5/8) = 0.6.
    assert {(t.get_position(), t.get_text()) for t in ax.texts} == {((1, 0), "0.60"), ((0, 1), "0.60")}
    assert [label.get_text() for label in ax.get_xticklabels()] == ["x", "y", "z"]


def test_axes_of_the_caller_are_drawn_on() -> None:
    own = Figure().subplots()
    assert plots.stance_by_delegation(POSITIONS, ax=own) is own
    assert plots.learning_curve([1], np.array([[0.5]]), ax=own) is own
    svg = plots.as_svg(own)
    assert svg.startswith("<?xml") and plots.as_svg(own) == svg
