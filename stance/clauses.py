"""A sentence in which several delegations speak → the part of it that is one delegation's.

"Uruguay welcomed the draft, but Australia could not see …" reports two speakers, and a classifier that is shown the whole
sentence for each of them is inclined to give both the same label. Here such a sentence is cut where a new subject that is a
delegation begins: behind a semicolon, a colon or a full stop, or at a conjunction. Only signs and function words are looked
at, so a clause whose subject is a pronoun stays with the one before, and a sentence that cannot be cut is left as it is. A
clause with "with" ("X agreed, with Y adding that …") goes on with what the one before says, and is not taken from it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["focal_part"]

# Names are single letters of the private use area here, repeated to their length: offsets stay those of the text, and a name
# never takes part in a pattern for words.
_SPEAKER, _OTHER = "\ue000", "\ue001"
_NAME = rf"(?:the )?(?:{_SPEAKER}+|{_OTHER}+)(?: \((?:{_SPEAKER}+|{_OTHER}+)\))?"
# A delegation as a subject: alone, behind its representative ("the delegate of X"), or before it ("X's delegate").
_SUBJECT = (
    r"(?:(?:the |an? |its |their )?(?:[\w-]+ ){0,3}?(?:of |for |from )?)?"
    rf"{_NAME}(?:['’]s? [\w-]+(?: [\w-]+)?)?(?:,? and {_NAME}(?:['’]s? [\w-]+)?)*"
)
# Behind a name that is an object ("thanked X for …") or the first of several there is no verb.
_BEGINS = rf"(?={_SUBJECT},? (?!(?:and|as|at|by|for|from|in|of|on|or|to|with)\b))"
# What is matched goes with the clause before; the conjunction begins the next.
_CUT = re.compile(
    rf"[;:.] {_BEGINS}|, (?=(?:although|and|but|though|whereas|while|with) {_BEGINS})| (?=(?:whereas|while) {_BEGINS})"
)
# "While X saw …, Y …": the second clause has a comma only.
_OPENED = re.compile(r"(?:Although|Though|Unlike|Whereas|While|although|though|unlike|whereas|while)\b")
_COMMA = re.compile(rf", {_BEGINS}")
# A relative clause that has not ended has a verb, and the sentence none yet.
_ASIDE = re.compile(r", (?:where|which|who|whom|whose)\b[^,]*$")
_WORD = re.compile(r"[^\W\d_]+")


def focal_part(text: str, speaker: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Find the clauses of a sentence that are the focal speaker's.

    Parameters
    ----------
    text : str
        A sentence.
    speaker : sequence of (int, int)
        Offsets of the focal speaker's names in it.
    others : sequence of (int, int)
        Offsets of the names of other delegations.

    Returns
    -------
    start, end : int
        Offsets of the text from the first clause that names the speaker to the last one and what goes on with it; those of the
        whole sentence where it names only one of the two, or cannot be cut.
    """
    if not speaker or not others:
        return 0, len(text)
    letters = list(text)
    for letter, spans in ((_OTHER, others), (_SPEAKER, speaker)):
        for start, end in spans:
            letters[start:end] = letter * (end - start)
    marked = "".join(letters)
    starts = [0]
    while (following := _next_clause(marked, starts[-1])) is not None:
        starts.append(following)
    clauses = list(zip(starts, [*starts[1:], len(text)], strict=True))
    own = [i for i, (start, end) in enumerate(clauses) if _SPEAKER in marked[start:end]]
    last = own[-1]
    while last + 1 < len(clauses) and marked.startswith("with ", clauses[last + 1][0]):
        last += 1
    return clauses[own[0]][0], clauses[last][1]


def _next_clause(marked: str, begun: int) -> int | None:
    """Return where the clause behind the one that begins at ``begun`` begins; None where there is none."""
    pattern = _COMMA if _OPENED.match(marked, begun) else _CUT
    for found in pattern.finditer(marked, begun):
        last = max(marked.rfind(name, begun, found.start()) for name in (_SPEAKER, _OTHER))
        said = _ASIDE.sub("", marked[last + 1 : found.start()])
        # With less behind the last name it is a list of names, or a clause without a predicate.
        if last >= 0 and len(_WORD.findall(said)) >= 2:
            return found.end()
    return None
