"""Other arithmetic: as good as equal or not chosen, chosen once a run, refused where it cannot be."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stance import precision
from stance.classifiers.cross_encoder import CrossEncoderClassifier
from stance.config import DecisionConfig
from stance.encoding import Encoded, EncodingOptions
from stance.errors import ConfigError
from stance.labelling import label_archive
from stance.model import Classifier
from stance.precision import Choice, choose_precision, in_precision
from stance.targets import load_target

TARGET = load_target("plastics-treaty")
X = [
    Encoded(TARGET.name, "It rained. " * (i % 5), f"[SPEAKER] {word} it for reason {i}.")
    for i in range(8)
    for word in ("welcomed", "opposed", "described")
]


@pytest.fixture(scope="module")
def model(tiny_bert: Path) -> Classifier:
    estimator = CrossEncoderClassifier(
        encoder=str(tiny_bert), pooling="speaker", max_tokens=48, batch_size=8, epochs=8, learning_rate=5e-3,
        bfloat16=False,
    ).fit(X, ["for", "against", "neutral"] * 8)  # fmt: skip
    return Classifier(estimator, EncodingOptions(), DecisionConfig(threshold=0.6), TARGET, "tiny", "0" * 64)


@pytest.mark.parametrize("name", ["bfloat16", "int8"])
def test_another_arithmetic_gives_nearly_the_same_and_leaves_the_model_as_it_is(model: Classifier, name: str) -> None:
    if name == "int8":
        pytest.importorskip("onnxscript")
        pytest.importorskip("onnxruntime")
    exact = model.predict_proba(X)
    quick = in_precision(model, name).predict_proba(X)
    assert 0 < np.abs(quick - exact).max() < 0.05
    assert np.array_equal(model.predict_proba(X), exact)
    assert in_precision(model, "float32") is model


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch, model: Classifier) -> Callable[..., Choice]:
    """Choose between precisions with given speeds and differences of the first statement's probabilities."""

    def choose(statements: int = 400, try_all: bool = False, **found: tuple[float, float]) -> Choice:
        at: list[str] = ["float32"]
        monkeypatch.setattr(precision, "_may_be_faster", lambda name: name in found)
        monkeypatch.setattr(precision, "in_precision", lambda model, name: (at.append(name), model)[1])

        def timed(_: Classifier, sample: list[Encoded]) -> tuple[np.ndarray, float]:
            proba = np.tile([0.7, 0.1, 0.2], (len(sample), 1))
            rate, difference = found.get(at[-1], (100.0, 0.0))
            proba[0] += [-difference, 0.0, difference]
            return proba, rate

        monkeypatch.setattr(precision, "_timed", timed)
        encoded = [Encoded(TARGET.name, "", f"[SPEAKER] spoke {i}.") for i in range(statements)]
        return choose_precision(model, encoded, try_all=try_all)

    return choose


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        ({"bfloat16": (300.0, 0.01)}, "bfloat16"),
        ({"bfloat16": (300.0, 0.03)}, "float32"),  # a probability is too far off
        ({"bfloat16": (300.0, float("nan"))}, "float32"),
        ({"bfloat16": (115.0, 0.0)}, "float32"),  # not worth it
        ({"bfloat16": (300.0, 0.01), "int8": (340.0, 0.01)}, "bfloat16"),
        ({"bfloat16": (300.0, 0.01), "int8": (400.0, 0.01)}, "bfloat16"),  # not tried
        ({"bfloat16": (115.0, 0.0), "int8": (400.0, 0.01)}, "int8"),
        ({"bfloat16": (300.0, 0.03), "int8": (140.0, 0.01)}, "int8"),
        ({}, "float32"),
    ],
)
def test_the_fastest_that_agrees_is_chosen(
    trials: Callable[..., Choice], found: dict[str, tuple[float, float]], chosen: str
) -> None:
    pytest.importorskip("onnxscript")
    pytest.importorskip("onnxruntime")
    assert trials(**found).precision == chosen


