"""Splits: delegations that share a sentence stay together, and no split tears a cluster apart."""

from __future__ import annotations

import numpy as np
import pytest

from stance.annotations import Annotation
from stance.errors import StanceError
from stance.evaluation.splits import SCHEMES, delegation_clusters, left_out_together, splits


def clusters(*statements: tuple[str, int | None, str]) -> list[set[int]]:
    """Return the places of the statements that share a cluster, in the order of first appearance."""
    documents, sentences, speakers = zip(*statements, strict=True)
    found = delegation_clusters(documents, sentences, speakers)
    assert len(found) == len(statements)
    return [{i for i, c in enumerate(found) if c == name} for name in dict.fromkeys(found)]


def test_every_speaker_has_a_cluster() -> None:
    assert clusters(("m", 0, "PER"), ("m", 1, "FJI"), ("m", 2, "OMN")) == [{0}, {1}, {2}]


def test_the_statements_of_a_speaker_stand_together_across_documents() -> None:
    assert clusters(("m", 0, "PER"), ("m", 1, "FJI"), ("n", 5, "PER")) == [{0, 2}, {1}]


def test_speakers_of_one_sentence_stand_together_with_all_they_said() -> None:
    found = clusters(("m", 0, "PER"), ("m", 1, "PER"), ("m", 1, "FJI"), ("m", 2, "FJI"), ("m", 3, "OMN"))
    assert found == [{0, 1, 2, 3}, {4}]


def test_sharing_goes_on_through_a_third_speaker() -> None:
    # Peru shares a sentence with Fiji, Fiji one with Oman, Oman one with Togo: one cluster, whatever the order.
    statements = [("m", 1, "PER"), ("m", 2, "OMN"), ("m", 3, "TGO"), ("m", 2, "FJI"), ("m", 1, "FJI"), ("m", 3, "OMN")]
    for shift in range(len(statements)):
        assert clusters(*statements[shift:], *statements[:shift], ("m", 9, "BHR")) == [set(range(6)), {6}]


def test_the_same_number_in_another_document_is_another_sentence() -> None:
    assert clusters(("m", 4, "PER"), ("n", 4, "FJI")) == [{0}, {1}]


def test_unnamed_speakers_form_a_cluster_a_sentence() -> None:
    assert clusters(("m", 0, "UNNAMED"), ("m", 1, "UNNAMED"), ("n", 0, "UNNAMED")) == [{0}, {1}, {2}]


def test_an_unnamed_speaker_goes_with_the_delegation_of_the_sentence() -> None:
    assert clusters(("m", 0, "UNNAMED"), ("m", 0, "PER"), ("m", 1, "UNNAMED")) == [{0, 1}, {2}]


def test_statements_without_a_sentence_share_nothing_but_their_speaker() -> None:
    assert clusters(("c", None, "PER"), ("c", None, "FJI"), ("c", None, "PER")) == [{0, 2}, {1}]


def test_no_statements_have_no_clusters() -> None:
    assert delegation_clusters([], [], []) == []


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError):
        delegation_clusters(["m"], [0, 1], ["PER", "FJI"])


def test_each_cluster_is_left_out_once() -> None:
    names = ["b", "a", "b", "c", "a"]
    found = [(train.tolist(), test.tolist()) for train, test in splits("leave-one-delegation-out", names)]
    assert sorted(found) == [([0, 1, 2, 4], [3]), ([0, 2, 3], [1, 4]), ([1, 3, 4], [0, 2])]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("seed", range(3))
def test_every_statement_is_tested_once_and_never_beside_its_cluster(scheme: str, seed: int) -> None:
    names = np.random.default_rng(seed).choice(list("abcdefgh"), 40).tolist()
    tested: list[int] = []
    for train, test in splits(scheme, names, 3):
        assert {names[i] for i in train}.isdisjoint(names[i] for i in test)
        assert sorted([*train, *test]) == list(range(40))
        tested += test.tolist()
    assert sorted(tested) == list(range(40))


@pytest.mark.parametrize(("folds", "expected"), [(2, 2), (4, 4), (9, 4)])
def test_there_are_as_many_folds_as_asked_for_or_as_clusters(folds: int, expected: int) -> None:
    assert len(list(splits("folds-by-delegation", list("aabbccdd"), folds))) == expected


def test_splits_are_the_same_every_time() -> None:
    names = list("abcabcdde")
    first, second = ([(a.tolist(), b.tolist()) for a, b in splits("folds-by-delegation", names, 3)] for _ in range(2))
    assert first == second


@pytest.mark.parametrize("scheme", SCHEMES)
def test_one_cluster_cannot_be_split(scheme: str) -> None:
    # A user's own annotations may hold one delegation only; that is no reason for a traceback.
    with pytest.raises(StanceError):
        list(splits(scheme, ["a", "a"]))


@pytest.mark.parametrize("scheme", ["none", "folds", "leave_one_delegation_out"])
def test_an_unknown_scheme_is_refused(scheme: str) -> None:
    with pytest.raises((StanceError, ValueError)):
        list(splits(scheme, ["a", "b", "c"]))


def said(document: str, target: str, *, start: int | None = 0, group: str = "", number: int = 0) -> Annotation:
    end = None if start is None else start + 1
    return Annotation(
        f"{document}:{number}", document, number, start, end, "x", "", f"C{number}", target, "for", "explicit", "authored",
        "me", group=group,
    )  # fmt: skip


def test_a_meeting_or_a_target_is_left_out_as_a_whole() -> None:
    statements = [
        said("m", "plastics", number=1),
        said("m", "cybercrime", number=2),
        said("n", "plastics", number=1),
        said("batch", "plastics", start=None, number=3),
        said("batch", "plastics", start=None, group="pair", number=4),
    ]
    assert left_out_together("leave-one-target-out", statements) == [s.target for s in statements]
    assert left_out_together("leave-one-meeting-out", statements) == ["m", "m", "n", "batch:3", "pair"]
    by_delegation = left_out_together("leave-one-delegation-out", statements)
    assert by_delegation == left_out_together("folds-by-delegation", statements)
    assert by_delegation[0] == by_delegation[2] != by_delegation[1]


def test_a_contrast_group_is_not_trained_on_while_part_of_it_is_tested() -> None:
    names = ["plastics", "cybercrime", "plastics", "cybercrime"]
    groups = ["pair", "pair", "", ""]
    found = {
        tuple(test.tolist()): train.tolist() for train, test in splits("leave-one-target-out", names, groups=groups)
    }
    assert found == {(0, 2): [3], (1, 3): [2]}
