"""Training on other forms of the same statements: what is added, with which labels, and where it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stance import training
from stance.annotations import Annotation
from stance.augmentation import exchange_contexts
from stance.classifiers.tfidf import TfidfClassifier
from stance.config import load_config
from stance.distillation import Lesson
from stance.encoding import Encoded
from stance.errors import ConfigError
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


def authored(i: int, stance: str, basis: str, text: str, target: str = "plastics-treaty") -> Annotation:
    return Annotation(
        id=f"x:{i}", document="x", sentence=None, start=None, end=None, text=text, context="", speaker="SPEAKER",
        target=target, stance=stance, basis=basis, origin="authored", annotator="author",
    )  # fmt: skip


def test_a_statement_that_speaks_for_itself_stands_behind_another_speaker_of_its_target() -> None:
    bases = ("explicit", "implicit", "none", "anaphora", "off-target")
    annotations, encoded = [], []
    for i in range(600):
        target, stance = ("plastics-treaty", "tax-cooperation-convention")[i % 2], ("for", "against", "neutral")[i % 3]
        speaker = "He" if i % 10 == 9 else "[SPEAKER]"
        annotations.append(authored(i, stance, bases[i % 5], "", target))
        encoded.append(Encoded(target, f"[SPEAKER] began {i}.", f"{speaker} was {stance} {target} {i}."))
    groups = [f"g{i // 4}" for i in range(600)]
    found = exchange_contexts(annotations, encoded, groups, 1.0, 13)
    assert found == exchange_contexts(annotations, encoded, groups, 1.0, 13)
    changed = [i for i in range(600) if found[i] != encoded[i]]
    assert {annotations[i].basis for i in changed} == {"explicit", "implicit", "none"}
    assert not any(encoded[i].text.startswith("He") for i in changed)
    pairs = set()
    for i in changed:
        context = found[i].context
        assert (found[i].text, found[i].target) == (encoded[i].text, encoded[i].target)
        assert "[SPEAKER]" not in context
        assert "[OTHER] was" in context
        assert encoded[i].target in context
        donor = int(context.rstrip(".").rsplit(" ", 1)[1])
        assert groups[donor] != groups[i]
        pairs.add((annotations[i].stance, context.split(" was ")[1].split()[0]))
    # Every side stands behind every side.
    assert len(pairs) == 9
    able = [i for i in range(600) if annotations[i].basis in bases[:3] and "[SPEAKER]" in encoded[i].text]
    assert len(changed) > 0.95 * len(able)
    half = exchange_contexts(annotations, encoded, groups, 0.5, 13)
    assert 0.4 < sum(half[i] != encoded[i] for i in able) / len(able) < 0.6


def test_contexts_are_exchanged_among_what_is_fitted_on_only(fitted: dict[str, Any]) -> None:
    config = load_config(CONFIG, ["encoding.context=1", "augmentation.contexts=[0]", "augmentation.exchange=1"])
    examples = load_examples(config)
    rows = np.arange(20)
    training.fit_examples(config, examples, rows)
    contexts = {row.context for row in fitted["X"][20:]} - {""}
    assert contexts <= {examples.encoded[i].text.replace("[SPEAKER]", "[OTHER]") for i in rows}


def test_there_must_be_forms_to_exchange_contexts_in() -> None:
    with pytest.raises(ConfigError, match="exchange: there are no other forms"):
        load_config(CONFIG, ["augmentation.exchange=0.5"])
