"""Rows of tokens, and batches of them: what training and prediction share.

Apart from the rest of fine-tuning, so that labelling one summary does not wait for the libraries of training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import torch

__all__ = ["Row", "batches_of", "collate", "each_on_a_core", "has_bfloat16", "row_length", "token_multiple"]

Row = dict[str, Any]
Given = TypeVar("Given")
Made = TypeVar("Made")

#: Batches that are worked on at once, at most.
_AT_ONCE = 8


def batches_of(rows: Sequence[Row], size: int) -> list[list[int]]:
    """Divide rows into batches of like length, so that little is padded.

    Parameters
    ----------
    rows : sequence of Row, length n
    size : int
        Rows in a batch; the last one may have fewer.

    Returns
    -------
    list of list of int
        Places of rows. Rows of one length go by their tokens, so that batches do not depend on the order of the input.
    """
    order = sorted(range(len(rows)), key=lambda i: (row_length(rows[i]), rows[i]["input_ids"]))
    return [order[i : i + size] for i in range(0, len(order), size)]


def each_on_a_core(work: Callable[[Given], Made], items: Sequence[Given]) -> Iterator[Made]:
    """Do independent pieces of work with torch, each on one core, and give what they make in the order of the items.

    Cores that share each piece wait for each other; a fifth of the time is lost so. Where there are fewer pieces than cores,
    they share them nevertheless; so do very many cores, because what is worked on at once has to be held in memory.
    """
    cores = torch.get_num_threads()
    sharing = -(-cores // _AT_ONCE)
    at_once = cores // sharing
    if cores < 2 or len(items) < at_once:
        yield from map(work, items)
        return
    torch.set_num_threads(sharing)
    try:
        # Threads that are new take the number that is set now.
        with ThreadPoolExecutor(at_once) as pool:
            yield from pool.map(work, items)
    finally:
        torch.set_num_threads(cores)


def token_multiple(network: Any) -> int | None:
    """Return what the number of tokens of a batch should be a multiple of, to be fast; None where it does not matter.

    Attention in bfloat16 takes half as long over 112 tokens as over 110, because hardware multiplies blocks of 16.
    """
    if not isinstance(network, torch.nn.Module):
        return None
    return 16 if next(network.parameters()).dtype == torch.bfloat16 else None


def collate(tokenizer: Any, rows: Sequence[Row], multiple: int | None = None) -> dict[str, torch.Tensor]:
    """Pad rows to a batch, to a multiple of some number of tokens where one is given.

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
    batch: dict[str, torch.Tensor] = dict(tokenizer.pad(fields, pad_to_multiple_of=multiple, return_tensors="pt"))
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
