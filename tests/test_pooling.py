"""What the head of the cross-encoder gathers: the sentence without its context, and the speaker's marks in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stance.classifiers.base import StanceClassifier
from stance.classifiers.cross_encoder import CrossEncoderClassifier
from stance.encoding import Encoded

TARGET = "A treaty | on plastics"
CASES = [
    (Encoded(TARGET, "", "[SPEAKER] welcomed it."), "[ speaker ] welcomed it .", "[ speaker ]"),
    (Encoded(TARGET, "[SPEAKER] spoke.", "It was late."), "it was late .", "[ speaker ]"),
    (Encoded(TARGET, "The day ended.", "It was late."), "it was late .", "it was late ."),
    (
        Encoded(TARGET, "[SPEAKER] met [OTHER].", "[OTHER] agreed | and [SPEAKER] did not, [SPEAKER] said."),
        "[ other ] agreed / and [ speaker ] did not , [ speaker ] said .",
        "[ speaker ] [ speaker ]",
    ),
]


def make(encoder: Path, **changes: Any) -> CrossEncoderClassifier:
    options: dict[str, Any] = {"max_tokens": 64, "batch_size": 8, "epochs": 1, "bfloat16": False}
    return CrossEncoderClassifier(encoder=str(encoder), **(options | changes))


def gathered(encoder: Path, statements: list[Encoded]) -> list[tuple[str, str]]:
    """Return the words of the sentence and of the marks that the module finds, in one padded batch."""
    from stance.classifiers.batches import collate

    classifier = make(encoder, pooling="speaker")
    module, tokenizer = classifier._new_model()
    classifier._tokenizer = tokenizer
    batch = collate(tokenizer, classifier._tokens(statements))
    inside = module._sentence(batch["input_ids"], batch["attention_mask"])
    marks = module._marks(batch["input_ids"], inside)
    words = [tokenizer.convert_ids_to_tokens(ids) for ids in batch["input_ids"].tolist()]
    return [
        (" ".join(w for w, x in zip(row, a, strict=True) if x), " ".join(w for w, x in zip(row, b, strict=True) if x))
        for row, a, b in zip(words, inside.tolist(), marks.tolist(), strict=True)
    ]


def test_sentence_and_marks_are_found(tiny_bert: Path) -> None:
    found = gathered(tiny_bert, [statement for statement, _, _ in CASES])
    assert found == [(sentence, marks) for _, sentence, marks in CASES]


def test_they_are_the_same_in_any_batch(tiny_bert: Path) -> None:
    statements = [statement for statement, _, _ in CASES]
    assert gathered(tiny_bert, statements) == [gathered(tiny_bert, [s])[0] for s in statements]


def test_a_cut_context_moves_nothing(tiny_bert: Path) -> None:
    long = Encoded(TARGET, "The committee met again. " * 30, "[SPEAKER] opposed it.")
    assert gathered(tiny_bert, [long]) == [("[ speaker ] opposed it .", "[ speaker ]")]


def test_who_speaks_changes_the_logits(tiny_bert: Path, tmp_path: Path) -> None:
    words = [Encoded(TARGET, "", text) for text in ("[SPEAKER] opposed [OTHER].", "[OTHER] opposed [SPEAKER].")]
    fitted = make(tiny_bert, pooling="speaker").fit(words * 4, ["against", "neutral"] * 4)
    proba = fitted.predict_proba(words)
    assert abs(proba[0] - proba[1]).max() > 1e-4
    fitted.save(tmp_path)
    again = StanceClassifier.load(tmp_path)
    assert again.get_params()["pooling"] == "speaker"
    assert again.predict_proba(words).tobytes() == proba.tobytes()


def test_the_head_reads_three_vectors(tiny_bert: Path) -> None:
    module = make(tiny_bert, pooling="speaker")._new_model()[0]
    mean = make(tiny_bert)._new_model()[0]
    assert module.classifier.in_features == 3 * mean.classifier.in_features


@pytest.mark.parametrize("pooling", ["mean", "speaker"])
def test_dropout_of_hidden_vectors_can_be_switched_off(tiny_bert: Path, pooling: str) -> None:
    module = make(tiny_bert, pooling=pooling, hidden_dropout=0.0)._new_model()[0]
    assert module.config.hidden_dropout_prob == 0.0
    assert make(tiny_bert)._new_model()[0].config.hidden_dropout_prob == 0.1
