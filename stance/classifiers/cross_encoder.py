"""A fine-tuned transformer that reads target, context and sentence in one input.

The target goes in as the first text of a pair, context and sentence as the second, so that every layer can compare
them (target-aware encoding; cf. Allaway and McKeown, 2020). Word embeddings stay as they were pretrained: a few
thousand statements cannot improve thirty thousand words, and what was not changed need not be stored. A saved model
is therefore only the difference to a pretrained encoder that everybody has, in half precision.
"""

from __future__ import annotations

from typing import Any

from stance.classifiers.neural import FineTunedClassifier
from stance.classifiers.pooling import Pooling, pooled_classifier
from stance.encoding import Encoded

__all__ = ["CrossEncoderClassifier"]


class CrossEncoderClassifier(FineTunedClassifier):
    """Fine-tuned cross-encoder.

    Parameters
    ----------
    pooling : {"mean", "speaker"}
        What the head reads (see :func:`stance.classifiers.pooling.pooled_classifier`).
    **options
        Parameters of :class:`stance.classifiers.neural.FineTunedClassifier`.
    """

    kind = "cross-encoder"

    def __init__(self, pooling: Pooling = "mean", **options: Any) -> None:
        super().__init__(**options)
        self.pooling = pooling

    def _new_model(self) -> tuple[Any, Any]:
        from transformers import AutoModel

        backbone, tokenizer = self._pretrained(AutoModel.from_pretrained)
        # A pooler on the first token is not used, and what is not used need not be stored.
        if hasattr(backbone, "pooler"):
            backbone.pooler = None
        return pooled_classifier(self._trainable(backbone), tokenizer, self.pooling), tokenizer

    def _tokens(self, X: list[Encoded]) -> list[dict[str, Any]]:
        """Tokenize pairs; a long pair loses the beginning of its context, never the end of its sentence."""
        if self._tokenizer.sep_token is None:
            # A decoder has no pairs; it reads target and text as two lines and answers behind the last token.
            rows = []
            for x in X:
                head = self._tokenizer(x.target + "\n", add_special_tokens=True)["input_ids"]
                tail = self._tokenizer(x.premise + "\n", add_special_tokens=False)["input_ids"]
                ids = head + tail[-max(1, self.max_tokens - len(head)) :]
                rows.append({"input_ids": ids, "attention_mask": [1] * len(ids)})
            return rows
        batch = self._tokenizer(
            [x.target for x in X],
            [x.premise for x in X],
            truncation="only_second",
            max_length=self.max_tokens,
            padding=False,
        )
        return [{key: list(batch[key][i]) for key in batch} for i in range(len(X))]
