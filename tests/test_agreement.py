"""Agreement of annotators: kappa and alpha counted by hand, and equal to scikit-learn's and krippendorff's."""

from __future__ import annotations

import math
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from conftest import script
from sklearn.metrics import cohen_kappa_score

from stance.evaluation.agreement import (
    agreement,
    agreement_of_several,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
)
from stance.targets import STANCES

ROOT = Path(__file__).parent.parent
LETTERS = {"F": "for", "A": "against", "N": "neutral", "-": None}


def row(letters: str) -> list[str | None]:
    return [LETTERS[x] for x in letters]


def labels(letters: str) -> list[str]:
    return [x for x in row(letters) if x is not None]


@pytest.mark.parametrize(
    ("first", "second", "kappa"),
    [
        # Observed 4/6, by chance (2·2 + 2·3 + 2·1)/36 = 1/3: (2/3 − 1/3)/(2/3).
        ("FFAANN", "FAAANF", 1 / 2),
        # Observed 7/10, by chance .5·.6 + .5·.4 = 1/2.
        ("FFFFFAAAAA", "FFFFAFFAAA", 2 / 5),
        # Always the other one of two: observed 0, by chance 1/2.
        ("FA", "AF", -1.0),
        # Observed 1/2 is what chance gives where one always says the same.
        ("FFFF", "FFAA", 0.0),
        # Observed 2/3, by chance (1·2 + 1·1 + 1·0)/9 = 1/3.
        ("FAN", "FAF", 1 / 2),
        ("FANNA", "FANNA", 1.0),
    ],
)
def test_kappa_by_hand(first: str, second: str, kappa: float) -> None:
    assert cohen_kappa(labels(first), labels(second)) == pytest.approx(kappa, abs=1e-12)
    assert cohen_kappa(labels(second), labels(first)) == pytest.approx(kappa, abs=1e-12)


@pytest.mark.parametrize("label", STANCES)
def test_one_and_the_same_label_throughout_is_full_agreement(label: str) -> None:
    assert cohen_kappa([label] * 3, [label] * 3) == 1.0
    assert krippendorff_alpha([[label] * 3, [label] * 3]) == 1.0


