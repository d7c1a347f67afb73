"""The place of a noun phrase in its sentence: what stands around it, and inside whose words it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.attribution.contexts import BOUNDARY, EMBEDDING, INVERTED, PASSIVE
from stance.attribution.grammar import ADVERB, AUX, PAREN, SPEECH
from stance.attribution.skeleton import PERSON
from stance.attribution.types import Phrase

__all__ = ["Place", "in_quotes", "is_embedded", "is_passive", "opens", "speaks"]

# "(…) she firmly said": somebody has the word already, though no phrase names him.
_PRONOUN_SPEAKS = re.compile(rf"\b(?:[Hh]e|[Ss]he|[Tt]hey|{PERSON})\b(?: \w+){{0,2}}? {SPEECH}")
# A question without an asker: "It was asked whether |Oman would sign".
_ASKED = re.compile(r"\b(?:asked|inquired|wondered|heard) (?:whether|why|how|what) [^,;]*$")
# A participle that opens the sentence and what is recalled: "Recalling that |Oman's delegate had doubted it, she said".
_OPENING_REPORT = re.compile(r"^[A-Z]\w+ing (?:[^,;]*? )?(?:that|what|how|whether|why) [^,;]*$")
# A sentence whose first clause is subordinate: "While Oman hoped that all would sign, |Chad …".
_SUBORDINATE = re.compile(
    r"(?:(?:When )?(?:[Aa]sked|[Qq]uestioned|[Pp]ressed|[Cc]hallenged|[Pp]rompted)(?: \w+ly| again)? by|While|Whereas|Although|Though|As|Where|If|Even if|Even though)\b"
)
# A verb whose complement has no conjunction: "urged |Oman to sign", "called on |Oman".
_COMPLEMENT = re.compile(rf"\b(?:{SPEECH})(?: to| on| for| upon)? (?:the )?$")
# "| (by video), however, would say".
_VERB_BEHIND = re.compile(rf"^{PAREN}(?: ?,? ?{ADVERB},?)* ?(?:{AUX} (?:{ADVERB} )*)?(?:{SPEECH})")
# "|, a lawyer by training, said".
_VERB_BEHIND_APPOSITION = re.compile(rf"^(?:, [^,]{{1,80}},) ?(?:{SPEECH})")


class Place:
    """A phrase in its sentence.

    Parameters
    ----------
    text : str
        The reduced sentence.
    phrase : Phrase
        The phrase to judge.
    accepted : sequence of Phrase
        The phrases before it that were found to be speakers.

    Attributes
    ----------
    before, after : str
        The sentence up to the phrase, and from its end.
    """

    # Made for every name of a document, so that what it costs to make one counts.
    __slots__ = ("_embedded", "accepted", "after", "before", "phrase", "text")

    def __init__(self, text: str, phrase: Phrase, accepted: Sequence[Phrase]) -> None:
        self.text, self.phrase, self.accepted = text, phrase, accepted
        self.before, self.after = text[: phrase.start], text[phrase.end :]
        self._embedded: bool | None = None

    @property
    def embedded(self) -> bool:
        """Whether the phrase stands inside what an earlier speaker says."""
        if self._embedded is None:
            self._embedded = is_embedded(self.text, self.phrase.start, self.accepted)
        return self._embedded


def in_quotes(before: str) -> bool:
    """Tell whether a quotation is open at the end of a text."""
    return before.count('"') % 2 == 1


def opens(before: str) -> bool:
    """Tell whether nothing but punctuation stands before a phrase."""
    return not before.strip(' "(')


def is_embedded(text: str, start: int, accepted: Sequence[Phrase]) -> bool:
    """Tell whether a position stands inside what an earlier speaker of the sentence says.

    Parameters
    ----------
    text : str
        The reduced sentence.
    start : int
        A position in it: where a phrase begins.
    accepted : sequence of Phrase
        The speakers found so far.

    Returns
    -------
    bool
        True for the second name in "Oman said that Chad had signed", False in "Oman agreed, but Chad objected".
    """
    earlier = [p for p in accepted if p.end <= start and p.how != "included"]
    pronoun = _PRONOUN_SPEAKS.search(text[:start])
    origin = earlier[-1].end if earlier else (pronoun.end() if pronoun else None)
    if origin is None:
        return bool(_ASKED.search(text[:start]) or _OPENING_REPORT.match(text[:start]))
    between = text[origin:start]
    cut = [m.end() for m in EMBEDDING.finditer(between)]
    if _SUBORDINATE.match(text) and between.rstrip().endswith((",", ", her", ", his", ", its")):
        return False
    if not cut:
        return bool(_COMPLEMENT.search(between)) and not re.search(r"[,;\"]", between[-3:])
    return not BOUNDARY.search(between[cut[-1] :] + text[start])


def is_passive(after: str) -> bool:
    """Tell whether the verb behind a name is a passive ("was accused of"), which nobody says of himself."""
    return bool(PASSIVE.match(after))


def speaks(before: str, after: str) -> bool:
    """Tell whether a verb of saying belongs to what stands between the two texts."""
    return bool(INVERTED.search(before) or _VERB_BEHIND.match(after) or _VERB_BEHIND_APPOSITION.match(after))
