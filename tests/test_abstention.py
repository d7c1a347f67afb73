"""Answering only where the classifier is sure, and the figures of an evaluation."""

from __future__ import annotations

import numpy as np
import pytest

from stance.evaluation.abstention import abstention, coverage_at, risk_coverage
from stance.reporting.plots import as_data_uri, confusion_matrix, reliability_diagram, risk_coverage_curve

RIGHT = np.array([True, True, False, True, False])
CONFIDENCE = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
GOLD = ["for", "for", "against", "neutral", "neutral"]
PREDICTED = ["for", "for", "for", "neutral", "for"]


def test_the_curve_by_hand() -> None:
    order = [3, 0, 4, 2, 1]
    coverage, risk = risk_coverage(RIGHT[order], CONFIDENCE[order])
    assert coverage == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert risk == pytest.approx([0, 0, 1 / 3, 1 / 4, 2 / 5])


def test_equal_confidences_are_kept_together() -> None:
    coverage, risk = risk_coverage(np.array([True, False, True]), np.array([0.8, 0.8, 0.3]))
    assert (coverage.tolist(), risk.tolist()) == ([pytest.approx(2 / 3), 1.0], [0.5, pytest.approx(1 / 3)])


@pytest.mark.parametrize(("accuracy", "coverage"), [(1.0, 0.4), (0.75, 0.8), (0.6, 1.0), (0.7, 0.8)])
def test_the_largest_coverage_counts_even_behind_a_dip(accuracy: float, coverage: float) -> None:
    assert coverage_at(RIGHT, CONFIDENCE, accuracy) == pytest.approx(coverage)


def test_nothing_can_be_kept_where_the_surest_are_wrong() -> None:
    assert coverage_at(np.array([False, True]), np.array([0.9, 0.8]), 0.95) == 0.0


def test_the_summary_by_hand() -> None:
    found = abstention(GOLD, PREDICTED, CONFIDENCE, list("abcde"), accuracy=1.0, resamples=50)
    assert (found["n"], found["coverage"], found["confidence"]) == (5, pytest.approx(0.4), 0.8)
    assert found["aurc"] == pytest.approx((0 + 0 + 1 / 3 + 1 / 4 + 2 / 5) / 5)
    assert found["interval"][0] <= 0.4 <= found["interval"][1]
    assert abstention(GOLD, ["against"] * 5, CONFIDENCE, list("abcde"), resamples=5)["confidence"] is None


def test_the_reliability_diagram_shows_accuracy_and_number_of_each_bin() -> None:
    proba = np.array([[0.85, 0.1, 0.05], [0.86, 0.1, 0.04], [0.1, 0.55, 0.35], [1.0, 0.0, 0.0]])
    ax = reliability_diagram(["for", "against", "against", "for"], proba)
    bars = {round(b.get_x() + b.get_width() / 2, 2): b.get_height() for b in ax.patches}
    assert bars == {0.55: 1.0, 0.85: 0.5, 0.95: 1.0}
    assert sorted(t.get_text() for t in ax.texts) == ["1", "1", "2"]


def test_the_curve_that_is_drawn_is_the_curve() -> None:
    ax = risk_coverage_curve(GOLD, PREDICTED, CONFIDENCE)
    x, y = ax.lines[0].get_data()
    coverage, risk = risk_coverage(RIGHT, CONFIDENCE)
    assert (list(x), list(y)) == (list(coverage), list(risk))


def test_the_confusion_matrix_shows_every_count_in_its_place() -> None:
    ax = confusion_matrix([[3, 1, 0], [0, 0, 0], [2, 0, 8]])
    assert {(t.get_position(), t.get_text()) for t in ax.texts} >= {((0, 0), "3"), ((1, 0), "1"), ((0, 2), "2")}
    assert [t.get_text() for t in ax.get_xticklabels()] == ["for", "against", "neutral"]


def test_figures_go_into_the_axes_of_the_caller_and_are_the_same_bytes_each_time() -> None:
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert risk_coverage_curve(GOLD, PREDICTED, CONFIDENCE, ax=ax) is ax
    assert as_data_uri(ax) == as_data_uri(ax)
    assert as_data_uri(ax).startswith("data:image/svg+xml;base64,")
