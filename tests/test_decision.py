"""Decisions by cost: every figure counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from stance.config import load_config
from stance.evaluation.decision import GRID, Costs, mean_cost, tune_threshold
from stance.model import Classifier
from stance.training import train

ROOT = Path(__file__).parent.parent

#: Certainty of *for* in five statements, and whether they are.
SURE = np.array([[p, 0.0, 1 - p] for p in (0.9, 0.8, 0.7, 0.6, 0.55)])
GOLD = ["for", "for", "neutral", "against", "for"]


@pytest.mark.parametrize(
    ("gold", "predicted", "cost"),
    [
        ("for", "for", 0),
        ("for", "against", 4),
        ("against", "for", 4),
        ("neutral", "for", 1.5),
        ("neutral", "against", 1.5),
        ("for", "neutral", 1),
        ("against", "neutral", 1),
        ("neutral", "neutral", 0),
    ],
)
def test_each_mistake_has_its_cost(gold: str, predicted: str, cost: float) -> None:
    assert mean_cost([gold], [predicted], Costs()) == cost


def test_costs_are_averaged_over_statements() -> None:
    assert mean_cost(["for", "for", "neutral"], ["against", "for", "for"], Costs(5, 2, 1)) == pytest.approx(7 / 3)
    with pytest.raises(ValueError, match="cannot cost"):
        mean_cost([], [], Costs())


def test_the_grid_goes_from_a_third_to_almost_certain() -> None:
    assert (GRID[0], GRID[1], GRID[-1], len(GRID)) == (0.34, 0.35, 0.95, 62)


def test_the_cheapest_threshold_is_found_and_of_equals_the_highest() -> None:
    # All called: 1.5 + 4 = 5.5. From 0.6: misses the last, 6.5. From 0.7: two misses and the neutral, 3.5. Up to 0.8: the
    # last and the opposite are missed, 2. Up to 0.9: three missed, 3. Above: four, 4.
    assert tune_threshold(GOLD, SURE, Costs()) == 0.80
    assert mean_cost(GOLD, ["for", "for", "neutral", "neutral", "neutral"], Costs()) == pytest.approx(2 / 5)


def test_cheap_mistakes_call_more() -> None:
    # Nothing costs but a missed side: whatever calls all three is free, the highest such threshold is 0.55.
    assert tune_threshold(GOLD, SURE, Costs(0, 0, 1)) == 0.55
    # Nothing costs at all: all are equals.
    assert tune_threshold(GOLD, SURE, Costs(0, 0, 0)) == 0.95


def test_training_tunes_on_the_held_out_statements_and_stores_the_number(
    tmp_path: Path, held_out_corpus: list[str]
) -> None:
    overrides = [*held_out_corpus, "decision.threshold=auto", "decision.cost_missed_side=2"]
    result = train(load_config(ROOT / "configs/tfidf.yaml", overrides), tmp_path / "model")
    found = result.metrics["decision"]
    assert found["n"] == 10
    assert found["threshold"] == result.model.decision.threshold
    assert found["threshold"] in GRID
    assert found["cost"] <= found["cost_at_plain_argmax"]
    stored = json.loads((tmp_path / "model" / "model.json").read_text(encoding="utf-8"))
    assert stored["decision"] == {"threshold": found["threshold"]}
    assert Classifier.load(tmp_path / "model").decision.threshold == found["threshold"]
    kept = yaml.safe_load((tmp_path / "model" / "config.yaml").read_text(encoding="utf-8"))
    assert (kept["decision"]["threshold"], kept["decision"]["cost_missed_side"]) == ("auto", 2)
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert f"from a probability of {found['threshold']} on" in card
    assert "a missed side 2.0)" in card


def test_a_number_stays_what_it_is_and_its_cost_is_told(tmp_path: Path, held_out_corpus: list[str]) -> None:
    overrides = [*held_out_corpus, "decision.threshold=0.45"]
    result = train(load_config(ROOT / "configs/tfidf.yaml", overrides), tmp_path / "model")
    assert result.model.decision.threshold == result.metrics["decision"]["threshold"] == 0.45
