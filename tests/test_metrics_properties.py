"""Every score against its definition, written out here a second time, on random inputs; and what intervals cover."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from stance.evaluation.abstention import coverage_at, risk_coverage
from stance.evaluation.agreement import agreement_of_several
from stance.evaluation.curves import macro_f1
from stance.evaluation.metrics import bootstrap_interval, score
from stance.targets import STANCES

Case = tuple[list[str], list[str], NDArray[np.float64]]


@st.composite
def cases(draw: Callable[..., Any]) -> Case:
    """Gold labels, predictions and probabilities, some of them exactly on the border of a bin, of a few statements."""
    n = draw(st.integers(1, 25))
    stance = st.sampled_from(STANCES)
    gold, predicted = (draw(st.lists(stance, min_size=n, max_size=n)) for _ in range(2))
    # Twentieths: ties are frequent, and every other one is the border between two of ten bins.
    parts = [sorted(draw(st.tuples(st.integers(0, 20), st.integers(0, 20)))) for _ in range(n)]
    proba = np.array([[a, b - a, 20 - b] for a, b in parts], dtype=float) / 20
    return gold, predicted, proba


def counts(gold: Sequence[str], predicted: Sequence[str]) -> dict[tuple[str, str], int]:
    pairs = list(zip(gold, predicted, strict=True))
    return {pair: pairs.count(pair) for pair in product(STANCES, STANCES)}


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


@settings(deadline=None, derandomize=True, max_examples=50)
@given(cases())
def test_scores_of_labels_are_what_their_definitions_say(case: Case) -> None:
    gold, predicted, _ = case
    n, table = len(gold), counts(gold, predicted)
    result: dict[str, Any] = score(gold, predicted)
    due = {s: sum(table[s, t] for t in STANCES) for s in STANCES}
    claimed = {s: sum(table[t, s] for t in STANCES) for s in STANCES}
    f1 = []
    for s in STANCES:
        precision, recall = ratio(table[s, s], claimed[s]), ratio(table[s, s], due[s])
        f1.append(ratio(2 * precision * recall, precision + recall))
        expected = {"precision": precision, "recall": recall, "f1": f1[-1], "support": due[s]}
        assert result["per_class"][s] == pytest.approx(expected)
    right = sum(table[s, s] for s in STANCES)
    by_chance = sum(due[s] * claimed[s] for s in STANCES)
    assert result["macro_f1"] == pytest.approx(sum(f1) / 3)
    assert result["favor_against_f1"] == pytest.approx((f1[0] + f1[1]) / 2)
    assert result["accuracy"] == pytest.approx(right / n)
    assert result["confusion"] == [[table[s, t] for t in STANCES] for s in STANCES]
    # Cohen (1960), with full agreement on a single label as 1.
    expected_kappa = 1.0 if by_chance == n * n else (right / n - by_chance / n**2) / (1 - by_chance / n**2)
    assert result["kappa"] == pytest.approx(expected_kappa)
    spread = (n * n - sum(c * c for c in claimed.values())) * (n * n - sum(d * d for d in due.values()))
    assert result["mcc"] == pytest.approx(ratio(n * right - by_chance, math.sqrt(spread)))


def binned_gap(happened: Sequence[bool], probability: Sequence[float], bins: int = 10) -> float:
    """Return the calibration error of Guo et al. (2017), one statement after the other."""
    inside: dict[int, list[tuple[bool, float]]] = {}
    for h, p in zip(happened, probability, strict=True):
        inside.setdefault(min(int(p * bins), bins - 1), []).append((h, p))
    total = 0.0
    for members in inside.values():
        total += abs(sum(h for h, _ in members) - sum(p for _, p in members))
    return total / len(probability)


def ranked(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the share of pairs in the right order, ties counted half (Hanley and McNeil, 1982)."""
    return sum((p > q) + (p == q) / 2 for p in positive for q in negative) / (len(positive) * len(negative))


def average_precision(truth: Sequence[bool], probability: Sequence[float]) -> float:
    """Return the precision at every threshold, weighted by the recall that it adds."""
    total, before = 0.0, 0.0
    for threshold in sorted(set(probability), reverse=True):
        called = [t for t, p in zip(truth, probability, strict=True) if p >= threshold]
        recall = sum(called) / sum(truth)
        total += (recall - before) * sum(called) / len(called)
        before = recall
    return total


