"""Behaviour tests: their files, what passes, and that the default model never looks at a name."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import script

from stance.annotations import read_annotations
from stance.config import DecisionConfig
from stance.encoding import Encoded, EncodingOptions
from stance.errors import AnnotationError, StanceError
from stance.evaluation.behaviour import (
    behaviour_table,
    read_capabilities,
    run_behaviour,
    summarise_behaviour,
)
from stance.model import Classifier
from stance.targets import load_target

ROOT = Path(__file__).parent.parent


class ByWord:
    """An estimator that goes by words: ``wanted`` is for, ``refused`` against; it counts letters where asked to."""

    kind = "by-word"
    classes_ = np.array(["against", "for", "neutral"])

    def __init__(self, *, letters: bool = False) -> None:
        self.letters = letters

    def predict_proba(self, X: Sequence[Encoded]) -> Any:
        rows = []
        for x in X:
            best = 1 if "wanted" in x.text else 0 if "refused" in x.text else 2
            row = np.full(3, 0.1 + (len(x.text) * 1e-6 if self.letters else 0))
            row[best] = 1 - row[:2].sum()
            rows.append(row)
        return np.array(rows)


def model(*, mask: bool = True, letters: bool = False) -> Classifier:
    estimator: Any = ByWord(letters=letters)
    return Classifier(
        estimator, EncodingOptions(mask=mask), DecisionConfig(), load_target("cybercrime-convention"), "by-word"
    )


def write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    return folder


LABELS = """
capability: wishes
description: Words.
type: label
cases:
  - {text: "[SPEAKER] wanted it.", expect: for}
  - {text: "[SPEAKER] refused it.", expect: for}
  - {text: "It rained.", context: "[SPEAKER] took the floor.", expect: neutral}
"""
SAME = """
capability: pronouns
description: Words.
type: same
cases:
  - {texts: ["[SPEAKER] said he wanted it.", "[SPEAKER] said she wanted it."]}
  - {texts: ["[SPEAKER] said he wanted it.", "[SPEAKER] said she refused it."]}
"""
NAMES = """
capability: names
description: Words.
type: exchange
cases:
  - {speaker: KEN, text: "Kenya wanted it, and the Plurinational State of Bolivia did not."}
"""


def test_a_label_is_right_or_wrong(tmp_path: Path) -> None:
    outcomes = run_behaviour(model(), read_capabilities(write(tmp_path / "t", LABELS)))
    assert [o.passed for o in outcomes] == [True, False, True]
    assert [o.found for o in outcomes] == [("for",), ("against",), ("neutral",)]
    assert outcomes[2].text == "[SPEAKER] took the floor. | It rained."


def test_variants_must_get_one_label(tmp_path: Path) -> None:
    outcomes = run_behaviour(model(), read_capabilities(write(tmp_path / "t", SAME)))
    assert [(o.passed, o.found) for o in outcomes] == [(True, ("for", "for")), (False, ("for", "against"))]


@pytest.mark.parametrize(("mask", "passed"), [(True, True), (False, False)])
def test_another_name_may_change_no_digit(tmp_path: Path, mask: bool, passed: bool) -> None:
    """Unmasked, names have other lengths, and this estimator counts letters."""
    outcome, = run_behaviour(model(mask=mask, letters=True), read_capabilities(write(tmp_path / "t", NAMES)))  # fmt: skip
    assert outcome.passed is passed
    assert outcome.found == ("for",) * 6


def test_rates_by_hand(tmp_path: Path) -> None:
    folder = write(tmp_path / "t", LABELS)
    (folder / "b.yaml").write_text(SAME, encoding="utf-8")
    outcomes = run_behaviour(model(), read_capabilities(folder))
    rows = summarise_behaviour(outcomes)
    assert [(r["capability"], r["n"], r["passed"]) for r in rows] == [
        ("wishes", 3, 2),
        ("pronouns", 2, 1),
        ("all with a right label", 3, 2),
    ]
    # Wilson's interval for two of three.
    z, n, p = 1.959964, 3, 2 / 3
    middle, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert (rows[0]["low"], rows[0]["high"]) == pytest.approx(
        ((middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)), abs=1e-5
    )
    assert "| wishes | 3 | 0.67 (0.21–0.94) |" in behaviour_table({"m": outcomes})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LABELS.replace("expect: for}", "expect: pro}", 1), r"a\.yaml: cases\.1\.expect: "),
        (LABELS.replace(", expect: neutral", ""), "case 3: expect: belongs to every case of type label"),
        (LABELS.replace("[SPEAKER] refused", "Kenya refused"), r"case 2: there is no \[SPEAKER\] in text or context"),
        (LABELS.replace("type: label", "type: other"), r"a\.yaml: type: "),
        (LABELS + "extra: 1\n", r"a\.yaml: extra: "),
        (SAME.replace("she refused", "he wanted"), "case 2: texts: must be two or more different ones"),
        (NAMES.replace("KEN", "XXX"), "case 1: speaker: 'XXX' is no code of a delegation"),
        (NAMES.replace("type: exchange", "type: same"), "case 1: texts: must be two or more"),
        (LABELS.replace("expect: for}", "target: no-such, expect: for}", 1), "no-such"),
        ("- 1\n", r"a\.yaml"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(StanceError, match=message):
        read_capabilities(write(tmp_path / "t", text))


def test_a_folder_without_tests_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="no behaviour tests here"):
        read_capabilities(tmp_path)


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def test_no_case_is_training_data() -> None:
    """A classifier that was trained on the cases, or nearly, would pass them by heart."""
    known = [
        words(a.text)
        for path in (ROOT / "data" / "authored" / "annotations").glob("*.jsonl")
        for a in read_annotations(path, offsets=False)
    ]
    # With a context that decides, the sentence alone may well be common ("[SPEAKER] agreed.").
    cases = [c for found in read_capabilities() for c in found.cases if not c.context]
    asked = {text: words(text) for c in cases for text in (c.text, *c.texts) if text}
    assert len(asked) > 100
    near = [text for text, w in asked.items() if any(len(w & k) >= 0.75 * len(w | k) for k in known)]
    assert near == []


def test_the_default_model_sees_neither_names_nor_typography() -> None:
    """Exchanged names change no digit; marks of another typography change no label."""
    chosen = [c for c in read_capabilities() if c.capability in ("country exchange", "typographic variants")]
    assert len(chosen) == 2
    assert all(o.passed for o in run_behaviour(Classifier.load(), chosen))


def test_the_datasheet_counts_the_cases() -> None:
    told = re.search(r"`behaviour/` .* (\d+) cases", (ROOT / "data" / "README.md").read_text(encoding="utf-8"))
    assert told is not None and int(told[1]) == sum(len(c.cases) for c in read_capabilities())


def test_the_script_writes_rates_and_cases(
    tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    main = script("behaviour").main
    assert main([str(tiny_model), "--tests", str(write(tmp_path / "t", LABELS)), "--out", str(out)]) == 0
    assert "| wishes | 3 |" in capsys.readouterr().out
    with (out / "cases.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [r["case"] for r in rows] == ["1", "2", "3"]
    assert (out / "behaviour.md").is_file()
    assert main([str(tiny_model), "--tests", str(tmp_path / "none")]) == 2
    assert "no behaviour tests here" in capsys.readouterr().err
