"""Phrases that point back: "its delegate", "the Executive Director", "she"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from stance.attribution import lexicon as lx
from stance.attribution.contexts import FOLLOWED_SPEECH, HARD_START, INTRO
from stance.attribution.grammar import (
    ANAPHORIC,
    BARE,
    FINITE,
    INSERT,
    OFFICE,
    OPENING_PRONOUN,
    PRONOUN,
    ROLE,
    alternatives,
)
from stance.attribution.names import DocumentNames
from stance.attribution.outsiders import is_narrated, outsider_speaks
from stance.attribution.place import in_quotes, is_embedded, is_passive, opens, speaks
from stance.attribution.skeleton import Skeleton
from stance.attribution.style import Style
from stance.attribution.types import Phrase, Speaker

__all__ = ["Anaphora", "office_of"]

# An office named with its delegation: "the Executive Director (of Open Harbours)".
_OFFICE_NAMED = re.compile(rf"(?:[Tt]he |[Aa]n? )?((?:Deputy )?{OFFICE}) ")
# "…, in the words of |its delegate".
_IN_THE_WORDS_OF = re.compile(r"\b(?:in the words of|according to) $")

# "The Group therefore asked", "On costs, the members of the Union": a group by one word of its name.
_SHORT_GROUP = re.compile(
    rf"^(?:[A-Z][^,;]{{0,60}}, )?[Tt]he (?:(?:\w+ )?(?:[Mm]embers|countries|States|delegations) of the )?"
    rf"({alternatives(lx.ANAPHORIC_BODIES)})\b"
)
# "(Chad's ports, said) the delegate of that country".
_OF_THAT_COUNTRY = re.compile(rf"\b[Tt]he {ROLE} (?:of|from) that (?:country|State|Government|delegation)\b")
# "(The Group) considered that": an opinion, which a body that considers an item does not have.
_OPINES = re.compile(r"^(?: \w+ly| also| therefore| further)* (?:considered|agreed|believed) (?:that|it)\b")

# -- the topic before "its delegate" ---------------------------------------------------------------------------------
# "|" in an example marks the name.

# "|Oman, a host, wants": the name has a verb.
_VERB_BEHIND = re.compile(rf"^{INSERT} ?(?:{FINITE}|[a-z]+s\b)")
# "Nor did |Oman", "So was |Oman".
_NOR_DID = re.compile(r"^(?:Nor|Neither|So|Not) \w+ $")
# "Only then |Oman".
_NOR_DID_OR_THEN = re.compile(r"^(?:Nor|Neither|So|Not|Only then) \w+ $")
# "Speaking for |Oman".
_SPEAKING_FOR = re.compile(r"[Ss]peaking (?:for|on behalf of) $")
# "Moreover, for |Oman, …", "As for |Oman, …".
_FRAME = re.compile(r"^(?:[A-Z]\w+, )?(?:For|In|To|From|As for|Speaking for|Speaking on behalf of) $")
# "Unlike |Oman", "with |Oman".
_BESIDE = re.compile(r"\b(?:[Uu]nlike|[Ll]ike|than|with|from|by|to|of|against|as) $")


def office_of(words: str) -> str | None:
    """Return the office with which a phrase begins ("The Executive Director of Open Harbours"), in lower case."""
    match = _OFFICE_NAMED.match(words)
    return match[1].lower() if match else None


class Anaphora:
    """Settles whom the phrases that point back stand for.

    Parameters
    ----------
    names : DocumentNames
        The document's names.
    style : Style
        The habits of the document.
    offices : mapping of str to tuple of Speaker
        "executive director" → whom the document has so far introduced as one.
    """

    def __init__(self, names: DocumentNames, style: Style, offices: Mapping[str, tuple[Speaker, ...]]) -> None:
        self._names = names
        self._style = style
        self._offices = offices

    def resolve(
        self, skeleton: Skeleton, accepted: Sequence[Phrase], current: tuple[Speaker, ...]
    ) -> tuple[Phrase | None, bool]:
        """Find the phrase of a sentence that points back.

        Parameters
        ----------
        skeleton : Skeleton
            The reduced sentence.
        accepted : sequence of Phrase
            The speakers found so far.
        current : tuple of Speaker
            Who spoke in the sentence before.

        Returns
        -------
        tuple of (Phrase or None, bool)
            The phrase with the speakers that it stands for, and whether an outsider speaks in their place.
        """
        if accepted:
            return self._opening_pronoun(skeleton.text, accepted, current), False
        found = (
            self._of_that_country(skeleton) or self._delegate(skeleton, current) or self._group(skeleton.text, current)
        )
        if found:
            return found, False
        if outsider_speaks(skeleton.text):
            return None, True
        return self._pronoun(skeleton.text, current), False

    def _opening_pronoun(self, text: str, accepted: Sequence[Phrase], current: tuple[Speaker, ...]) -> Phrase | None:
        """Settle a pronoun before others have the word: "She objected, while Oman agreed"."""
        opening = OPENING_PRONOUN.match(text)
        if opening and current and all(p.start > opening.end() for p in accepted):
            return _pointing(opening, current, "pronoun")
        return None

    def _delegate(self, skeleton: Skeleton, current: tuple[Speaker, ...]) -> Phrase | None:
        """Settle "its delegate": the topic of the sentence, the holder of the office, or who spoke before."""
        text = skeleton.text
        for match in ANAPHORIC.finditer(text):
            before, after = text[: match.start()], text[match.end() :]
            if in_quotes(before) or is_embedded(text, match.start(), ()):
                continue
            if not speaks(before, after) and not _IN_THE_WORDS_OF.search(before):
                continue
            office = re.sub(r"^(?:the|its|his|her|their|that|this) ", "", match[0].lower())
            speakers = self._topic(skeleton, match.start()) or self._offices.get(office) or current
            if speakers:
                return _pointing(match, speakers, "anaphora")
        return None

    def _of_that_country(self, skeleton: Skeleton) -> Phrase | None:
        """Settle "the delegate of that country": the name before it in the sentence, whoever spoke before."""
        match = _OF_THAT_COUNTRY.search(skeleton.text)
        if not match or in_quotes(skeleton.text[: match.start()]):
            return None
        earlier = self._names.speakers(skeleton, 0, match.start(), "anaphora")
        if not earlier or not speaks(skeleton.text[: match.start()], skeleton.text[match.end() :]):
            return None
        return _pointing(match, earlier[-1:], "anaphora")

    def _group(self, text: str, current: tuple[Speaker, ...]) -> Phrase | None:
        """Settle "the Group": the one for which the sentence before was spoken, unless the meeting is meant."""
        match = _SHORT_GROUP.match(text)
        if not match or not any(sp.kind != "state" and match[1] in sp.name.split() for sp in current):
            return None
        after = text[match.end() :]
        if not FOLLOWED_SPEECH.match(after) or (is_narrated(text) and not _OPINES.match(after)):
            return None
        return _pointing(match, current, "anaphora")

    def _pronoun(self, text: str, current: tuple[Speaker, ...]) -> Phrase | None:
        """Settle "she said": who spoke before."""
        if not current:
            return None
        for match in PRONOUN.finditer(text):
            before, after = text[: match.start()], text[match.end() :]
            word = match[0].lower()
            if in_quotes(before) or (word == "they" and len(current) < 2):
                continue
            # "it" is a country where bare names speak, else a group or an organisation: "It asked for time".
            is_body = current[-1].kind != "state" and FOLLOWED_SPEECH.match(after)
            if word == "it" and not self._style.bare and not is_body:
                continue
            if speaks(before, after) and not is_passive(after):
                return _pointing(match, current, "pronoun")
        return None

    def _topic(self, skeleton: Skeleton, end: int) -> tuple[Speaker, ...]:
        """Return the delegation that a sentence is about before "its delegate": its subject, or "For X, …"."""
        text = skeleton.text
        best: tuple[Speaker, ...] = ()
        for match in BARE.finditer(text, 0, end):
            before, after = text[: match.start()], text[match.end() :]
            if in_quotes(before):
                continue
            is_subject = _is_subject(before, after, text[match.end() : end])
            is_framed = _FRAME.match(before) and after.startswith((",", " "))
            if _BESIDE.search(before) and not is_framed and not re.search(r"[Ss]peaking", before):
                continue
            if is_framed or (is_subject and _begins(before)):
                best = self._names.speakers(skeleton, match.start(), match.end(), "anaphora")
                if is_subject:
                    break
        return best


def _pointing(match: re.Match[str], speakers: tuple[Speaker, ...], how: str) -> Phrase:
    return Phrase(match.start(), match.end(), tuple(replace(sp, how=how) for sp in speakers), how)


def _is_subject(before: str, after: str, between: str) -> bool:
    """Tell whether a name is the subject of a verb, or all that stands before "its delegate"."""
    if _VERB_BEHIND.match(after) or _NOR_DID.match(before):
        return True
    return not between.strip(" ,") and bool(_SPEAKING_FOR.search(before))


def _begins(before: str) -> bool:
    """Tell whether a clause begins with a name: "Oman was ready, …", "Nor did Oman, …"."""
    return bool(
        opens(before)
        or _NOR_DID_OR_THEN.match(before)
        or HARD_START.search(before)
        or INTRO.match(before)
        or _SPEAKING_FOR.search(before)
    )
