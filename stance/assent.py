"""A sentence that only says that somebody agrees → the statement that it agrees with.

"A number of delegates, including representatives of Algeria and Haiti, echoed that view" has no argument of its own: the codebook
reads back to what is meant. A classifier that is shown such a sentence behind its context must find the antecedent among
the views of several speakers, and the small ones often do not. Where grammar leaves no doubt (the sentence is a subject
and an assent, and the sentence before reports others) the antecedent is read in its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.attribution import Attribution, Name, Statement
from stance.attribution.skeleton import plain
from stance.attribution.types import UNNAMED

__all__ = ["antecedent", "is_assent"]

_NAME = "\ue000"
# Words of a subject: delegations, those who speak for them (a name in capitals before its country), and unnamed ones.
_OF_SUBJECT = re.compile(
    rf"{_NAME}(?:'s?)?|[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'.-]+|an?|all|also|and|another|as|both|delegates?|delegations?|experts?|for|from|"
    r"four|in|including|likewise|many|members?|most|number|of|one|other|others|representatives?|several|some|speakers?|that|the|"
    r"those|three|too|turn|two|well"
)
_HOW = r"(?:also|briefly|entirely|fully|likewise|later|strongly|then|too|warmly|wholly)"
_REFLEXIVE = r"(?:associated|aligned|identified) (?:her|him|it|them)sel(?:f|ves) with"
_TAKEN = (
    rf"(?:agreed with|backed|concurred (?:in|with)|echoed|endorsed|joined(?: in)?|repeated|seconded|shared|subscribed to|supported|"
    rf"{_REFLEXIVE})"
)
_VIEW = (
    r"(?:analysis|appeal|argument|assessment|call|conclusion|concern|demand|doubt|idea|objection|opinion|plea|point|position|"
    r"preference|proposal|reasoning|recommendation|remark|request|reservation|sentiment|stance|statement|suggestion|view)s?"
)
_ASSENT = (
    rf"(?:{_TAKEN} (?:that|the same|these|this|those) (?:last )?{_VIEW}|"
    rf"(?:had|held|took|was of|were of) (?:that|the same) (?:line|mind|opinion|position|stand|view)|"
    r"agreed|concurred|did likewise|did so too|did the same|felt likewise|followed suit|said the same)"
)
_END = re.compile(rf",? (?:{_HOW} )?{_ASSENT}(?: too| as well)?[.]?$")


def is_assent(text: str, names: Sequence[Name]) -> bool:
    """Tell whether a sentence says that delegations agree, and nothing else.

    Parameters
    ----------
    text : str
        A sentence.
    names : sequence of Name
        The names in it, offsets into ``text``.

    Returns
    -------
    bool
        False where it gives a reason, adds something, or names the one who is agreed with.
    """
    found = _END.search(plain(text).strip())
    if found is None:
        return False
    out: list[str] = []
    position = 0
    for name in sorted(names, key=lambda n: n.start):
        if name.start >= position:
            out += [text[position : name.start], _NAME]
            position = name.end
    marked = plain("".join([*out, text[position:]])).strip()
    subject = marked[: len(marked) - len(found[0])]
    # The first letter of a sentence is a capital; a second one belongs to a person's name.
    if not subject[1:2].isupper():
        subject = subject[:1].lower() + subject[1:]
    words = re.findall(r"[^\s,()]+", subject)
    if words[:2] == ["a", "few"]:
        del words[1]
    return bool(words) and all(map(_OF_SUBJECT.fullmatch, words))


def antecedent(attribution: Attribution, place: int, speaker: str) -> Statement | None:
    """Find the statement that an assent repeats.

    Parameters
    ----------
    attribution : Attribution
    place : int
        Index of a sentence in ``attribution.prose``.
    speaker : str
        Code of one who speaks in it.

    Returns
    -------
    Statement or None
        The last statement of the sentence before; None where the sentence is no mere assent, or where the one before reports
        nobody, or the same delegation.
    """
    sentence = attribution.prose[place]
    if not place or not is_assent(sentence.text, attribution.names[sentence.number]):
        return None
    before = attribution.said(attribution.prose[place - 1].number)
    own = speaker != UNNAMED and speaker in {x.speaker for x in before}
    return before[-1] if before and not own else None
