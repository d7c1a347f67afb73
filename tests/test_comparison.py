"""Comparing two classifiers on the same statements."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.metrics import f1_score

from stance.evaluation.comparison import compare
from stance.targets import STANCES

LABELS = list(STANCES)


def macro(gold: list[str], predicted: list[str]) -> float:
    return float(f1_score(gold, predicted, labels=LABELS, average="macro", zero_division=0))


def test_differences_by_hand() -> None:
    gold = ["for", "against", "neutral", "neutral"]
    first = ["for", "against", "neutral", "for"]
    second = ["for", "for", "against", "neutral"]
    result = compare(gold, first, second, list("abcd"), shuffles=99)
    assert result["macro_f1"] == pytest.approx([macro(gold, first), macro(gold, second)])
    assert result["difference"] == pytest.approx(macro(gold, first) - macro(gold, second))
    assert (result["differing"], result["only_first_right"], result["only_second_right"]) == (3, 2, 1)
    assert (result["n"], result["clusters"]) == (4, 4)


def test_equal_labels_differ_by_nothing() -> None:
    gold = LABELS * 5
    result = compare(gold, gold, gold, [str(i) for i in range(15)], shuffles=99)
    assert (result["difference"], result["p_value"], result["interval"]) == (0.0, 1.0, (0.0, 0.0))


def test_the_p_value_is_that_of_all_exchanges() -> None:
    """With six clusters all 64 exchanges can be counted; the random ones come near their share."""
    rng = np.random.default_rng(3)
    gold, first, second = ([LABELS[i] for i in rng.integers(0, 3, 18)] for _ in range(3))
    clusters = [str(i // 3) for i in range(18)]
    observed = abs(macro(gold, first) - macro(gold, second))
    extreme = 0
    for flips in itertools.product((False, True), repeat=6):
        a = [second[i] if flips[i // 3] else first[i] for i in range(18)]
        b = [first[i] if flips[i // 3] else second[i] for i in range(18)]
        extreme += abs(macro(gold, a) - macro(gold, b)) >= observed - 1e-12
    assert 0.1 < extreme / 64 < 1
    assert compare(gold, first, second, clusters)["p_value"] == pytest.approx(extreme / 64, abs=0.02)


def test_a_clear_difference_is_no_chance_and_a_cluster_is_one_observation() -> None:
    gold = LABELS * 20
    wrong = ["neutral"] * 60
    apart = compare(gold, gold, wrong, [str(i) for i in range(60)], shuffles=999)
    assert apart["p_value"] == pytest.approx(1 / 1000)
    assert apart["interval"][0] > 0
    together = compare(gold, gold, wrong, ["one"] * 60, shuffles=999)
    assert together["p_value"] == 1.0


def test_the_seed_decides() -> None:
    gold, first, second = LABELS * 4, LABELS * 3 + ["neutral"] * 3, ["neutral"] * 12
    clusters = [str(i) for i in range(12)]
    assert compare(gold, first, second, clusters, seed=1) == compare(gold, first, second, clusters, seed=1)


@pytest.mark.parametrize("clusters", [["a"], []])
def test_lengths_that_differ_are_refused(clusters: list[str]) -> None:
    with pytest.raises(ValueError, match="cannot compare 1 and 2 labels of 1 statements"):
        compare(["for"], ["for"], ["for", "for"], clusters)
