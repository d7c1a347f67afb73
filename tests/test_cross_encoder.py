"""The fine-tuned cross-encoder: learning, saving, byte-identity, adapters and decoders; on tiny random encoders."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import saved

from stance.classifiers.base import StanceClassifier
from stance.classifiers.cross_encoder import CrossEncoderClassifier
from stance.encoding import Encoded
from stance.errors import ModelError

TARGET = "A treaty on plastics"
WORDS = {"for": "welcomed", "against": "opposed", "neutral": "described"}
X = [Encoded(TARGET, "", f"[SPEAKER] {word} it for reason {i}.") for i in range(16) for word in WORDS.values()]
Y = list(WORDS) * 16


@pytest.fixture(scope="module")
def tiny_decoder(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Path:
    """Save a Llama of two small layers whose tokenizer knows neither pairs nor padding."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("llama")
    known = AutoTokenizer.from_pretrained(tiny_bert)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=known.backend_tokenizer, eos_token="[SEP]")
    torch.manual_seed(1)
    LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
        )
    ).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def make(folder: Path, **changes: object) -> CrossEncoderClassifier:
    options: dict[str, object] = {
        "max_tokens": 48,
        "batch_size": 8,
        "epochs": 12,
        "learning_rate": 5e-3,
        "bfloat16": False,
    }
    return CrossEncoderClassifier(encoder=str(folder), **(options | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def fitted(tiny_bert: Path) -> CrossEncoderClassifier:
    return make(tiny_bert).fit(X, Y)


def test_it_learns_what_a_word_says(fitted: CrossEncoderClassifier) -> None:
    new = [Encoded(TARGET, "", f"[SPEAKER] {word} it in the end.") for word in WORDS.values()]
    assert fitted.predict(new).tolist() == list(WORDS)


def test_a_loaded_model_gives_the_same_probabilities(fitted: CrossEncoderClassifier, tmp_path: Path) -> None:
    folder = saved(fitted, tmp_path / "m")
    assert {p.name for p in folder.iterdir()} == {"classifier.json", "head.json", "weights.safetensors"}
    again = StanceClassifier.load(folder)
    assert again.predict_proba(X).tobytes() == fitted.predict_proba(X).tobytes()


def test_two_fits_with_one_seed_write_the_same_bytes(
    tiny_bert: Path, fitted: CrossEncoderClassifier, tmp_path: Path
) -> None:
    first, second = saved(fitted, tmp_path / "a"), saved(make(tiny_bert).fit(X, Y), tmp_path / "b")
    assert (first / "weights.safetensors").read_bytes() == (second / "weights.safetensors").read_bytes()
    other = saved(make(tiny_bert, seed=14, epochs=1).fit(X, Y), tmp_path / "c")
    assert (first / "weights.safetensors").read_bytes() != (other / "weights.safetensors").read_bytes()


def test_word_embeddings_stay_and_are_not_stored(fitted: CrossEncoderClassifier, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    stored = load_file(saved(fitted, tmp_path / "m") / "weights.safetensors")
    assert not any("word_embeddings" in name for name in stored)
    assert any("classifier" in name for name in stored)
    assert all(tensor.dtype == np.float16 for tensor in stored.values())


def test_probabilities_do_not_depend_on_the_order_of_the_input(fitted: CrossEncoderClassifier) -> None:
    mixed = [Encoded(TARGET, "[OTHER] spoke. " * (i % 4), x.text) for i, x in enumerate(X)]
    order = np.random.default_rng(1).permutation(len(mixed))
    assert (fitted.predict_proba([mixed[i] for i in order]) == fitted.predict_proba(mixed)[order]).all()


def test_a_long_context_is_cut_at_its_beginning(fitted: CrossEncoderClassifier) -> None:
    near = "[OTHER] welcomed it."
    long = Encoded(TARGET, "The committee met again. " * 60 + near, "[SPEAKER] opposed it in the end.")
    longer = Encoded(TARGET, "The committee met again. " * 90 + near, "[SPEAKER] opposed it in the end.")
    assert (fitted.predict_proba([long]) == fitted.predict_proba([longer])).all()


def test_other_weights_than_those_of_the_training_are_refused(fitted: CrossEncoderClassifier, tmp_path: Path) -> None:
    folder = saved(fitted, tmp_path / "m")
    record = json.loads((folder / "head.json").read_text(encoding="utf-8"))
    (folder / "head.json").write_text(json.dumps(record | {"encoder_sha256": "0" * 64}), encoding="utf-8")
    with pytest.raises(ModelError, match="trained on other weights"):
        StanceClassifier.load(folder)


def test_adapters_are_all_that_is_stored(tiny_bert: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft")
    from safetensors.numpy import load_file

    adapted = make(tiny_bert, lora_rank=4, learning_rate=2e-2, epochs=20).fit(X, Y)
    assert (adapted.predict(X) == np.array(Y)).mean() > 0.9
    folder = saved(adapted, tmp_path / "m")
    names = list(load_file(folder / "weights.safetensors"))
    assert names
    assert all("lora_" in n or "classifier" in n for n in names)
    assert StanceClassifier.load(folder).predict_proba(X).tobytes() == adapted.predict_proba(X).tobytes()


def test_a_decoder_learns_and_comes_back(tiny_decoder: Path, tmp_path: Path) -> None:
    decoder = make(tiny_decoder).fit(X, Y)
    assert (decoder.predict(X) == np.array(Y)).mean() > 0.9
    again = StanceClassifier.load(saved(decoder, tmp_path / "m"))
    assert again.predict_proba(X).tobytes() == decoder.predict_proba(X).tobytes()


def test_a_decoder_has_no_pairs_to_find_the_sentence_in(tiny_decoder: Path) -> None:
    with pytest.raises(ModelError, match="pooling: speaker needs an encoder that reads pairs"):
        make(tiny_decoder, pooling="speaker").fit(X, Y)


def test_a_decoder_keeps_target_and_sentence_of_a_long_text(tiny_decoder: Path) -> None:
    decoder = make(tiny_decoder, epochs=1).fit(X, Y)
    long = Encoded(TARGET, "The committee met again. " * 60, "[SPEAKER] opposed it in the end.")
    (row,) = decoder._tokens([long])
    text = decoder._tokenizer.decode(row["input_ids"])
    assert len(row["input_ids"]) <= 48
    assert "a treaty on plastics" in text
    assert text.endswith("opposed it in the end.")


# --- labels, and what is trained --------------------------------------------------------------------------------------

COLUMN = {"against": 0, "for": 1, "neutral": 2}


def test_certain_probabilities_teach_what_labels_teach(tiny_bert: Path, fitted: CrossEncoderClassifier) -> None:
    certain = np.eye(3)[[COLUMN[label] for label in Y]]
    again = make(tiny_bert).fit(X, certain)
    assert again.predict_proba(X).tobytes() == fitted.predict_proba(X).tobytes()


def test_a_student_takes_over_the_doubt_of_its_teacher(tiny_bert: Path) -> None:
    taught = {"for": [0.0, 0.6, 0.4], "against": [0.7, 0.0, 0.3], "neutral": [0.2, 0.2, 0.6]}
    student = make(tiny_bert, label_smoothing=0.0, epochs=15).fit(X, np.array([taught[label] for label in Y]))
    for label, p in zip(Y, student.predict_proba(X), strict=True):
        assert p == pytest.approx(taught[label], abs=0.12)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.full((48, 2), 0.5), r"shape \(n, 3\), not \(48, 2\)"),
        (np.full((48, 3), 0.3), "sum to 1"),
        (np.tile([-0.5, 1.0, 0.5], (48, 1)), "not negative"),
        (np.full((48, 3), np.nan), "sum to 1"),
        (["for"] * 47 + ["fro"], "'fro' is not one of"),
    ],
)
def test_labels_that_are_none_are_refused(tiny_bert: Path, y: object, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        make(tiny_bert).fit(X, y)  # type: ignore[arg-type]


def test_groups_of_another_length_are_refused(tiny_bert: Path) -> None:
    with pytest.raises(ModelError, match="48 statements but 2 groups"):
        make(tiny_bert).fit(X, Y, ["a", "b"])


def test_balanced_weights_raise_the_rare_label(tiny_bert: Path) -> None:
    from stance.classifiers.finetuning import _class_weights

    rows = [{"labels": p} for p in ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.5])]
    assert _class_weights(rows).tolist() == pytest.approx([4 / 3, 4 / 7.5, 4 / 1.5])
    assert _class_weights(rows[:3]).tolist() == pytest.approx([1.5, 0.75, 0.0])
    # Words that tell nothing leave the frequencies, unless they are weighed away.
    same = [Encoded(TARGET, "", "[SPEAKER] spoke.")] * 24
    y = ["neutral"] * 18 + ["for"] * 3 + ["against"] * 3
    plain, balanced = (
        make(tiny_bert, balanced=b, epochs=6).fit(same, y).predict_proba(same[:1])[0] for b in (False, True)
    )
    assert plain[COLUMN["neutral"]] > 0.6
    assert balanced == pytest.approx([1 / 3] * 3, abs=0.12)


