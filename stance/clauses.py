"""A sentence in which several delegations speak → the part of it that is one delegation's.

"Uruguay welcomed the draft, but Australia could not see …" reports two speakers, and a classifier that is shown the whole
sentence for each of them is inclined to give both the same label. Here such a sentence is cut where a new subject that is a
delegation begins: behind a semicolon, a colon or a full stop, or at a conjunction. Only signs and function words are looked at, so a
clause whose subject is a pronoun stays with the one before, and a sentence that cannot be cut is left as it is. A clause
with "with" ("X agreed, with Y adding that …") goes on with what the one before says, and is not taken from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

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
_CUT = re.compile(rf"(?:[;:.] |, (?:although|and|but|though|whereas|while|with) | (?:whereas|while) ){_BEGINS}")
# "While X saw …, Y …": the second clause has a comma only.
_OPENED = re.compile(r"(?:Although|Though|Unlike|Whereas|While|although|though|unlike|whereas|while)\b")
_COMMA = re.compile(rf", {_BEGINS}")
_LAST_NAME = re.compile(f".*[{_SPEAKER}{_OTHER}]", re.DOTALL)
# A relative clause that has not ended has a verb, and the sentence none yet.
_ASIDE = re.compile(r", (?:where|which|who|whom|whose)\b[^,]*$")
_WORD = re.compile(r"[^\W\d_]+")


def focal_part(text: str, speaker: Iterable[tuple[int, int]], others: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Find the clauses of a sentence that are the focal speaker's.

    Parameters
    ----------
    text : str
        A sentence.
    speaker : iterable of (int, int)
        Offsets of the focal speaker's names in it.
    others : iterable of (int, int)
        Offsets of the names of other delegations.

    Returns
    -------
    start, end : int
        Offsets of the text from the first clause that names the speaker to the last one and what goes on with it; those of the
        whole sentence where it names only one of the two, or cannot be cut.
    """
    whole = 0, len(text)
    speaker, others = list(speaker), list(others)
    if not speaker or not others:
        return whole
    letters = list(text)
    for letter, spans in ((_OTHER, others), (_SPEAKER, speaker)):
        for start, end in spans:
            letters[start:end] = letter * (end - start)
    marked = "".join(letters)
    starts = _starts(marked)
    if len(starts) == 1:
        return whole
    clauses = list(zip(starts, [*starts[1:], len(text)], strict=True))
    own = [i for i, (start, end) in enumerate(clauses) if _SPEAKER in marked[start:end]]
    if not own:
        return whole
    last = own[-1]
    while last + 1 < len(clauses) and marked.startswith("with ", clauses[last + 1][0]):
        last += 1
    return clauses[own[0]][0], clauses[last][1]


def _starts(marked: str) -> list[int]:
    """Return where the clauses of a marked sentence begin, 0 the first."""
    starts = [0]
    while True:
        begun = starts[-1]
        pattern = _COMMA if _OPENED.match(marked, begun) else _CUT
        for found in pattern.finditer(marked, begun):
            last = _LAST_NAME.match(marked, begun, found.start())
            said = _ASIDE.sub("", marked[last.end() : found.start()]) if last else ""
            if len(_WORD.findall(said)) < 2:
                continue  # a list of names, or a clause without a predicate
            sign = marked[found.start()]
            starts.append(found.start() + (1 if sign in ",;:." else 0) + 1)
            break
        else:
            return starts