@settings(deadline=None, derandomize=True, max_examples=50)
@given(cases())
def test_scores_of_probabilities_are_what_their_definitions_say(case: Case) -> None:
    gold, predicted, proba = case
    result: dict[str, Any] = score(gold, predicted, proba)
    rows = [dict(zip(STANCES, row, strict=True)) for row in proba.tolist()]
    top = [max(STANCES, key=lambda s, r=row: r[s]) for row in rows]  # type: ignore[misc]
    correct = [t == g for t, g in zip(top, gold, strict=True)]
    assert result["ece"] == pytest.approx(binned_gap(correct, [max(r.values()) for r in rows]))
    classwise = [binned_gap([g == s for g in gold], [r[s] for r in rows]) for s in STANCES]
    assert result["classwise_ece"] == pytest.approx(sum(classwise) / 3)
    squares = [sum((row[s] - (g == s)) ** 2 for s in STANCES) for g, row in zip(gold, rows, strict=True)]
    assert result["brier"] == pytest.approx(sum(squares) / len(gold))
    # A probability of zero counts as a billionth.
    losses = [-math.log(max(row[g], 1e-9)) for g, row in zip(gold, rows, strict=True)]
    assert result["log_loss"] == pytest.approx(sum(losses) / len(gold), rel=1e-6, abs=1e-8)
    for s in STANCES:
        truth, p = [g == s for g in gold], [row[s] for row in rows]
        if 0 < sum(truth) < len(truth):
            inside = [x for x, t in zip(p, truth, strict=True) if t]
            outside = [x for x, t in zip(p, truth, strict=True) if not t]
            assert result["roc_auc"][s] == pytest.approx(ranked(inside, outside))
            assert result["pr_auc"][s] == pytest.approx(average_precision(truth, p))
        else:
            assert result["roc_auc"][s] is None
            assert result["pr_auc"][s] is None


@settings(deadline=None, derandomize=True, max_examples=100)
@given(cases(), st.sampled_from([0.5, 0.8, 0.95, 1.0]))
def test_abstention_is_what_leaving_out_the_least_sure_gives(case: Case, accuracy: float) -> None:
    gold, _, proba = case
    right = np.array([STANCES[i] for i in proba.argmax(axis=1)]) == np.array(gold)
    sure = proba.max(axis=1)
    coverage, risk = risk_coverage(right, sure)
    expected = [(np.mean(sure >= t), 1 - np.mean(right[sure >= t])) for t in sorted(set(sure.tolist()), reverse=True)]
    assert list(zip(coverage.tolist(), risk.tolist(), strict=True)) == [pytest.approx(e) for e in expected]
    enough = [c for c, r in expected if 1 - r >= accuracy - 1e-12]
    assert coverage_at(right, sure, accuracy) == pytest.approx(max(enough, default=0.0))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(st.tuples(*[st.sampled_from(STANCES)] * 3), min_size=2, max_size=20))
def test_fleiss_kappa_is_what_its_definition_says(ratings: list[tuple[str, str, str]]) -> None:
    columns: dict[str, list[str | None]] = {f"a{k}": [row[k] for row in ratings] for k in range(3)}
    items = [str(i) for i in range(len(ratings))]
    found = agreement_of_several(items, columns, items, resamples=2)["fleiss"]
    n, k = len(ratings), 3
    shares = [sum(row.count(s) for row in ratings) / (n * k) for s in STANCES]
    observed = sum(sum(row.count(s) * (row.count(s) - 1) for s in STANCES) for row in ratings) / (n * k * (k - 1))
    chance = sum(p * p for p in shares)
    expected = 1.0 if chance == pytest.approx(1) else (observed - chance) / (1 - chance)
    assert found == pytest.approx(expected)


@pytest.mark.slow
def test_intervals_over_clusters_cover_the_truth_and_those_over_statements_do_not() -> None:
    """Six statements of each of fifty delegations, of which some are read well and others badly."""
    rng = np.random.default_rng(11)
    truth_rng = np.random.default_rng(12)

    def sample(source: np.random.Generator, delegations: int) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
        gold = np.repeat(source.choice(3, delegations, p=[0.25, 0.25, 0.5]), 6)
        right = source.random(len(gold)) < np.repeat(source.beta(1.2, 0.6, delegations), 6)
        return gold, np.where(right, gold, (gold + source.integers(1, 3, len(gold))) % 3)

    gold, predicted = sample(truth_rng, 200_000)
    truth = {"accuracy": float(np.mean(gold == predicted)), "macro_f1": macro_f1(gold, predicted)}
    runs = 200
    covered = {(name, by): 0 for name in truth for by in ("delegation", "statement")}
    for _ in range(runs):
        gold, predicted = sample(rng, 50)
        clusters = {
            "delegation": [str(i // 6) for i in range(300)],
            "statement": [str(i) for i in range(300)],
        }
        statistics: dict[str, Callable[[NDArray[np.int_]], float]] = {
            "accuracy": lambda rows, g=gold, p=predicted: float(np.mean(g[rows] == p[rows])),  # type: ignore[misc]
            "macro_f1": lambda rows, g=gold, p=predicted: macro_f1(g[rows], p[rows]),  # type: ignore[misc]
        }
        for by, names in clusters.items():
            for name, statistic in statistics.items():
                low, high = bootstrap_interval(statistic, names, resamples=150)
                covered[name, by] += low <= truth[name] <= high
    for name in truth:
        assert 0.92 <= covered[name, "delegation"] / runs <= 0.98, covered
        assert covered[name, "statement"] / runs < 0.85, covered
