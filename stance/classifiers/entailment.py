"""Stance as entailment: which of three hypotheses follows from what was said?

A model of natural language inference has learnt to tell whether a sentence follows from another; "[SPEAKER] wants a
treaty" is such a sentence. It can answer without any annotated statement (Yin et al., 2019), and fine-tuned with few.
The three hypotheses of a statement are judged together: the probabilities are a softmax over their scores for
entailment, in use as in training, so that nothing but the difference between them is learnt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stance.classifiers.neural import FineTunedClassifier
from stance.config import HYPOTHESES
from stance.encoding import Encoded
from stance.errors import ModelError
from stance.targets import STANCES

__all__ = ["EntailmentClassifier"]

_ARTICLES = ("A ", "An ", "The ")


class EntailmentClassifier(FineTunedClassifier):
    """Model of natural language inference, zero-shot (``epochs=0``) or fine-tuned.

    Fine-tuned without adapters, every weight is trained and stored, in half precision.

    Parameters
    ----------
    encoder : str
        ``package:NAME``, a folder, or a Hugging Face id of a sequence classifier with a label named *entailment*.
    hypotheses : mapping of str to str, optional
        Stance → hypothesis, in which ``{target}`` stands for the name of the target.
    epochs : int
        Passes over the training data; 0 leaves the model as it is.
    batch_size : int
        Statements in a training batch, each with its three hypotheses.
    learning_rate : float
        Highest learning rate of the linear schedule.
    **options
        Those of :class:`stance.classifiers.neural.FineTunedClassifier`.
    """

    kind = "entailment"

    def __init__(
        self,
        encoder: str = "MoritzLaurer/deberta-v3-base-zeroshot-v2.0",
        hypotheses: Mapping[str, str] | None = None,
        epochs: int = 0,
        batch_size: int = 8,
        learning_rate: float = 2e-5,
        **options: Any,
    ) -> None:
        super().__init__(encoder=encoder, epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, **options)
        self.hypotheses = hypotheses

    def _new_model(self) -> tuple[Any, Any]:
        from transformers import AutoModelForSequenceClassification

        model, tokenizer = self._pretrained(AutoModelForSequenceClassification.from_pretrained)
        labels = {name.lower(): number for number, name in model.config.id2label.items()}
        if "entailment" not in labels:
            raise ModelError(
                f"encoder {self.encoder!r}: no label of it is named entailment (they are {', '.join(labels)}); "
                "name a model of natural language inference"
            )
        return _hypotheses_scored(self._trainable(model, embeddings=True), labels["entailment"]), tokenizer

    def _tokens(self, X: list[Encoded]) -> list[dict[str, Any]]:
        """Tokenize a statement with each hypothesis; a long one loses the beginning of its context."""
        templates = self.hypotheses or HYPOTHESES
        rows = []
        for x in X:
            target = x.target or "the proposal"
            if target.startswith(_ARTICLES):
                target = target[0].lower() + target[1:]
            batch = self._tokenizer(
                [x.premise] * len(STANCES),
                [templates[str(stance)].format(target=target) for stance in self.classes_],
                truncation="only_first",
                max_length=self.max_tokens,
                padding=False,
            )
            rows.append({key: [list(ids) for ids in batch[key]] for key in batch})
        return rows


def _hypotheses_scored(model: Any, entailment: int) -> Any:
    """Return a module that scores the sequences of a row: what it gives for each is the logit of entailment."""
    from torch import nn

    class HypothesesScored(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model
            self.config = model.config

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> dict[str, Any]:
            fields = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
            flat = {key: value.flatten(0, 1) for key, value in fields.items() if value is not None}
            logits = self.model(**flat).logits[:, entailment]
            return {"logits": logits.view(input_ids.shape[:2])}

    return HypothesesScored()
