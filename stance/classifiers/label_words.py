"""A decoder that is asked for the stance and answers with a word.

The answer is read off the language-model head: of all tokens, only the first of " for", " against" and " neutral" count
(a verbalizer; Schick and Schütze, 2021), so that a decoder can answer as it was pretrained to, without a new head.
"""

from __future__ import annotations

from typing import Any

from stance.classifiers.neural import FineTunedClassifier
from stance.encoding import Encoded
from stance.errors import ModelError

__all__ = ["LabelWordsClassifier"]

_BEFORE = "A record of a meeting of the United Nations. [SPEAKER] is who is speaking.\nProposal: {target}\nRecord: "
_BEHIND = "\nQuestion: Is [SPEAKER] for, against or neutral towards the proposal?"
_ANSWER = "\nAnswer:"


class LabelWordsClassifier(FineTunedClassifier):
    """Decoder with the words of the labels, fine-tuned or as it is (``epochs=0``).

    The input embeddings stay as they were pretrained; of the language-model head, the rows of the three words are
    copied and trained. Scores that a model rescales behind its head are taken before that.

    Parameters
    ----------
    encoder : str
        ``package:NAME``, a folder, or a Hugging Face id of a causal language model.
    max_tokens : int
        Tokens of the prompt; the context is cut first.
    batch_size : int
        Statements in a training batch.
    learning_rate : float
        Highest learning rate of the linear schedule.
    **options
        Those of :class:`stance.classifiers.neural.FineTunedClassifier`.
    """

    kind = "label-words"

    def __init__(
        self,
        encoder: str = "package:smollm2_135m",
        max_tokens: int = 256,
        batch_size: int = 8,
        learning_rate: float = 5e-5,
        **options: Any,
    ) -> None:
        super().__init__(
            encoder=encoder, max_tokens=max_tokens, batch_size=batch_size, learning_rate=learning_rate, **options
        )

    def _new_model(self) -> tuple[Any, Any]:
        model, tokenizer = self._pretrained(self._load)
        words = [self._first_token(tokenizer, str(label)) for label in self.classes_]
        if len(set(words)) < len(words):
            raise ModelError(f"encoder {self.encoder!r}: the words of the labels begin with the same token")
        model.config.use_cache = False
        return _answering(self._trainable(model.base_model), model.get_output_embeddings(), words), tokenizer

    def _load(self, location: str, config: Any) -> Any:
        from transformers import AutoModelForCausalLM

        model, record = AutoModelForCausalLM.from_pretrained(location, config=config, output_loading_info=True)
        if record["missing_keys"]:
            # An encoder would be given a random head, and answer at random.
            raise ModelError(f"encoder {self.encoder!r}: its weights hold no language-model head; name a decoder")
        return model

    def _first_token(self, tokenizer: Any, word: str) -> int:
        """Return the first token of a word behind the prompt (a word by itself may be cut otherwise)."""
        prompt, whole = (tokenizer(t, add_special_tokens=False)["input_ids"] for t in (_ANSWER, f"{_ANSWER} {word}"))
        if whole[: len(prompt)] != prompt or len(whole) == len(prompt):
            raise ModelError(f"encoder {self.encoder!r}: its tokenizer joins the prompt and the word {word!r}")
        return int(whole[len(prompt)])

    def _tokens(self, X: list[Encoded]) -> list[dict[str, Any]]:
        """Tokenize prompts; a long one loses the beginning of its context, never the question."""

        def ids(text: str, special: bool = False) -> list[int]:
            return list(self._tokenizer(text, add_special_tokens=special)["input_ids"])

        behind = ids(_BEHIND) + ids(_ANSWER)
        rows = []
        for x in X:
            before = ids(_BEFORE.format(target=x.target or "the proposal of the meeting"), special=True)
            room = self.max_tokens - len(before) - len(behind)
            tokens = before + ids(x.premise)[-max(1, room) :] + behind
            rows.append({"input_ids": tokens, "attention_mask": [1] * len(tokens)})
        return rows


def _answering(backbone: Any, head: Any, words: list[int]) -> Any:
    """Return a module that scores words, at the last token, by their rows of the language-model head."""
    import torch
    from torch import nn

    class Answering(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.backbone = backbone
            self.config = backbone.config
            self.words = nn.Linear(head.weight.shape[1], len(words), bias=head.bias is not None)
            with torch.no_grad():
                self.words.weight.copy_(head.weight[words])
                if head.bias is not None:
                    self.words.bias.copy_(head.bias[words])

        def forward(self, input_ids: Any, attention_mask: Any) -> dict[str, Any]:
            hidden = self.backbone(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            # Padding may stand on either side.
            last = attention_mask.shape[1] - 1 - attention_mask.flip(1).argmax(dim=1)
            return {"logits": self.words(hidden[torch.arange(len(hidden), device=hidden.device), last])}

    return Answering()
