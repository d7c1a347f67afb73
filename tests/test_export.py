"""Exported models: the same probabilities from the files alone, and refusals that leave nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stance import export
from stance.classifiers.cross_encoder import CrossEncoderClassifier
from stance.config import DecisionConfig
from stance.encoding import Encoded, EncodingOptions
from stance.errors import ModelError, OutputError
from stance.evaluation.calibration import Calibration
from stance.export import export_onnx, predict_exported
from stance.model import Classifier
from stance.targets import load_target

pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

TARGET = load_target("plastics-treaty")
X = [
    Encoded(TARGET.name, "It rained. " * (i % 5) * 8, f"[SPEAKER] {word} it for reason {i}.")
    for i in range(6)
    for word in ("welcomed", "opposed", "described")
]
Y = ["for", "against", "neutral"] * 6


@pytest.fixture(scope="module", params=["mean", "speaker"])
def model(tiny_bert: Path, request: pytest.FixtureRequest) -> Classifier:
    """Return a fitted cross-encoder over a BERT of two small layers with random weights."""
    estimator = CrossEncoderClassifier(
        encoder=str(tiny_bert),
        pooling=request.param,
        max_tokens=48,
        batch_size=8,
        epochs=12,
        learning_rate=5e-3,
        bfloat16=False,
    ).fit([Encoded(x.target, "", x.text) for x in X] * 3, Y * 3)
    return Classifier(
        estimator,
        EncodingOptions(),
        DecisionConfig(threshold=0.6),
        TARGET,
        "tiny",
        "0" * 64,
        Calibration("vector", scale=(0.5, 0.6, 0.55), bias=(0.3, -0.2, 0.1)),
    )


@pytest.fixture(scope="module")
def exported(model: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "out"
    export_onnx(model, folder)
    return folder


@pytest.fixture
def converted(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare a test the ten seconds of converting the same network again."""
    inputs = json.loads((exported / "export.json").read_text(encoding="utf-8"))["inputs"]

    def copy(estimator: object, examples: object, path: Path) -> object:
        path.write_bytes((exported / "model.onnx").read_bytes())
        return inputs

    monkeypatch.setattr(export, "_write_onnx", copy)


def test_the_files_alone_give_the_probabilities_of_the_model(model: Classifier, exported: Path) -> None:
    assert {p.name for p in exported.iterdir()} == {"model.onnx", "tokenizer.json", "export.json"}
    expected = model.predict_proba(X)
    assert np.ptp(expected) > 0.3
    for rows in (X, X[:1], X[3:5]):
        found = predict_exported(exported, [(x.target, x.premise) for x in rows])
        # The file's columns are against, for, neutral; the package's for, against, neutral.
        assert found[:, [1, 0, 2]] == pytest.approx(model.predict_proba(rows), abs=1e-5)
    assert found.sum(axis=1) == pytest.approx(1)


def test_what_is_needed_beside_the_network_is_written_down(exported: Path) -> None:
    record = json.loads((exported / "export.json").read_text(encoding="utf-8"))
    assert record["labels"] == ["against", "for", "neutral"]
    assert record["inputs"] == ["input_ids", "attention_mask", "token_type_ids"]
    # The calibration's order is for, against, neutral; the file's is that of its labels.
    assert (record["scale"], record["bias"]) == ([0.6, 0.5, 0.55], [-0.2, 0.3, 0.1])
    assert (record["threshold"], record["max_tokens"]) == (0.6, 48)
    assert record["encoding"] == {"mask": True, "target": True, "context": 1, "clauses": False}
    assert record["target"]["name"] == TARGET.name
    assert record["check"]["statements"] == 7
    assert 0 <= record["check"]["largest_difference"] <= 1e-4


def test_both_axes_are_dynamic_and_the_network_is_well_formed(exported: Path) -> None:
    import onnx

    network = onnx.load(exported / "model.onnx")
    onnx.checker.check_model(network)
    for put in network.graph.input:
        assert [d.dim_param for d in put.type.tensor_type.shape.dim] == ["batch", "tokens"]


def test_the_tokenizer_cuts_and_pads_as_in_training(model: Classifier, exported: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(exported / "tokenizer.json"))
    long = Encoded(TARGET.name, "The committee met again. " * 60, "[SPEAKER] opposed it in the end.")
    encodings = tokenizer.encode_batch([(x.target, x.premise) for x in (long, X[0])])
    rows = model.estimator._tokens([long, X[0]])  # type: ignore[attr-defined]
    assert encodings[0].ids == rows[0]["input_ids"]
    assert len(encodings[0].ids) == len(encodings[1].ids) == 48
    assert encodings[1].ids[: len(rows[1]["input_ids"])] == rows[1]["input_ids"]


@pytest.mark.usefixtures("converted")
def test_a_quantized_model_is_small_and_close(
    run: Callable[..., Any], model: Classifier, exported: Path, tmp_path: Path
) -> None:
    model.save_pretrained(tmp_path / "model")
    out = tmp_path / "out"
    done = run("export", tmp_path / "model", "--format", "onnx", "--out", out, "--quantize")
    record = json.loads((out / "export.json").read_text(encoding="utf-8"))
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"model.int8.onnx written to {out}; over 7 statements its probabilities differ from the model's by at most "
        f"{record['check']['largest_difference']:.2g}\n"
    )
    assert {p.name for p in out.iterdir()} == {"model.int8.onnx", "tokenizer.json", "export.json"}
    assert (out / "model.int8.onnx").stat().st_size < 0.5 * (exported / "model.onnx").stat().st_size
    found = predict_exported(out, [(x.target, x.premise) for x in X])[:, [1, 0, 2]]
    assert found == pytest.approx(model.predict_proba(X), abs=0.1)
    assert 0 < record["check"]["largest_difference"] < 0.1


@pytest.mark.usefixtures("converted")
@pytest.mark.parametrize("wrong", [np.nan, 0.001])
def test_a_network_that_gives_other_probabilities_is_not_left_behind(
    model: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: float
) -> None:
    real = export.predict_exported
    monkeypatch.setattr(export, "predict_exported", lambda folder, pairs: real(folder, pairs) + wrong)
    with pytest.raises(ModelError, match="nothing was written"):
        export_onnx(model, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_not_replaced(model: Classifier, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(OutputError, match="holds other files"):
        export_onnx(model, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_other_kinds_are_refused(run: Callable[..., Any], tiny_model: Path, tmp_path: Path) -> None:
    done = run("export", tiny_model, "--out", tmp_path / "out")
    assert (done.code, done.out) == (2, "")
    assert done.err == "stance: tiny: only cross-encoders can be exported to ONNX; this is a tfidf model\n"
    assert not (tmp_path / "out").exists()


def test_missing_packages_are_named(model: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = export.importlib.util.find_spec  # type: ignore[attr-defined]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "onnxscript" else real(name))
    with pytest.raises(ModelError, match="pip install onnxscript$"):
        export_onnx(model, tmp_path / "out")


@pytest.mark.slow
def test_the_default_model_can_be_exported(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("export", "default", "--out", tmp_path / "out")
    assert (done.code, done.err) == (0, "")
    model = Classifier.load()
    rows = [Encoded(model.target.name, x.context, x.text) for x in X]
    found = predict_exported(tmp_path / "out", [(x.target, x.premise) for x in rows])
    labels = json.loads((tmp_path / "out" / "export.json").read_text(encoding="utf-8"))["labels"]
    assert found[:, [labels.index(s) for s in ("for", "against", "neutral")]] == pytest.approx(
        model.predict_proba(rows), abs=1e-4
    )
