"""Training on other forms of the same statements: what is added, with which labels, and where it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stance import training
from stance.classifiers.tfidf import TfidfClassifier
from stance.config import load_config
from stance.distillation import Lesson
from stance.training import load_examples

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / "configs/tfidf.yaml"


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the classifier is given."""
    given: dict[str, Any] = {}

    def fit(self: TfidfClassifier, X: Any, y: Any, groups: Any = None) -> TfidfClassifier:
        given.update(X=list(X), y=y, groups=list(groups))
        return self

    monkeypatch.setattr(TfidfClassifier, "fit", fit)
    return given


def test_every_statement_is_read_with_each_length_of_context_and_keeps_its_label(fitted: dict[str, Any]) -> None:
    config = load_config(CONFIG, ["encoding.context=1", "augmentation.contexts=[0, 1, 3]"])
    examples = load_examples(config)
    n = len(examples.encoded)
    # One sentence of context is read anyhow.
    assert [len(form) for form in examples.augmented] == [n, n]
    training.fit_examples(config, examples)
    assert (len(fitted["X"]), len(fitted["y"]), len(fitted["groups"])) == (3 * n, 3 * n, 3 * n)
    for i in (0, 20, n - 1):
        rows = [fitted["X"][k * n + i] for k in range(3)]
        assert {row.text for row in rows} == {examples.encoded[i].text}
        assert rows[1].context == ""
        assert rows[2].context.endswith(rows[0].context)
        assert {fitted["y"][k * n + i] for k in range(3)} == {examples.annotations[i].stance}
        assert len({fitted["groups"][k * n + i] for k in range(3)}) == 1
    assert len(fitted["X"][2 * n + 20].context) > len(fitted["X"][20].context)


def test_folds_leave_all_forms_of_a_statement_out(fitted: dict[str, Any]) -> None:
    config = load_config(CONFIG, ["augmentation.contexts=[0]"])
    examples = load_examples(config)
    rows = np.array([3, 7])
    training.fit_examples(config, examples, rows)
    assert fitted["X"] == [examples.encoded[3], examples.encoded[7], examples.augmented[0][3], examples.augmented[0][7]]
    part = examples.part([7, 3])
    assert part.augmented == [[examples.augmented[0][7], examples.augmented[0][3]]]


def test_forms_get_the_teachers_labels_and_what_the_teachers_add_has_one_form(fitted: dict[str, Any]) -> None:
    config = load_config(CONFIG, ["augmentation.contexts=[0]", "data.limit=4"])
    examples = load_examples(config)
    soft = np.arange(15, dtype=float).reshape(5, 3)
    more = examples.encoded[0]
    lesson = Lesson([*examples.encoded, more], soft, [*"abcd", "added"], {})
    training.fit_examples(config, examples, lesson=lesson)
    assert fitted["X"] == [*examples.encoded, more, *examples.augmented[0]]
    assert fitted["y"].tolist() == [*soft.tolist(), *soft[:4].tolist()]
    assert fitted["groups"] == [*"abcd", "added", *"abcd"]


def test_what_is_tested_on_has_one_form() -> None:
    config = load_config(CONFIG, ["augmentation.contexts=[0, 2]"])
    assert load_examples(config, ["data/annotations/SOC_CP_365.jsonl"]).augmented == []
    assert load_examples(load_config(CONFIG)).augmented == []


def test_a_context_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Exception, match=r"augmentation\.contexts.*less than or equal to 5"):
        load_config(CONFIG, ["augmentation.contexts=[9]"])
