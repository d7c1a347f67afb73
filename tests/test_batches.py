"""Batches: of like length, padded to what the hardware likes, and shared among the cores piece by piece."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from stance.classifiers import batches
from stance.classifiers.batches import batches_of, collate, each_on_a_core, token_multiple


@pytest.fixture(params=[1, 2, 3])
def cores(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def test_rows_of_like_length_share_a_batch_whatever_their_order() -> None:
    rows = [{"input_ids": [i] * n} for i, n in enumerate((5, 1, 3, 1, 4))]
    assert batches_of(rows, 2) == [[1, 3], [2, 4], [0]]
    turned = batches_of(rows[::-1], 2)
    assert [[4 - i for i in batch] for batch in turned] == [[1, 3], [2, 4], [0]]


def test_each_piece_has_one_core_and_all_have_them_back(cores: int) -> None:
    seen: list[tuple[int, str]] = []

    def work(number: int) -> int:
        seen.append((torch.get_num_threads(), threading.current_thread().name))
        return number * 2

    assert list(each_on_a_core(work, range(7))) == [0, 2, 4, 6, 8, 10, 12]
    assert {n for n, _ in seen} == {1}
    assert (cores == 1) == (threading.current_thread().name in {name for _, name in seen})
    assert torch.get_num_threads() == cores


def test_many_cores_share_pieces(monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    monkeypatch.setattr(batches, "_AT_ONCE", 1)
    assert list(each_on_a_core(lambda _: torch.get_num_threads(), range(4))) == [cores] * 4
    assert torch.get_num_threads() == cores


def test_a_few_pieces_share_the_cores(cores: int) -> None:
    found = list(each_on_a_core(lambda _: torch.get_num_threads(), range(cores - 1)))
    assert found == [cores] * (cores - 1)


def test_a_piece_that_fails_gives_the_cores_back(cores: int) -> None:
    def work(number: int) -> int:
        if number == 3:
            raise RuntimeError("no memory")
        return number

    with pytest.raises(RuntimeError, match="no memory"):
        list(each_on_a_core(work, range(6)))
    assert torch.get_num_threads() == cores


def test_only_bfloat16_asks_for_a_multiple() -> None:
    network = torch.nn.Linear(2, 2)
    assert token_multiple(network) is None
    assert token_multiple(network.bfloat16()) == 16
    assert token_multiple(object()) is None


def test_a_batch_is_padded_to_the_multiple() -> None:
    class Padder:
        def pad(self, fields: list[dict[str, list[int]]], **options: Any) -> dict[str, Any]:
            longest = max(len(f["input_ids"]) for f in fields)
            longest = -(-longest // (options["pad_to_multiple_of"] or 1)) * (options["pad_to_multiple_of"] or 1)
            return {"input_ids": torch.tensor([f["input_ids"] + [0] * (longest - len(f["input_ids"])) for f in fields])}

    rows = [{"input_ids": [1] * 5}, {"input_ids": [1] * 3}]
    assert collate(Padder(), rows)["input_ids"].shape == (2, 5)
    assert collate(Padder(), rows, 16)["input_ids"].shape == (2, 16)