def test_batches_that_are_accumulated_are_one_batch(tiny_bert: Path) -> None:
    # Without dropout and with rows of one length, two batches of four are the same step as one of eight.
    import torch

    from stance.classifiers.finetuning import Options, finetune

    rows = [{"input_ids": [i], "attention_mask": [1], "labels": i % 3} for i in range(24)]

    class Lookup(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.table = torch.nn.Embedding(24, 3)

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"logits": self.table(input_ids[:, 0])}

    class Padder:
        def pad(self, fields: list[dict[str, list[int]]], **options: object) -> dict[str, torch.Tensor]:
            return {key: torch.tensor([f[key] for f in fields]) for key in fields[0]}

    weights = []
    for batch, accumulation in ((8, 1), (4, 2)):
        model = Lookup()
        options = Options(batch_size=batch, accumulation=accumulation, epochs=2, learning_rate=0.1, bfloat16=False)
        history = finetune(model, Padder(), rows, options)
        assert [h["step"] for h in history] == list(range(1, 7))
        assert history[-1]["loss"] < history[0]["loss"]
        weights.append(model.table.weight.detach().numpy())
    np.testing.assert_allclose(weights[0], weights[1], atol=1e-5)


def test_early_stopping_keeps_the_best_epoch_and_tears_no_group(
    tiny_bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stance.classifiers import finetuning

    given: dict[str, list[dict[str, Any]]] = {}
    real = finetuning.finetune

    def spy(model: Any, tokenizer: Any, rows: Any, options: Any, **more: Any) -> Any:
        given.update(rows=rows, held_out=more["held_out"])
        return real(model, tokenizer, rows, options, **more)

    monkeypatch.setattr(finetuning, "finetune", spy)
    # Labels at random: there is nothing to learn, the held-out loss rises soon.
    y = [Y[i] for i in np.random.default_rng(3).permutation(len(Y))]
    groups = [str(i // 6) for i in range(len(X))]
    stopped = make(tiny_bert, patience=2, validation=0.25, epochs=30, learning_rate=1e-2).fit(X, y, groups)
    assert (len(given["rows"]), len(given["held_out"])) == (36, 12)
    out = {tuple(row["input_ids"]) for row in given["held_out"]}
    side = [tuple(row["input_ids"]) in out for row in stopped._tokens(X)]
    assert all(len({s for s, h in zip(side, groups, strict=True) if h == g}) == 1 for g in groups)
    losses = [h["held_out_loss"] for h in stopped.history_ if "held_out_loss" in h]
    assert len(losses) < 30
    assert len(losses) - 1 - int(np.argmin(losses)) == 2
    held = [i for i, s in enumerate(side) if s]
    p = stopped.predict_proba([X[i] for i in held])[range(len(held)), [COLUMN[y[i]] for i in held]]
    # Smoothed as in training; the weights were rounded to half precision since.
    smooth = -(0.95 * np.log(p) + 0.05 * np.log(stopped.predict_proba([X[i] for i in held])).mean(axis=1)).mean()
    assert smooth == pytest.approx(min(losses), abs=2e-3)


def test_one_group_cannot_be_divided(tiny_bert: Path) -> None:
    with pytest.raises(ModelError, match="all belong to one group"):
        make(tiny_bert, patience=1).fit(X, Y, ["a"] * len(X))


def test_a_change_of_low_rank_is_stored_as_its_factors(tiny_bert: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    cut = make(tiny_bert, change_rank=4).fit(X, Y)
    folder = saved(cut, tmp_path / "m")
    stored = load_file(folder / "weights.safetensors")
    before = load_file(tiny_bert / "model.safetensors")
    after = {n: t.numpy() for n, t in cut._model.backbone.state_dict().items()}
    matrices = {n.removeprefix("backbone.").removesuffix(".change_left") for n in stored if n.endswith("_left")}
    assert len(matrices) == 13  # six in each of two layers, and the positions
    for name in matrices:
        change = after[name] - before[name]
        assert np.linalg.matrix_rank(change, tol=1e-4) == 4
        assert f"backbone.{name}" not in stored
        left, right = (stored[f"backbone.{name}.change_{side}"].astype(np.float32) for side in ("left", "right"))
        np.testing.assert_allclose(left @ right, change, atol=1e-6)
    assert {"classifier.weight", "classifier.bias"} <= stored.keys()
    assert (cut.predict(X) == np.array(Y)).mean() > 0.8
    again = StanceClassifier.load(folder)
    assert again.predict_proba(X).tobytes() == cut.predict_proba(X).tobytes()
    twice = saved(again, tmp_path / "n")
    assert (twice / "weights.safetensors").read_bytes() == (folder / "weights.safetensors").read_bytes()


def test_the_cut_keeps_the_largest_directions_of_the_change() -> None:
    import torch

    from stance.classifiers.low_rank import cut

    layer = torch.nn.Linear(8, 8, bias=False)
    before = layer.weight.detach().clone()
    with torch.no_grad():
        layer.weight += torch.diag(torch.tensor([5.0, 0.1, 3.0, 0.1, 0.1, 0.1, 0.1, 0.1]))
    factors = cut(layer, {"weight": before}, 2)
    expected = torch.diag(torch.tensor([5.0, 0, 3.0, 0, 0, 0, 0, 0]))
    torch.testing.assert_close(layer.weight.detach() - before, expected, atol=5e-3, rtol=0)
    assert [tuple(t.shape) for t in factors["weight"]] == [(8, 2), (2, 8)]
    # Where the factors would be no smaller, the matrix stays.
    assert cut(layer, {"weight": before}, 4) == {}


def test_a_factor_that_is_missing_is_named(tiny_bert: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = saved(make(tiny_bert, change_rank=4, epochs=1).fit(X, Y), tmp_path / "m")
    stored = load_file(folder / "weights.safetensors")
    gone = min(n for n in stored if n.endswith("_right"))
    save_file({n: t for n, t in stored.items() if n != gone}, folder / "weights.safetensors")
    with pytest.raises(ModelError, match=re.escape(f"weights are missing: {gone}")):
        StanceClassifier.load(folder)


def test_a_fit_forgets_the_factors_of_the_one_before(tiny_bert: Path, tmp_path: Path) -> None:
    again = make(tiny_bert, change_rank=4, epochs=1).fit(X, Y).set_params(change_rank=None).fit(X, Y)
    stored = (saved(again, tmp_path / "a") / "weights.safetensors").read_bytes()
    assert stored == (saved(make(tiny_bert, epochs=1).fit(X, Y), tmp_path / "b") / "weights.safetensors").read_bytes()


def test_adapters_are_not_cut(tiny_bert: Path) -> None:
    with pytest.raises(ModelError, match="change_rank: what adapters change is of a low rank already"):
        make(tiny_bert, change_rank=4, lora_rank=2).fit(X, Y)


@pytest.mark.parametrize("kind", ["tiny_bert", "tiny_decoder"])
def test_frozen_layers_stay_and_are_not_stored(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    from safetensors.numpy import load_file

    folder = request.getfixturevalue(kind)
    half = make(folder, frozen_layers=1).fit(X, Y)
    stored = load_file(saved(half, tmp_path / "m") / "weights.safetensors")
    layers = {re.search(r"layers?\.(\d+)\.", n) for n in stored}
    assert {m[1] for m in layers if m} == {"1"}
    assert not any("embed" in n for n in stored)
    pretrained = load_file(folder / "model.safetensors")
    for name, tensor in half._model.backbone.state_dict().items():
        if "embed" in name or "layer.0" in name or "layers.0" in name:
            assert (tensor.numpy() == pretrained.get(name, pretrained.get(f"model.{name}"))).all(), name
    assert (half.predict(X) == np.array(Y)).mean() > 0.8
    again = StanceClassifier.load(tmp_path / "m")
    assert again.predict_proba(X).tobytes() == half.predict_proba(X).tobytes()


def test_frozen_layers_have_no_dropout(tiny_bert: Path) -> None:
    model, _ = make(tiny_bert, frozen_layers=1)._new_model()
    model.train()
    backbone = model.backbone
    assert not any(m.training for part in (backbone.embeddings, backbone.encoder.layer[0]) for m in part.modules())
    assert all(m.training for m in backbone.encoder.layer[1].modules())


@pytest.fixture(scope="module", params=["deberta-v2", "mpnet"])
def relative(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Path:
    """An encoder whose layers share embeddings of relative positions, trained on random weights."""
    import torch
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    folder = tmp_path_factory.mktemp("relative")
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    more: dict[str, object] = {}
    if request.param == "deberta-v2":
        more = {
            "relative_attention": True,
            "position_buckets": 8,
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "pos_att_type": ["p2c", "c2p"],
            "type_vocab_size": 0,
        }
    torch.manual_seed(1)
    config = AutoConfig.for_model(request.param, vocab_size=len(tokenizer), **size, **more)
    AutoModel.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_gradients_do_not_go_down_through_frozen_layers(relative: Path) -> None:
    """They would, and cost as much as training all layers, if what the layers share were trained."""
    model, tokenizer = make(relative, frozen_layers=1)._new_model()
    calls = []
    lowest = model.backbone.encoder.layer[0]
    lowest.register_forward_hook(lambda *args: calls.append(args[2]))
    batch = tokenizer(["A treaty"], ["It was welcomed."], return_tensors="pt")
    model(**{k: v for k, v in batch.items() if k != "token_type_ids"})["logits"].sum().backward()
    out = calls[0][0] if isinstance(calls[0], tuple) else calls[0]
    assert not out.requires_grad
    assert any(p.grad is not None for p in model.backbone.encoder.layer[1].parameters())


def test_more_frozen_layers_than_there_are_is_refused(tiny_bert: Path) -> None:
    with pytest.raises(ModelError, match="3 of 2 layers"):
        make(tiny_bert, frozen_layers=3).fit(X, Y)


def test_dropout_of_attention_is_off_unless_the_encoder_decides(tiny_bert: Path) -> None:
    assert make(tiny_bert)._new_model()[0].config.attention_probs_dropout_prob == 0
    assert make(tiny_bert, attention_dropout=None)._new_model()[0].config.attention_probs_dropout_prob == 0.1


def test_a_weight_that_is_missing_is_named(fitted: CrossEncoderClassifier, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = saved(fitted, tmp_path / "m")
    weights = load_file(folder / "weights.safetensors")
    save_file({n: w for n, w in weights.items() if n != "classifier.bias"}, folder / "weights.safetensors")
    with pytest.raises(ModelError, match=r"weights are missing: classifier\.bias"):
        StanceClassifier.load(folder)


def test_autocast_does_not_outlive_the_training(
    tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stance.classifiers import finetuning

    monkeypatch.setattr(finetuning, "has_bfloat16", lambda: True)
    trained = make(tiny_bert, bfloat16=True, epochs=1).fit(X, Y)
    again = StanceClassifier.load(saved(trained, tmp_path / "m"))
    assert again.predict_proba(X).tobytes() == trained.predict_proba(X).tobytes()


def test_scikit_learn_copies_every_parameter(tiny_bert: Path) -> None:
    from sklearn.base import clone

    changed = make(tiny_bert, patience=3, frozen_layers=1, balanced=True)
    assert clone(changed).get_params() == changed.get_params()
    assert {"encoder", "patience", "seed", "attention_dropout"} <= changed.get_params().keys()


def test_the_model_of_the_package_predicts_what_it_predicted() -> None:
    import csv

    from stance.annotations import read_annotations
    from stance.consistency import speakers_of
    from stance.encoding import encode_annotations
    from stance.model import Classifier
    from stance.resources import default_model_folder

    root = Path(__file__).parent.parent
    model = Classifier.load()
    annotations = read_annotations(root / "data/annotations/SOC_CP_365.jsonl", meetings=[root / "data/meetings"])
    encoded = encode_annotations(annotations, model.options, meetings=[root / "data/meetings"])
    with (default_model_folder() / "predictions.csv").open(encoding="utf-8", newline="") as handle:
        rows = {row["id"]: row for row in csv.DictReader(handle)}
    wanted = [[float(rows[a.id][f"p_{s}"]) for s in ("for", "against", "neutral")] for a in annotations]
    # Machines differ in the last bits of float32, and the table has six digits.
    np.testing.assert_allclose(model.judge(encoded, speakers_of(annotations)), wanted, atol=1e-5)
