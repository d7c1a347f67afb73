"""Shares of delegations, corrected by prediction-powered inference; checked by simulation and by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import script

from stance.errors import AnnotationError
from stance.evaluation.shares import Key, SharesReport, corrected_shares

pytest.importorskip("ppi_py")
LABELS = np.array(["for", "against", "neutral"])


def world(seed: int, n: int = 400) -> tuple[dict[Key, str], dict[Key, str]]:
    """Return true and predicted positions; half of those who are for it are called neutral."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(LABELS, n, p=[0.5, 0.2, 0.3])
    said = np.where((truth == "for") & (rng.random(n) < 0.5), "neutral", truth)
    keys = [("m", f"C{i}") for i in range(n)]
    return dict(zip(keys, truth.tolist(), strict=True)), dict(zip(keys, said.tolist(), strict=True))


def sampled(seed: int, coded: int = 80, n: int = 400) -> tuple[float, SharesReport]:
    truth, said = world(seed, n)
    chosen = np.random.default_rng([seed, 1]).choice(n, coded, replace=False)
    gold = {("m", f"C{i}"): truth["m", f"C{i}"] for i in chosen}
    return float(np.mean([v == "for" for v in truth.values()])), corrected_shares(said, gold, random=True)


def test_the_classifiers_bias_is_gone_and_the_interval_holds() -> None:
    held, errors, width, plain = 0, [], [], []
    for seed in range(60):
        true, report = sampled(seed)
        share = report.shares["for"]
        assert share["predicted"] < true - 0.15
        held += share["interval"][0] <= 0.5 <= share["interval"][1]
        errors.append(share["corrected"] - true)
        width.append(np.diff(share["interval"])[0])
        plain.append(np.diff(share["coded_interval"])[0])
    assert abs(np.mean(errors)) < 0.02
    assert held >= 52
    # What the classifier knows is used: narrower than the coded sample alone.
    assert np.mean(width) < 0.97 * np.mean(plain)


def test_a_delegation_counts_once() -> None:
    """One delegation speaks in twenty meetings and is for it in ten."""
    said = {("m", f"C{i}"): "against" for i in range(30)} | {(f"n{i}", "C30"): LABELS[i % 2] for i in range(20)}
    gold = {("m", f"C{i}"): "against" for i in range(12)}
    report = corrected_shares(said, gold)
    assert report.delegations == 31
    assert report.coded == 12
    assert report.shares["for"]["predicted"] == pytest.approx(0.5 / 31)
    assert report.shares["against"]["coded"] == 1.0
    # Nobody was called neutral: the estimate is a number all the same.
    assert report.shares["neutral"]["corrected"] == 0.0


def test_a_sample_that_was_not_drawn_is_warned_of() -> None:
    truth, said = world(5)
    loud = {k: v for k, v in truth.items() if v == "against"}
    report = corrected_shares(said, loud)
    assert any("not said to be a random sample" in w for w in report.warnings)
    assert any("p < 0.01" in w for w in report.warnings)
    assert not any("random" in w for w in sampled(6)[1].warnings)


def test_who_was_not_found_counts_and_is_named() -> None:
    truth, said = world(7)
    gold = dict(list(truth.items())[:40]) | {("m", "TUV"): "for"}
    report = corrected_shares(said, gold, random=True)
    assert report.delegations == 401
    assert any("such as TUV in m" in w for w in report.warnings)


def test_too_few_or_all_coded_are_refused() -> None:
    truth, said = world(8, 30)
    with pytest.raises(AnnotationError, match="9 delegations are coded by hand, at least 10"):
        corrected_shares(said, dict(list(truth.items())[:9]))
    with pytest.raises(AnnotationError, match="all delegations are coded"):
        corrected_shares(said, truth)


def test_from_the_draw_to_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def shares(*args: object) -> tuple[int, str, str]:
        code = script("shares").main(list(map(str, args)))
        return (code, *capsys.readouterr())

    truth, said = world(9, 100)
    path = tmp_path / "positions.csv"
    rows = "".join(f"{d},{s},{p}\n" for (d, s), p in said.items())
    path.write_text("document,speaker,position\n" + rows, encoding="utf-8")
    drawn = shares(path, "--draw", "30")[1]
    assert drawn == shares(path, "--draw", "30")[1]
    lines = drawn.splitlines()
    assert lines[0] == "document,speaker,speaker_name,position"
    assert len(lines) == 31
    coded = tmp_path / "coded.csv"
    coded.write_text("\n".join([lines[0], *(x + truth[x.split(",")[0], x.split(",")[1]] for x in lines[1:])]), "utf-8")
    code, out, err = shares(path, coded, "--random", "--out", tmp_path / "shares.json")
    assert code == 0, err
    assert "100 delegations, 30 of them coded by hand; intervals of 95%" in out
    assert "warning" not in err
    assert (tmp_path / "shares.json").is_file()
    unfilled = tmp_path / "unfilled.csv"
    unfilled.write_text(drawn, encoding="utf-8")
    code, _, err = shares(path, unfilled)
    assert code == 2
    assert f"{unfilled}:2: position: '' is not one of for, against, neutral, none" in err
