"""The head of the cross-encoder: the mean of the token vectors and one linear layer.

Sentence encoders were pretrained with the mean of their token vectors (Reimers and Gurevych, 2019), not with a vector of
the first token; a head on the mean starts from what they already say.
"""

from __future__ import annotations

from typing import Any

__all__ = ["mean_pooled_classifier"]


def mean_pooled_classifier(backbone: Any, labels: int = 3, dropout: float = 0.1) -> Any:
    """Return a ``torch.nn.Module`` that classifies by the mean of the backbone's token vectors.

    Parameters
    ----------
    backbone : transformers.PreTrainedModel
        Gives ``last_hidden_state``, shape (n, tokens, width).
    labels : int
        Number of labels.
    dropout : float
        Share of the pooled vector that is dropped in training.

    Returns
    -------
    torch.nn.Module
        Its forward takes what a tokenizer gives and returns a dictionary with ``logits``, shape (n, labels).
    """
    from torch import nn

    class MeanPooledClassifier(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.backbone = backbone
            self.config = backbone.config
            self.dropout = nn.Dropout(dropout)
            self.classifier = nn.Linear(backbone.config.hidden_size, labels)
            nn.init.normal_(self.classifier.weight, std=0.02)
            nn.init.zeros_(self.classifier.bias)

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> dict[str, Any]:
            more = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
            hidden = self.backbone(input_ids=input_ids, attention_mask=attention_mask, **more).last_hidden_state
            mask = attention_mask[:, :, None].to(hidden.dtype)
            pooled = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
            return {"logits": self.classifier(self.dropout(pooled))}

    return MeanPooledClassifier()
