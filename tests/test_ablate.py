"""The programs that train many times: samples, stored runs, figures by hand, and both scripts on a few statements."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import script
from sklearn.metrics import f1_score

from stance.annotations import Annotation, write_annotations
from stance.config import load_config
from stance.errors import ConfigError, OutputError
from stance.evaluation.curves import (
    difference,
    first_groups,
    fixed_threshold,
    macro_f1,
    stored_run,
    summarise,
)
from stance.evaluation.splits import clusters_of
from stance.targets import STANCES

ROOT = Path(__file__).parent.parent


def item(i: int, group: str = "", text: str = "x", stance: str = "for", **changes: Any) -> Annotation:
    fields: dict[str, Any] = {
        "id": f"c:{i}", "document": "c", "sentence": None, "start": None, "end": None, "text": text, "context": "",
        "speaker": "SPEAKER", "target": "plastics-treaty", "stance": stance, "basis": "explicit", "origin": "authored",
        "annotator": "author", "group": group,
    }  # fmt: skip
    return Annotation(**(fields | changes))


# --- what the scripts share -------------------------------------------------------------------------------------------


def test_a_sample_holds_whole_groups_and_the_smaller_samples() -> None:
    items = [item(i, f"g{i // 4}") for i in range(40)]
    small, large = first_groups(items, 8, 3), first_groups(items, 20, 3)
    assert len(small) == 8
    assert len({items[i].group for i in small}) == 2
    assert set(small) < set(large)
    assert small == sorted(small)
    assert first_groups(items, 100, 3) == list(range(40))
    assert first_groups(items, 8, 4) != small


def test_clusters_are_delegations_of_a_document_or_authored_groups() -> None:
    items = [
        item(0, "g"),
        item(1),
        item(2, document="m", sentence=1, start=0, end=1, speaker="TGO"),
        item(3, document="m", sentence=2, start=5, end=6, speaker="TGO"),
        item(4, document="n", sentence=1, start=0, end=1, speaker="TGO"),
    ]
    assert clusters_of(items) == ["g", "c:1", "m:TGO", "m:TGO", "n:TGO"]


def test_macro_f1_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    for n in (1, 5, 50):
        gold, predicted = rng.integers(0, 3, (2, n))
        expected = f1_score(gold, predicted, labels=[0, 1, 2], average="macro", zero_division=0)
        assert macro_f1(gold, predicted) == pytest.approx(expected)


def test_mean_deviation_and_difference_by_hand() -> None:
    gold = ["for", "against", "neutral"]
    right, wrong = list(gold), ["for", "against", "against"]
    # The second: F1 of for 1, of against 2/3, of neutral 0.
    low = (1 + 2 / 3) / 3
    row = summarise(gold, [right, wrong], ["a", "b", "c"], resamples=100)
    assert (row["n"], row["seeds"]) == (3, 2)
    assert row["macro_f1"] == pytest.approx((1 + low) / 2)
    assert row["deviation"] == pytest.approx((1 - low) / np.sqrt(2))
    gap = difference(gold, [wrong, wrong], [right, wrong], ["a", "b", "c"], resamples=100)
    assert gap["difference"] == pytest.approx((low - 1) / 2)
    assert gap["difference_low"] < gap["difference"] < gap["difference_high"] <= 0
    same = difference(gold, [wrong], [wrong], ["a", "b", "c"], resamples=100)
    assert set(same.values()) == {0.0}


def test_a_stored_run_is_made_once_and_not_taken_for_another(tmp_path: Path) -> None:
    calls: list[int] = []

    def make() -> dict[str, list[str]]:
        calls.append(1)
        return {"debate": ["for"], "more": ["for", "against"]}

    path = tmp_path / "run.json"
    assert stored_run(path, "a", {"debate": 1}, make) == stored_run(path, "a", {"debate": 1}, make)
    assert len(calls) == 1
    with pytest.raises(OutputError, match="other settings"):
        stored_run(path, "b", {"debate": 1}, make)
    # A set that it lacks, or one that has grown.
    path.write_text(json.dumps({"fingerprint": "a", "labels": {"debate": ["for"]}}), encoding="utf-8")
    assert len(stored_run(path, "a", {"debate": 1, "more": 2}, make)["more"]) == 2
    path.write_text("{", encoding="utf-8")
    with pytest.raises(OutputError, match=r"cannot be read: .*; remove it"):
        stored_run(path, "a", {"debate": 1}, make)


def test_a_tuned_threshold_is_not_guessed(held_out_corpus: list[str]) -> None:
    config = load_config(ROOT / "configs/tfidf.yaml", [*held_out_corpus, "decision.threshold=auto"])
    with pytest.raises(ConfigError, match=r"--set decision\.threshold=0\.5"):
        fixed_threshold(config)


# --- the scripts ------------------------------------------------------------------------------------------------------


def overrides(*values: str) -> list[str]:
    return [x for value in values for x in ("--set", value)]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture
def named_corpus(tmp_path: Path) -> list[str]:
    """Write statements whose label hangs on the name of the speaker alone; ten are held out, ten are a transfer part."""
    names = {"EGY": ("Egypt", "for"), "USA": ("United States", "against"), "CHN": ("China", "neutral")}
    items = []
    for i in range(60):
        code, (name, stance) = list(names.items())[i % 3]
        text = f"{name}’s representative said that matter {i} was before the Congress."
        items.append(item(i, text=text, stance=stance, speaker=code, speaker_name=name, target="cybercrime-convention"))
    write_annotations(tmp_path / "named.jsonl", items)
    parts = ["development" if i < 10 else "transfer" if i < 20 else "train" for i in range(60)]
    (tmp_path / "parts.csv").write_text(
        "group,part\n" + "".join(f"c:{i},{p}\n" for i, p in enumerate(parts)), encoding="utf-8"
    )
    return overrides(
        f"data.train=[{tmp_path / 'named.jsonl'}]",
        f"data.splits={tmp_path / 'parts.csv'}",
        "data.parts=[train]",
        "decision.threshold=0.34",
        "classifier.characters=null",
        "classifier.c=100",
        "evaluation.bootstrap=100",
    )


def ablate(out: Path, *args: str) -> int:
    code: int = script("ablate").main([str(ROOT / "configs/tfidf.yaml"), "--out", str(out), *args])
    return code


def test_an_ablation_shows_what_masking_buys(
    named_corpus: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    out = tmp_path / "out"
    options = [*named_corpus, "--seeds", "1", "2", "--variants", "unmasked", "--limit", "30"]
    assert ablate(out, *options) == 0
    rows = rows_of(out / "ablation.csv")
    assert [(r["set"], r["variant"]) for r in rows] == [
        (s, v) for s in ("development", "transfer", "debate") for v in ("reference", "unmasked")
    ]
    found = {(r["set"], r["variant"]): r for r in rows}
    # Names are all there is to learn: whoever reads them is always right, who does not never knows.
    assert found["development", "unmasked"]["macro_f1"] == "1.0000"
    assert float(found["development", "reference"]["macro_f1"]) < 0.6
    gap = float(found["transfer", "unmasked"]["difference"])
    assert gap == pytest.approx(1 - float(found["transfer", "reference"]["macro_f1"]), abs=2e-4)
    assert float(found["transfer", "unmasked"]["difference_low"]) > 0
    changed = [found["debate", v]["labels_changed_by_exchange"] for v in ("reference", "unmasked")]
    assert changed[0] == "0.0000"
    assert float(changed[1]) > 0
    assert {r["labels_changed_by_exchange"] for r in rows if r["set"] != "debate"} == {""}
    assert {r["n"] for r in rows if r["set"] == "debate"} == {"68"}
    assert "| debate | 68 | unmasked | 2 |" in (out / "ablation.md").read_text(encoding="utf-8")
    # Again: nothing is trained anew.
    first = (out / "ablation.csv").read_bytes()
    monkeypatch.setattr("stance.classifiers.tfidf.TfidfClassifier._fit", lambda *_: pytest.fail("trained again"))
    assert ablate(out, *options) == 0
    assert (out / "ablation.csv").read_bytes() == first
    capsys.readouterr()
    assert ablate(out, *options, *overrides("classifier.c=1")) == 2
    assert "is a run with other settings" in capsys.readouterr().err


def test_what_is_scored_is_in_no_training(
    named_corpus: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    module = script("ablate")
    files = [str(tmp_path / "named.jsonl"), "data/annotations/SOC_CP_365.jsonl"]
    config = load_config(ROOT / "configs/tfidf.yaml", [*named_corpus[1::2], f"data.train={files}", "data.parts=[]"])
    statements = module.Statements(config, {}, None)
    # All parts are in training but the development part; the transfer part is not scored then, and the debate is out.
    assert set(statements.annotations) == {"development", "debate"}
    assert {a.id for a in statements.train} == {f"c:{i}" for i in range(10, 60)}


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--variants", "context-9"], "encoding.context"),
        (["--variants", "unmaskd"], "'unmaskd' is not one of masked, unmasked"),
        (["--on", "debate=x.jsonl"], "--on debate=x.jsonl: expected NAME=FILE"),
        (["--on", "mine=x.jsonl"], "x.jsonl"),
        (["--limit", "0"], "--limit 0: must be at least 1"),
    ],
)
def test_a_wrong_call_is_refused(
    named_corpus: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], args: list[str], words: str
) -> None:
    assert ablate(tmp_path / "out", *named_corpus, *args) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_usual_variants_leave_out_what_the_reference_is(held_out_corpus: list[str]) -> None:
    choose: Callable[..., dict[str, Any]] = script("ablate").choose
    config = load_config(ROOT / "configs/tfidf.yaml", held_out_corpus)
    assert list(choose(config, None)) == [
        "reference", "unmasked", "no-target", "clauses", "context-0", "context-2", "context-3",
    ]  # fmt: skip
    bare = load_config(ROOT / "configs/tfidf.yaml", [*held_out_corpus, "encoding={mask: false, context: 0}"])
    both = choose(config, ["unmasked+context-0"])["unmasked+context-0"].encoding
    assert (both.mask, both.target, both.context) == (False, True, 0)
    assert list(choose(bare, None)) == [
        "reference", "masked", "no-target", "clauses", "context-1", "context-2", "context-3",
    ]  # fmt: skip


def test_a_learning_curve_goes_on(held_out_corpus: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    out = tmp_path / "out"
    curve = script("learning_curve")
    call = [str(ROOT / "configs/tfidf.yaml"), "--out", str(out), *overrides(*held_out_corpus), "--seeds", "1", "2"]
    assert curve.main([*call, "--sizes", "0", "30"]) == 0
    rows = rows_of(out / "curve.csv")
    assert [(r["set"], r["authored"], r["seeds"]) for r in rows] == [("debate", "0", "2"), ("debate", "30", "2")]
    stored = json.loads((out / "run_30_1.json").read_text(encoding="utf-8"))["labels"]["debate"]
    assert len(stored) == 68
    assert set(stored) <= set(STANCES)
    before = (out / "run_30_1.json").stat().st_mtime_ns
    assert curve.main([*call, "--sizes", "0", "30", "40"]) == 0
    assert (out / "run_30_1.json").stat().st_mtime_ns == before
    assert rows_of(out / "curve.csv")[:2] == rows


def test_small_sizes_are_read_more_often_than_the_configuration_says() -> None:
    epochs_for = script("learning_curve").epochs_for
    config = load_config(ROOT / "configs/default.yaml", ["classifier.epochs=2", "classifier.batch_size=32"]).classifier
    # 5,000 statements are 157 batches an epoch, 500 are 16, and two batches would have to be read sixty times.
    assert [epochs_for(config, n, 120).epochs for n in (5000, 2000, 500, 54)] == [2, 2, 8, 20]
    zero_shot = load_config(ROOT / "configs/entailment.yaml").classifier
    assert epochs_for(zero_shot, 500, 120) == zero_shot
    tfidf = load_config(ROOT / "configs/tfidf.yaml").classifier
    assert epochs_for(tfidf, 500, 120) == tfidf
