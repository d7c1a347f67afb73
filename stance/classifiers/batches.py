"""Rows of tokens, and batches of them: what training and prediction share.

Apart from the rest of fine-tuning, so that labelling one summary does not wait for the libraries of training.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

__all__ = ["Row", "collate", "has_bfloat16", "row_length"]

Row = dict[str, Any]


def collate(tokenizer: Any, rows: Sequence[Row]) -> dict[str, torch.Tensor]:
    """Pad rows to a batch.

    Returns
    -------
    dict
        Each field as a tensor of shape (n, tokens), or (n, sequences, tokens) where the rows are several sequences;
        ``labels``, where there are any, of shape (n, labels).
    """
    fields = [{key: value for key, value in row.items() if key != "labels"} for row in rows]
    several = len(fields[0]["input_ids"]) if isinstance(fields[0]["input_ids"][0], list) else 0
    if several:
        fields = [{key: value[i] for key, value in row.items()} for row in fields for i in range(several)]
    batch: dict[str, torch.Tensor] = dict(tokenizer.pad(fields, return_tensors="pt"))
    if several:
        batch = {key: value.view(len(rows), several, -1) for key, value in batch.items()}
    if "labels" in rows[0]:
        batch["labels"] = torch.tensor([row["labels"] for row in rows], dtype=torch.float32)
    return batch


def row_length(row: Row) -> int:
    """Return the number of tokens of a row, of the longest sequence where it has several."""
    ids = row["input_ids"]
    return max(map(len, ids)) if isinstance(ids[0], list) else len(ids)


def has_bfloat16() -> bool:
    """Tell whether the processor multiplies bfloat16 matrices in hardware; emulated, it is slower than float32."""
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.is_file():
        return False
    flags = cpuinfo.read_text(encoding="utf-8", errors="ignore")
    return "amx_bf16" in flags or "avx512_bf16" in flags
