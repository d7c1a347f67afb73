"""SetFit: learning, saving without pickles, byte-identity, and silence; on a tiny random encoder."""

from __future__ import annotations

import builtins
import json
import socket
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import saved
from sklearn.base import clone

from stance.classifiers.base import StanceClassifier
from stance.classifiers.setfit import SetFitClassifier
from stance.encoding import Encoded
from stance.errors import ModelError

pytest.importorskip("setfit")

TARGET = "A treaty on plastics"
WORDS = {"for": "welcomed", "against": "opposed", "neutral": "described"}
X = [Encoded(TARGET, "", f"[SPEAKER] {word} it for reason {i}.") for i in range(6) for word in WORDS.values()]
Y = list(WORDS) * 6


def make(folder: Path, **changes: Any) -> SetFitClassifier:
    options: dict[str, Any] = {"max_tokens": 32, "batch_size": 8, "iterations": 4, "learning_rate": 5e-3, "c": 30.0}
    return SetFitClassifier(encoder=str(folder), **(options | changes))


@pytest.fixture(scope="module")
def fitted(tiny_bert: Path) -> SetFitClassifier:
    return make(tiny_bert).fit(X, Y)


def test_it_learns_what_a_word_says(fitted: SetFitClassifier) -> None:
    new = [Encoded(TARGET, "", f"[SPEAKER] {word} it at once.") for word in WORDS.values()]
    assert fitted.predict(new).tolist() == list(WORDS)
    assert (fitted.predict(X) == np.array(Y)).mean() > 0.9


def test_pairs_change_the_encoder(tiny_bert: Path, fitted: SetFitClassifier) -> None:
    untouched = make(tiny_bert)
    untouched._body = untouched._new_body()
    before = untouched._vectors(X)
    assert not np.allclose(fitted._vectors(X), before, atol=1e-2)


def test_parameters_are_stored_and_nothing_else() -> None:
    classifier = SetFitClassifier(max_steps=3)
    assert vars(clone(classifier)) == classifier.get_params()


def test_a_loaded_model_gives_the_same_probabilities(fitted: SetFitClassifier, tmp_path: Path) -> None:
    folder = saved(fitted, tmp_path / "m")
    assert {p.name for p in folder.iterdir()} == {"classifier.json", "head.json", "weights.safetensors"}
    again = StanceClassifier.load(folder)
    assert again.predict_proba(X).tobytes() == fitted.predict_proba(X).tobytes()
    second = saved(again, tmp_path / "again")
    assert (second / "weights.safetensors").read_bytes() == (folder / "weights.safetensors").read_bytes()


def test_the_seed_decides_and_nothing_else(tiny_bert: Path, fitted: SetFitClassifier, tmp_path: Path) -> None:
    first, second = saved(fitted, tmp_path / "a"), saved(make(tiny_bert).fit(X, Y), tmp_path / "b")
    assert (first / "weights.safetensors").read_bytes() == (second / "weights.safetensors").read_bytes()
    other = saved(make(tiny_bert, seed=14).fit(X, Y), tmp_path / "c")
    assert (first / "weights.safetensors").read_bytes() != (other / "weights.safetensors").read_bytes()


