"""Positions: the codebook's rules on small, hand-counted tables of statements."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from stance.attribution import Statement, attribute
from stance.documents import Document
from stance.positions import OverallPosition, Position, ScoredStatement, decide, overall_positions, positions

COLUMN = {"for": 0, "against": 1, "neutral": 2}


def scored(
    sentence: int, stance: str, p: float = 0.8, speaker: str = "OMN", kind: str = "state", document: str = "d"
) -> ScoredStatement:
    """Return a statement of a stance with probability ``p``; the rest is shared by the other two."""
    row = [(1 - p) / 2] * 3
    row[COLUMN[stance]] = p
    statement = Statement(document, sentence, 0, 1, "x", speaker, speaker.title(), kind, "role")
    return ScoredStatement(statement, stance, (row[0], row[1], row[2]))


def position(items: Sequence[ScoredStatement]) -> Position:
    (found,) = positions(items, [])
    return found


# --- from probabilities to stances ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "threshold", "expected"),
    [
        ((0.6, 0.3, 0.1), 0.5, "for"),
        ((0.3, 0.6, 0.1), 0.5, "against"),
        ((0.1, 0.3, 0.6), 0.5, "neutral"),
        ((0.4, 0.3, 0.3), 0.5, "neutral"),
        ((0.3, 0.4, 0.3), 0.5, "neutral"),
        ((0.5, 0.3, 0.2), 0.5, "for"),
        ((0.4, 0.3, 0.3), 0.0, "for"),
        ((0.3, 0.3, 0.4), 0.9, "neutral"),
        ((0.9, 0.1, 0.0), 1.0, "neutral"),
        ((0.0, 1.0, 0.0), 1.0, "against"),
    ],
)
def test_decide(row: tuple[float, float, float], threshold: float, expected: str) -> None:
    assert decide(np.array([row]), threshold) == [expected]


def test_decide_keeps_the_order_of_the_rows() -> None:
    assert decide(np.array([[0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8]]), 0.5) == ["against", "for", "neutral"]
    assert decide(np.zeros((0, 3)), 0.5) == []


# --- the rules of the codebook ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stances", "expected"),
    [
        (["for"], "for"),
        (["against"], "against"),
        (["neutral"], "neutral"),
        (["neutral", "neutral", "neutral"], "neutral"),
        (["for", "for"], "for"),
        (["neutral", "for", "neutral", "neutral"], "for"),
        (["against", "neutral", "neutral", "neutral"], "against"),
    ],
)
def test_one_side_decides_however_many_are_neutral(stances: list[str], expected: str) -> None:
    assert position([scored(i, stance) for i, stance in enumerate(stances, 1)]).position == expected


def test_one_uncertain_side_beats_certain_neutrals() -> None:
    assert position([scored(1, "neutral", 0.99), scored(2, "against", 0.4)]).position == "against"


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([(1, "for", 0.8), (5, "against", 0.8)], "against", id="the-later"),
        pytest.param([(1, "against", 0.8), (5, "for", 0.8)], "for", id="the-later-for"),
        # 0.9 × 1 against 0.4 × 2.
        pytest.param([(1, "for", 0.9), (5, "against", 0.4)], "for", id="the-much-more-certain"),
        # 0.9 × 1 against 0.5 × 2.
        pytest.param([(1, "for", 0.9), (5, "against", 0.5)], "against", id="late-and-certain-enough"),
        pytest.param([(3, "for", 0.9), (3, "against", 0.6)], "for", id="the-more-certain-in-one-sentence"),
        # 0.7 × (1 + 1.5) against 0.8 × 2.
        pytest.param([(1, "for", 0.7), (3, "for", 0.7), (5, "against", 0.8)], "for", id="two-against-one"),
        pytest.param([(3, "for", 0.6), (3, "against", 0.6)], "against", id="a-tie"),
    ],
)
def test_where_both_sides_occur(items: list[tuple[int, str, float]], expected: str) -> None:
    for order in (items, items[::-1]):
        assert position([scored(*item) for item in order]).position == expected


def test_a_neutral_statement_does_not_change_the_side() -> None:
    sides = [scored(1, "for", 0.8), scored(3, "against", 0.5)]
    assert position(sides).position == "against"
    assert position([*sides, scored(9, "neutral")]).position == "against"


def test_probabilities_are_the_mean_over_the_telling_statements() -> None:
    items = [scored(1, "for", 0.6), scored(2, "neutral", 0.9), scored(3, "for", 0.8)]
    assert position(items).p == pytest.approx((0.7, 0.15, 0.15))
    neutral = [scored(1, "neutral", 0.5), scored(2, "neutral", 0.7)]
    assert position(neutral).p == pytest.approx((0.2, 0.2, 0.6))


def test_who_took_both_sides_is_less_sure_than_who_took_one() -> None:
    # (0.25 × 1 + 0.9 × 2) / 3, (0.5 × 1 + 0.05 × 2) / 3, (0.25 × 1 + 0.05 × 2) / 3; the neutral one does not count.
    items = [scored(1, "against", 0.5), scored(2, "neutral", 0.9), scored(4, "for", 0.9)]
    found = position(items)
    assert (found.position, found.evidence, found.opposed) == ("for", (4,), (1,))
    assert found.p == pytest.approx((2.05 / 3, 0.6 / 3, 0.35 / 3))
    assert position(items[1:]).opposed == ()
    # The later side is the position, though the mean over both leaves the other more probable: (0.95 + 0.25 × 2) / 3.
    late = position([scored(1, "for", 0.95), scored(4, "against", 0.5)])
    assert late.position == "against" and late.p[:2] == pytest.approx((1.45 / 3, 1.025 / 3))


def test_evidence_holds_the_telling_sentences_first() -> None:
    items = [
        scored(2, "for", 0.6), scored(4, "neutral", 0.99), scored(7, "for", 0.9), scored(9, "for", 0.6),
    ]  # fmt: skip
    found = position(items)
    assert found.evidence == (7, 2, 9)
    assert found.statements == 4
    assert position([scored(1, "neutral", 0.5), scored(2, "neutral", 0.9)]).evidence == (2, 1)


def test_a_sentence_is_evidence_once() -> None:
    found = position([scored(3, "for", 0.9), scored(3, "for", 0.7), scored(1, "for", 0.8)])
    assert (found.evidence, found.statements) == ((3, 1), 3)


# --- who has a position -----------------------------------------------------------------------------------------------


def test_unnamed_speakers_have_no_position() -> None:
    unnamed = scored(1, "for", speaker="UNNAMED", kind="unnamed")
    assert positions([unnamed], [("d", "UNNAMED", "speakers", "unnamed")]) == []
    assert [p.speaker for p in positions([unnamed, scored(2, "for")], [])] == ["OMN"]


def test_a_group_and_its_speaker_have_positions_of_their_own() -> None:
    found = positions(
        [
            scored(1, "for"), scored(1, "for", speaker="ARAB_GROUP", kind="group"), scored(2, "against", 0.9),
            scored(1, "neutral", speaker="INTERPOL", kind="organization"),
        ],
        [],
    )  # fmt: skip
    assert [(p.speaker, p.speaker_kind, p.iso3, p.position, p.statements) for p in found] == [
        ("OMN", "state", "OMN", "against", 2),
        ("ARAB_GROUP", "group", "", "for", 1),
        ("INTERPOL", "organization", "", "neutral", 1),
    ]
    assert found[0].speaker_name == "Omn"


def test_who_is_only_listed_has_none() -> None:
    listed = [("d", "FJI", "Fiji", "state"), ("d", "OMN", "Oman", "state"), ("d", "EU", "European Union", "group")]
    spoke, fiji, union = positions([scored(1, "for")], listed)
    assert (spoke.speaker, spoke.position, spoke.statements) == ("OMN", "for", 1)
    assert (fiji.document, fiji.speaker, fiji.speaker_name, fiji.speaker_kind) == ("d", "FJI", "Fiji", "state")
    assert (fiji.iso3, fiji.position, fiji.statements, fiji.evidence) == ("FJI", "none", 0, ())
    assert len(fiji.p) == 3 and all(math.isnan(p) for p in fiji.p)
    assert (union.speaker, union.iso3, union.position) == ("EU", "", "none")


def test_documents_are_kept_apart_and_in_order() -> None:
    items = [
        scored(1, "for", document="b"), scored(1, "against", document="a"), scored(2, "for", speaker="PER", document="b"),
    ]  # fmt: skip
    listed = [("a", "PER", "Peru", "state"), ("b", "FJI", "Fiji", "state"), ("c", "OMN", "Oman", "state")]
    assert [(p.document, p.speaker, p.position) for p in positions(items, listed)] == [
        ("b", "OMN", "for"), ("b", "PER", "for"), ("b", "FJI", "none"),
        ("a", "OMN", "against"), ("a", "PER", "none"), ("c", "OMN", "none"),
    ]  # fmt: skip


def test_nothing_in_nothing_out() -> None:
    assert positions([], []) == []


def test_statements_may_come_from_a_generator() -> None:
    assert [p.position for p in positions((scored(i, "for") for i in (1, 2)), iter([]))] == ["for"]


def test_positions_of_a_document() -> None:
    """From text to positions, with stances given by hand."""
    text = (
        "Oman’s delegate, speaking for the Arab Group, asked for a treaty.  Ports were full.\n\n"
        "Some delegates disagreed.  Peru’s delegate called a treaty premature.\n\n"
        "Also speaking were the representatives of Fiji and Peru."
    )
    read = attribute(Document("d", text, body=(0, len(text))))
    stances = {1: "for", 2: "neutral", 3: "against", 4: "against"}
    items = []
    for s in read.statements:
        p = [0.1, 0.1, 0.1]
        p[COLUMN[stances[s.sentence]]] = 0.8
        items.append(ScoredStatement(s, stances[s.sentence], (p[0], p[1], p[2])))
    found = positions(items, [("d", *who) for who in read.listed])
    assert [(p.speaker, p.position, p.statements, p.evidence) for p in found] == [
        ("OMN", "for", 2, (1,)),
        ("ARAB_GROUP", "for", 2, (1,)),
        ("PER", "against", 1, (4,)),
        ("FJI", "none", 0, ()),
    ]


# --- over several documents -------------------------------------------------------------------------------------------


def over(*documents: Sequence[ScoredStatement], listed: Sequence[str] = ()) -> dict[str, OverallPosition]:
    """Aggregate documents in the order of time; some speakers are listed in the last."""
    last = documents[-1][0].statement.document
    settled = [positions(items, []) for items in documents]
    settled[-1] = positions(documents[-1], [(last, code, code.title(), "state") for code in listed])
    return {p.speaker: p for p in overall_positions(zip(documents, settled, strict=True))}


def test_over_one_document_the_positions_are_its_own() -> None:
    items = [scored(3, "for", 0.7), scored(1, "neutral"), scored(9, "against", 0.6), scored(2, "for", speaker="PER")]
    (omn, per) = positions(items, [])
    found = over(items)
    for one, overall in ((omn, found["OMN"]), (per, found["PER"])):
        assert (one.position, one.p, one.statements) == (overall.position, overall.p, overall.statements)
        assert [("d", number) for number in one.evidence] == list(overall.evidence)


def test_one_side_in_any_document_is_the_position() -> None:
    first, second = [scored(1, "for", 0.9, document="a")], [scored(1, "neutral", document="b")]
    found = over(first, second)["OMN"]
    assert (found.position, found.statements, found.documents) == ("for", 2, ("a", "b"))
    assert found.evidence == (("a", 1),) and found.p[0] == pytest.approx(0.9)


def test_a_later_document_weighs_more() -> None:
    # 0.9 against 0.6 · 2: the later side wins although it is less sure, whatever the numbers of the sentences.
    early, late = [scored(40, "for", 0.9, document="a")], [scored(2, "against", 0.6, document="b")]
    found = over(early, late)["OMN"]
    assert (found.position, found.evidence, found.opposed) == ("against", (("b", 2),), (("a", 40),))
    assert over(late, early)["OMN"].position == "for"


def test_a_speaker_that_is_only_listed_has_none_overall_until_it_speaks() -> None:
    first = [scored(1, "for", document="a"), scored(1, "neutral", speaker="PER", document="a")]
    second = [scored(5, "for", document="b")]
    found = over(first, second, listed=["PER", "FJI"])
    assert found["FJI"].position == "none" and all(map(math.isnan, found["FJI"].p))
    assert (found["FJI"].documents, found["FJI"].evidence, found["FJI"].iso3) == (("b",), (), "FJI")
    assert (found["PER"].position, found["PER"].documents) == ("neutral", ("a", "b"))


def test_unnamed_speakers_have_no_position_overall() -> None:
    assert set(over([scored(1, "for"), scored(2, "for", speaker="UNNAMED", kind="unnamed")])) == {"OMN"}
