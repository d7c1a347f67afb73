"""Cutting what fine-tuning changed to a low rank, so that a model of a large encoder is a small file.

Fine-tuning moves a weight matrix little, and most of the movement lies in a few directions. Kept are, for each matrix,
the first directions of a singular value decomposition of its change (Ryu, Seo and Yoo, "Efficient Storage of Fine-Tuned
Models via Low-Rank Approximation of Weight Residuals", 2023).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

__all__ = ["Factors", "changed", "cut", "join_factors", "split_factors"]

#: Name of a matrix → its change as two factors in half precision, shapes (m, rank) and (rank, n).
Factors = dict[str, tuple[torch.Tensor, torch.Tensor]]

_LEFT, _RIGHT = ".change_left", ".change_right"


def cut(model: Any, pretrained: Mapping[str, torch.Tensor], rank: int) -> Factors:
    """Replace each trained matrix of a module by what it was plus its change, cut to a rank.

    Parameters
    ----------
    model : torch.nn.Module
        Changed in place.
    pretrained : mapping of str to Tensor
        Values before training, by name, of the parameters that may be cut; others stay as they are.
    rank : int

    Returns
    -------
    dict of str to (Tensor, Tensor)
        The factors of each matrix that was cut: those that they make smaller.
    """
    factors: Factors = {}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not parameter.requires_grad or parameter.ndim != 2 or name not in pretrained:
                continue
            if rank * sum(parameter.shape) >= parameter.numel():
                continue
            # In double precision, so that the last digits of the decomposition do not decide about those of the factors.
            left, size, right = torch.linalg.svd((parameter - pretrained[name]).double(), full_matrices=False)
            root = size[:rank].sqrt()
            factors[name] = (left[:, :rank] * root).half(), (root[:, None] * right[:rank]).half()
            parameter.copy_(changed(pretrained[name], *factors[name]))
    return factors


def changed(pretrained: torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Return a matrix with its change, in single precision."""
    return pretrained.float() + left.float() @ right.float()


def split_factors(weights: Mapping[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], Factors]:
    """Divide stored tensors into whole ones and factors.

    Raises
    ------
    ValueError
        If one of two factors is missing.
    """
    names = {n.removesuffix(s) for s in (_LEFT, _RIGHT) for n in weights if n.endswith(s)}
    for name in sorted(names):
        for suffix in (_LEFT, _RIGHT):
            if name + suffix not in weights:
                raise ValueError(f"weights are missing: {name}{suffix}")
    whole = {n: t for n, t in weights.items() if not n.endswith((_LEFT, _RIGHT))}
    return whole, {n: (weights[n + _LEFT], weights[n + _RIGHT]) for n in names}


def join_factors(factors: Factors) -> dict[str, torch.Tensor]:
    """Return factors under the names under which they are stored."""
    return {
        name + suffix: tensor.contiguous()
        for name, pair in factors.items()
        for suffix, tensor in zip((_LEFT, _RIGHT), pair, strict=True)
    }