def test_word_embeddings_are_not_stored_and_the_head_is_not_rounded(fitted: SetFitClassifier, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    stored = load_file(saved(fitted, tmp_path / "m") / "weights.safetensors")
    assert not any("word_embeddings" in name or "pooler" in name for name in stored)
    assert stored["head.coef"].dtype == np.float64
    assert stored["head.coef"].shape == (3, 32)
    assert all(t.dtype == np.float16 for name, t in stored.items() if name.startswith("body."))
    assert any(name.startswith("body.encoder.layer.1") for name in stored)


def test_probabilities_do_not_depend_on_the_order_of_the_input(fitted: SetFitClassifier) -> None:
    mixed = [Encoded(TARGET, "[OTHER] spoke. " * (i % 4), x.text) for i, x in enumerate(X)]
    order = np.random.default_rng(1).permutation(len(mixed))
    # Some processors sum in another order in batches of another shape, which the last digits show.
    np.testing.assert_allclose(
        fitted.predict_proba([mixed[i] for i in order]), fitted.predict_proba(mixed)[order], atol=1e-6
    )


def test_a_long_context_is_cut_at_its_beginning_and_the_target_stays(fitted: SetFitClassifier) -> None:
    end = "[OTHER] welcomed it. | [SPEAKER] opposed it in the end."
    (text,) = fitted._texts([Encoded(TARGET, "The committee met again. " * 60 + "[OTHER] welcomed it.", end[23:])])
    assert text.startswith(TARGET + " || ")
    assert text.endswith(end)
    assert len(fitted._body.tokenizer(text)["input_ids"]) == 32


def test_a_hidden_target_leaves_no_separator(fitted: SetFitClassifier) -> None:
    assert fitted._texts([Encoded("", "", "[SPEAKER] spoke.")]) == ["[SPEAKER] spoke."]


def test_steps_and_statements_are_bounded(tiny_bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import setfit

    seen: list[tuple[int, int]] = []
    tune = setfit.Trainer.train_embeddings

    def train(self: Any, x: list[str], y: list[str], args: Any) -> None:
        tune(self, x, y, args=args)
        seen.append((len(x), self.st_trainer.state.global_step))

    monkeypatch.setattr(setfit.Trainer, "train_embeddings", train)
    make(tiny_bert, max_statements=9).fit(X, Y)
    make(tiny_bert, max_steps=2, iterations=50).fit(X, Y)
    # Nine statements, four pairs of either sort each, eight in a batch.
    assert seen == [(9, 9), (len(X), 2)]


@pytest.mark.parametrize("progress", [False, True])
def test_training_is_silent_on_standard_output_and_uses_no_network(
    tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], progress: bool
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a network was used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.chdir(tmp_path)
    classifier = make(tiny_bert, max_steps=3)
    classifier.progress = progress
    classifier.fit(X, Y)
    StanceClassifier.load(saved(classifier, tmp_path / "m")).predict(X)
    captured = capfd.readouterr()
    assert captured.out == ""
    assert ("3/3" in captured.err) == progress
    assert progress or captured.err == ""
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_one_label_alone_is_refused_in_words(tiny_bert: Path) -> None:
    with pytest.raises(ModelError, match="at least two labels"):
        make(tiny_bert).fit(X[::3], Y[::3])


def test_two_of_three_labels_are_enough(tiny_bert: Path, tmp_path: Path) -> None:
    rows = [i for i, label in enumerate(Y) if label != "against"]
    two = make(tiny_bert, max_steps=2).fit([X[i] for i in rows], [Y[i] for i in rows])
    assert two.predict_proba(X)[:, 0].tolist() == [0.0] * len(X)
    again = StanceClassifier.load(saved(two, tmp_path / "m"))
    assert again.predict_proba(X).tobytes() == two.predict_proba(X).tobytes()


def test_without_the_library_the_command_is_told(tiny_bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "setfit":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "setfit")
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ModelError, match="pip install setfit"):
        make(tiny_bert).fit(X, Y)


def test_a_fitted_model_needs_the_library_no_more(
    fitted: SetFitClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = saved(fitted, tmp_path / "m")
    monkeypatch.setattr("stance.classifiers.setfit._library", lambda: pytest.fail("the library was asked for"))
    assert StanceClassifier.load(folder).predict(X).tolist() == fitted.predict(X).tolist()


def test_other_weights_than_those_of_the_training_are_refused(fitted: SetFitClassifier, tmp_path: Path) -> None:
    folder = saved(fitted, tmp_path / "m")
    record = json.loads((folder / "head.json").read_text(encoding="utf-8"))
    (folder / "head.json").write_text(json.dumps(record | {"encoder_sha256": "0" * 64}), encoding="utf-8")
    with pytest.raises(ModelError, match="trained on other weights"):
        StanceClassifier.load(folder)


@pytest.mark.parametrize("change", ["missing", "extra", "shape"])
def test_weights_that_do_not_fit_the_encoder_are_refused(fitted: SetFitClassifier, tmp_path: Path, change: str) -> None:
    from safetensors.numpy import load_file, save_file

    folder = saved(fitted, tmp_path / "m")
    tensors = load_file(folder / "weights.safetensors")
    name = next(n for n in tensors if n.startswith("body."))
    if change == "missing":
        del tensors[name]
    elif change == "extra":
        tensors["body.more"] = tensors[name]
    else:
        tensors[name] = tensors[name][..., :1].copy()
    save_file(tensors, folder / "weights.safetensors")
    with pytest.raises(ModelError, match="encoder"):
        StanceClassifier.load(folder)
