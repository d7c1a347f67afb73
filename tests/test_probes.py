"""Shortcut probes: they find what can be guessed without reading, and nothing else."""

from __future__ import annotations

import math
from dataclasses import replace

from stance.annotations import Annotation
from stance.encoding import Encoded
from stance.evaluation.probes import contrast_by_kind, contrast_consistency, probe_shortcuts
from stance.targets import STANCES


def test_consistency_by_hand() -> None:
    groups = ["a", "a", "b", "b", "c", "c", "", "d", "d"]
    gold = ["for", "against", "for", "neutral", "for", "against", "for", "for", "for"]
    predicted = ["for", "against", "for", "for", "against", "for", "against", "for", "for"]
    # a is right; b gets one label for both; c is wrong twice but told apart; d has one gold label and does not count.
    assert contrast_consistency(groups, gold, predicted) == {"groups": 3, "consistency": 1 / 3, "one_label": 1 / 3}


def test_consistency_without_groups_is_no_number() -> None:
    found = contrast_consistency(["", ""], ["for", "against"], ["for", "for"])
    assert found["groups"] == 0
    assert math.isnan(found["consistency"])


def corpus(betrays: bool) -> tuple[list[Annotation], list[Encoded], list[str]]:
    """Return 90 statements whose target tells the label, or tells nothing; each word occurs with every label."""
    annotations, encoded = [], []
    for i in range(90):
        label = STANCES[i % 3]
        target = f"t{i % 3}" if betrays else f"t{i // 3 % 3}"
        annotations.append(
            Annotation(
                id=str(i), document="c", sentence=None, start=None, end=None, text="x", context="", speaker="SPEAKER",
                target=target, stance=label, basis="none", origin="authored", annotator="author", note="pair",
                group=f"g{i // 3}",
            )
        )  # fmt: skip
        encoded.append(Encoded("a treaty", "", f"word{i // 3 % 5}"))
    return annotations, encoded, [a.group for a in annotations]


def test_contrast_groups_are_scored_by_kind() -> None:
    annotations = corpus(betrays=False)[0][:12]
    kinds = ["negation"] * 3 + ["exchange"] * 3 + ["negation"] * 3 + ["summary"] * 3
    annotations = [replace(a, note=kind) for a, kind in zip(annotations, kinds, strict=True)]
    # Groups of statements that stand in a document are summaries, no contrast.
    annotations[9:] = [replace(a, start=0, end=1, sentence=0) for a in annotations[9:]]
    gold = [a.stance for a in annotations]
    predicted = [*gold[:3], "for", "for", "for", *["neutral", "against", "for"], *gold[9:]]
    assert contrast_by_kind(annotations, predicted) == {
        "exchange": {"groups": 1, "consistency": 0.0, "one_label": 1.0},
        "negation": {"groups": 2, "consistency": 0.5, "one_label": 0.0},
    }


def test_a_target_that_betrays_the_label_is_found() -> None:
    found = probe_shortcuts(*corpus(betrays=True), resamples=100)
    assert found["target_only"]["macro_f1"] == 1.0
    assert found["target_only"]["contrast"] == {"groups": 30, "consistency": 1.0, "one_label": 0.0}
    assert found["bag_of_words"]["contrast"]["consistency"] == 0.0


def test_a_target_that_tells_nothing_beats_no_baseline() -> None:
    found = probe_shortcuts(*corpus(betrays=False), resamples=100)
    assert found["target_only"]["macro_f1"] <= found["majority"]["macro_f1"] + 0.2
    assert found["target_only"]["contrast"]["consistency"] == 0.0
    assert found["bag_of_words"]["contrast_by_kind"].keys() == {"pair"}
    assert math.isnan(found["bag_of_words"]["minimal"]["macro_f1"])  # "pair" is none of the minimal kinds
    assert found["n"] == {"statements": 90, "in_contrast_groups": 90, "folds": 5, "seed": 13}
