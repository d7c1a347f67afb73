"""The head of the cross-encoder: what the token vectors are gathered to, and one linear layer.

Sentence encoders were pretrained with the mean of their token vectors (Reimers and Gurevych, 2019), not with a vector of
the first token; a head on the mean starts from what they already say. A mean over context and sentence says little about
who speaks, though: two speakers who differ in one sentence have all its words in common. Pooling ``speaker`` therefore
adds the mean over the sentence alone and the vector at the speaker's mark, as classifiers of relations gather the marks
of their entities (Baldini Soares et al., 2019), and lets the segments of the encoder tell sentence from context.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from stance.encoding import SPEAKER
from stance.errors import ModelError

__all__ = ["Pooling", "pooled_classifier"]

Pooling = Literal["mean", "speaker"]


def pooled_classifier(
    backbone: Any, tokenizer: Any, pooling: Pooling = "mean", labels: int = 3, dropout: float = 0.1
) -> Any:
    """Return a ``torch.nn.Module`` that classifies by pooled token vectors of a backbone.

    Parameters
    ----------
    backbone : transformers.PreTrainedModel
        Gives ``last_hidden_state``, shape (n, tokens, width).
    tokenizer : transformers.PreTrainedTokenizerBase
        Tells how the speaker's mark and the bar before the sentence are written in tokens.
    pooling : {"mean", "speaker"}
        ``mean``: of all tokens. ``speaker``: that, the mean of the sentence, and the mean of the speaker's marks in it
        (where it has none, of those in the context; where there are none at all, of the sentence).
    labels : int
        Number of labels.
    dropout : float
        Share of the pooled vector that is dropped in training.

    Returns
    -------
    torch.nn.Module
        Its forward takes what a tokenizer gives and returns a dictionary with ``logits``, shape (n, labels).

    Raises
    ------
    ModelError
        If pooling ``speaker`` is asked of an encoder that does not read pairs.
    """
    import torch
    from torch import nn

    if pooling == "speaker" and tokenizer.sep_token is None:
        raise ModelError("pooling: speaker needs an encoder that reads pairs of texts; set it to mean")

    class PooledClassifier(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.backbone = backbone
            self.config = backbone.config
            self.dropout = nn.Dropout(dropout)
            parts = 3 if pooling == "speaker" else 1
            self.classifier = nn.Linear(parts * backbone.config.hidden_size, labels)
            nn.init.normal_(self.classifier.weight, std=0.02)
            nn.init.zeros_(self.classifier.bias)

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> dict[str, Any]:
            more = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
            if pooling == "speaker":
                inside = self._sentence(input_ids, attention_mask)
                if token_type_ids is not None:
                    more = {"token_type_ids": inside.to(token_type_ids.dtype)}
            hidden = self.backbone(input_ids=input_ids, attention_mask=attention_mask, **more).last_hidden_state
            # Sums over many tokens need more digits than a backbone in bfloat16 gives.
            hidden = hidden.to(self.classifier.weight.dtype)
            pooled = [_mean(hidden, attention_mask)]
            if pooling == "speaker":
                pooled += [_mean(hidden, inside), _mean(hidden, self._marks(input_ids, inside))]
            return {"logits": self.classifier(self.dropout(torch.cat(pooled, dim=-1)))}

        def _sentence(self, ids: Any, attention_mask: Any) -> Any:
            """Return where the sentence stands: behind the last bar, or behind the target where there is no context."""
            count = ids.shape[1]
            place = torch.arange(count, device=ids.device)[None, :]
            separators = (ids == tokenizer.sep_token_id) & (attention_mask > 0)
            end = torch.where(separators, place, -1).amax(dim=1, keepdim=True)
            begin = torch.where(separators, place, count).amin(dim=1, keepdim=True)
            barred = torch.zeros_like(separators)
            for token in bars:
                barred = barred | (ids == token)
            bar = torch.where(barred & (place > begin) & (place < end - 1), place, -1).amax(dim=1, keepdim=True)
            return (place > torch.maximum(begin, bar)) & (place < end)

        def _marks(self, ids: Any, inside: Any) -> Any:
            """Return where the speaker is marked, in the sentence if anywhere."""
            found = torch.zeros_like(inside)
            for mark in marks:
                here = torch.ones_like(inside)
                for step, token in enumerate(mark):
                    here = here & nn.functional.pad(ids[:, step:] == token, (0, step))
                for step in range(len(mark)):
                    found = found | nn.functional.pad(here[:, : ids.shape[1] - step], (step, 0))
            own = found & inside
            here_too, anywhere = own.any(dim=1, keepdim=True), found.any(dim=1, keepdim=True)
            # Not torch.where: the runtime of exported networks cannot choose between truth values.
            return own | (found & ~here_too) | (inside & ~anywhere)

    # A tokenizer of byte pairs writes a word otherwise behind a space.
    bars = sorted({ids[-1] for text in ("|", "a |") if (ids := _ids(tokenizer, text))})
    marks = _written(tokenizer, SPEAKER)
    return PooledClassifier()


def _mean(hidden: Any, where: Any) -> Any:
    """Return the mean of the vectors at some places, shape (n, width)."""
    weights = where[:, :, None].to(hidden.dtype)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


def _ids(tokenizer: Any, text: str) -> Sequence[int]:
    found: Sequence[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return found


def _written(tokenizer: Any, mark: str) -> list[tuple[int, ...]]:
    """Return the ways in which a mark is written in tokens, without those that another of them contains."""
    alone = tuple(_ids(tokenizer, mark))
    behind = tuple(_ids(tokenizer, f"a {mark}")[len(_ids(tokenizer, "a")) :])
    return list(dict.fromkeys([alone, behind]))