@pytest.mark.parametrize(("rate", "chosen"), [(340.0, "bfloat16"), (400.0, "int8")])
def test_all_can_be_tried(trials: Callable[..., Choice], rate: float, chosen: str) -> None:
    choice = trials(try_all=True, bfloat16=(300.0, 0.01), int8=(rate, 0.01))
    assert choice.precision == chosen
    assert [t.precision for t in choice.trials] == ["float32", "bfloat16", "int8"]


def test_labels_that_differ_are_no_agreement(trials: Callable[..., Choice], monkeypatch: pytest.MonkeyPatch) -> None:
    # One of 400 statements changes sides by a hair: 99.75 % equal; one of 100 is 99 %.
    monkeypatch.setattr(precision, "LARGEST_DIFFERENCE", 1.0)
    assert trials(400, bfloat16=(300.0, 0.6)).precision == "bfloat16"
    choice = trials(100, bfloat16=(300.0, 0.6))
    assert (choice.precision, choice.statements, choice.trials[1].equal) == ("float32", 100, 0.99)


def test_a_sample_holds_short_and_long_statements(
    trials: Callable[..., Choice], model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[Encoded]] = []
    trials()
    monkeypatch.setattr(precision, "_may_be_faster", lambda name: name == "bfloat16")
    monkeypatch.setattr(
        precision, "_timed", lambda _, sample: (seen.append(sample), (np.tile([1.0, 0, 0], (len(sample), 1)), 1.0))[1]
    )
    choose_precision(model, [Encoded("", "", "x" * i) for i in range(1, 2000)])
    lengths = [len(e.text) for e in seen[0]]
    assert (len(lengths), lengths[0], lengths[-1]) == (512, 1, 1999)


def test_what_was_chosen_stays_chosen_when_a_run_is_resumed(
    tiny_classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("The representative of Peru supported a new convention.", encoding="utf-8")
    asked: list[int] = []
    monkeypatch.setattr(precision, "FEW", 1)
    monkeypatch.setattr(
        precision, "choose_precision", lambda _, sample: (asked.append(len(sample)), Choice("float32", 7))[1]
    )
    with monkeypatch.context() as patch:
        patch.setattr(Classifier, "predict_proba", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            label_archive([str(tmp_path / "a.txt")], tiny_classifier, tmp_path / "out", precision="auto")
    label_archive([str(tmp_path / "a.txt")], tiny_classifier, tmp_path / "out", precision="auto")
    assert asked == [1]
    told = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["precision"]
    assert told == {"precision": "float32", "statements": 7, "trials": []}


def test_in_a_short_run_nothing_is_tried(
    tiny_classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "choose_precision", lambda *_: pytest.fail("tried"))
    (tmp_path / "a.txt").write_text("The representative of Peru supported a new convention.", encoding="utf-8")
    label_archive([str(tmp_path / "a.txt")], tiny_classifier, tmp_path / "out", precision="auto")


@pytest.mark.parametrize("name", ["bfloat16", "int8"])
def test_a_model_that_cannot_is_refused_before_anything_is_read(
    run: Callable[..., object], tiny_model: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "a.txt").write_text("The representative of Peru spoke.", encoding="utf-8")
    done = run("label", tmp_path / "a.txt", "--model", tiny_model, "--out", tmp_path / "out", "--precision", name)
    assert done.code == 2
    assert f"precision {name}: only " in done.err
    assert "tiny is a tfidf model" in done.err
    assert not (tmp_path / "out").exists()


def test_packages_that_are_missing_are_named(model: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "onnx" else real(name))
    with pytest.raises(ConfigError, match=r'\(onnx missing\); run in the checkout: pip install .* "\.\[onnx\]"$'):
        in_precision(model, "int8")
    with pytest.raises(ConfigError, match="'float16' is none of auto, float32, bfloat16, int8"):
        in_precision(model, "float16")