@pytest.mark.parametrize(
    ("ratings", "alpha"),
    [
        # n = 12 labels (4 F, 5 A, 3 N), two items differ: 1 − 11·4/(144 − 16 − 25 − 9).
        (("FFAANN", "FAAANF"), 50 / 94),
        # n = 4 labels (2 F, 2 A), both items differ: 1 − 3·4/(16 − 4 − 4).
        (("FA", "AF"), -1 / 2),
        # n = 8 labels (6 F, 2 A), two items differ: 1 − 7·4/(64 − 36 − 4).
        (("FFFF", "FFAA"), -1 / 6),
        # The last item has one label only and does not count: n = 7 (3 F, 3 A, 1 N), one item differs:
        # 1 − 6·2/(49 − 9 − 9 − 1).
        (("FAFN", "FAN-", "-A--"), 3 / 5),
        # Three annotators, one of whom differs once; n = 6 (2 F, 4 A). The first item holds 2 F and 1 A, each of its
        # ordered pairs weighs 1/2, four of them differ: 1 − 5·2/(36 − 4 − 16).
        (("FA", "FA", "AA"), 3 / 8),
        (("FANN", "FANN"), 1.0),
    ],
)
def test_alpha_by_hand(ratings: tuple[str, ...], alpha: float) -> None:
    assert krippendorff_alpha([row(r) for r in ratings]) == pytest.approx(alpha, abs=1e-12)
    assert krippendorff_alpha([row(r) for r in reversed(ratings)]) == pytest.approx(alpha, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_kappa_equals_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.choice(STANCES, (2, 30)).tolist()
    assert cohen_kappa(first, second) == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_alpha_equals_krippendorff_with_missing_labels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.choice(3, (3, 20)).astype(float)
    codes[rng.random(codes.shape) < 0.2] = np.nan
    # Another numbering of the labels than the package's: nominal labels have no order.
    names = [[None if math.isnan(c) else STANCES[int(c)] for c in line] for line in codes]
    expected = krippendorff.alpha(reliability_data=codes, level_of_measurement="nominal")
    assert krippendorff_alpha(names) == pytest.approx(expected, abs=1e-12)


def test_the_comparison_of_two_annotators_by_hand() -> None:
    items = [f"m:{i}" for i in range(6)]
    speakers = ["PER", "PER", "FJI", "OMN", "TGO", "TGO"]
    found = agreement(items, labels("FFAANN"), labels("FAAANF"), speakers, resamples=100)
    assert found["n"] == 6
    assert found["observed"] == pytest.approx(4 / 6)
    assert found["kappa"] == pytest.approx(1 / 2)
    assert found["alpha"] == pytest.approx(50 / 94)
    # Shared uses, twice, over all uses: for 2·1/(2+2), against 2·2/(2+3), neutral 2·1/(2+1).
    assert found["per_label"] == pytest.approx({"for": 1 / 2, "against": 4 / 5, "neutral": 2 / 3})
    assert found["disagreements"] == [
        {"item": "m:1", "first": "for", "second": "against"},
        {"item": "m:5", "first": "neutral", "second": "for"},
    ]


def test_the_intervals_hold_the_values_and_depend_on_the_seed_alone() -> None:
    rng = np.random.default_rng(3)
    first = rng.choice(STANCES, 40)
    second = np.where(rng.random(40) < 0.7, first, rng.choice(STANCES, 40))
    arguments = ([str(i) for i in range(40)], first.tolist(), second.tolist(), [str(i // 2) for i in range(40)])
    found = agreement(*arguments, resamples=200, seed=1)
    for name in ("kappa", "alpha"):
        low, high = found[f"{name}_interval"]  # type: ignore[misc]
        value = found[name]
        assert isinstance(value, float)
        assert -1 <= low < value < high <= 1
    assert agreement(*arguments, resamples=200, seed=1) == found
    assert agreement(*arguments, resamples=200, seed=2)["kappa_interval"] != found["kappa_interval"]


def test_full_agreement_has_no_width() -> None:
    found = agreement(["a", "b", "c"], labels("FAN"), labels("FAN"), ["x", "y", "z"], resamples=100)
    assert found["kappa_interval"] == found["alpha_interval"] == (1.0, 1.0)
    assert found["disagreements"] == []


def test_a_label_that_nobody_used_has_no_agreement() -> None:
    found = agreement(["a", "b"], labels("FA"), labels("FF"), ["x", "y"], resamples=100)
    assert found["per_label"] == pytest.approx({"for": 2 / 3, "against": 0.0, "neutral": 0.0})


@pytest.mark.parametrize(
    ("items", "first", "second", "clusters"),
    [
        (["a"], "FA", "FA", ["x", "y"]),
        (["a", "b"], "F", "FA", ["x", "y"]),
        (["a", "b"], "FA", "F", ["x", "y"]),
        (["a", "b"], "FA", "AF", ["x"]),
        ([], "", "", []),
    ],
    ids=["items", "first", "second", "clusters", "nothing"],
)
def test_lengths_that_differ_are_refused(items: list[str], first: str, second: str, clusters: list[str]) -> None:
    with pytest.raises(ValueError):
        agreement(items, labels(first), labels(second), clusters, resamples=10)


# --- several annotators -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratings", "kappa"),
    [
        # Three annotators, items FFF AAA FFA: agreement 1, 1, 1/3, mean 7/9; shares 5/9 and 4/9, by chance 41/81.
        (("FAF", "FAF", "FAA"), (7 / 9 - 41 / 81) / (1 - 41 / 81)),
        # Nobody ever agrees: 0 observed, 1/3 by chance.
        (("FAN", "ANF", "NFA"), -1 / 2),
        (("FAN", "FAN", "FAN"), 1.0),
        (("FFF", "FFF", "FFF"), 1.0),
    ],
)
def test_fleiss_kappa_by_hand(ratings: tuple[str, ...], kappa: float) -> None:
    assert fleiss_kappa([labels(r) for r in ratings]) == pytest.approx(kappa)


def test_several_annotators_on_what_each_labelled() -> None:
    rows = {"ann": row("FFAANN-N"), "bo": row("FFAANFA-"), "model": row("FAAAN-A-")}
    found = agreement_of_several(list("abcdefgh"), rows, list("abcdefgh"), resamples=50)
    assert found["annotators"] == ["ann", "bo", "model"]
    # The last item has one label, which agrees with nobody.
    assert found["n"] == 7
    assert found["complete"] == 5
    assert found["fleiss"] == pytest.approx(fleiss_kappa([labels("FFAAN"), labels("FFAAN"), labels("FAAAN")]))
    assert found["alpha"] == pytest.approx(krippendorff_alpha([r[:7] for r in rows.values()]))
    side = [[None if v is None else str(v == "against") for v in r[:7]] for r in rows.values()]
    assert found["alpha_per_label"]["against"]["alpha"] == pytest.approx(krippendorff_alpha(side))
    low, high = found["alpha_interval"]
    assert low <= found["alpha"] <= high
    pairs = {(p["first"], p["second"]): p for p in found["pairs"]}
    assert pairs["ann", "bo"]["n"] == 6
    assert pairs["ann", "model"]["kappa"] == pytest.approx(cohen_kappa(labels("FFAAN"), labels("FAAAN")))
    assert found["disagreements"] == [
        {"item": "b", "ann": "for", "bo": "for", "model": "against"},
        {"item": "f", "ann": "neutral", "bo": "for"},
    ]


@pytest.mark.parametrize("rows", [{"ann": row("FA")}, {"ann": row("FA"), "bo": row("F")}])
def test_one_annotator_or_rows_of_two_lengths_are_refused(rows: dict[str, list[str | None]]) -> None:
    with pytest.raises(ValueError, match="cannot compare"):
        agreement_of_several(["a", "b"], rows, ["a", "b"])


def test_the_script_has_a_model_beside_two_files(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    passes = [ROOT / "data" / "annotations" / "passes" / f"SOC_CP_365.a{n}.jsonl" for n in (1, 2)]
    words = [*map(str, passes), "--model", str(tiny_model), "--meetings", str(ROOT / "data" / "meetings")]
    assert script("agreement").main(words) == 0
    out = capsys.readouterr().out
    assert "n = 68 statements with two labels or more, 68 that all 3 labelled" in out
    # It was fitted on just these.
    assert "Fleiss' kappa 1.000" in out
    assert f"a1.jsonl / {passes[1]}: Cohen's kappa 1.000 (1.000–1.000), observed 1.000, n = 68" in out
    assert f"{passes[0]} / model {tiny_model}: Cohen's kappa 1.000" in out


def test_the_script_wants_two_readings(capsys: pytest.CaptureFixture[str]) -> None:
    assert script("agreement").main(["one.jsonl"]) == 2
    assert "two annotation files, or one and a model" in capsys.readouterr().err
