"""Phrases that point back: "its delegate", "the Executive Director", "she"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from stance.attribution import lexicon as lx
from stance.attribution.clauses import asks
from stance.attribution.contexts import FOLLOWED, FOLLOWED_SPEECH, HARD_START, INTRO, INVERTED
from stance.attribution.grammar import (
    ADVERB,
    ANAPHORIC,
    BARE,
    FINITE,
    INSERT,
    MEMBERS,
    MODIFIER,
    NAME_WORD,
    OFFICE,
    OPENING_PRONOUN,
    PRONOUN,
    ROLE,
    SPEECH,
)
from stance.attribution.names import DocumentNames
from stance.attribution.outsiders import is_narrated, outsider_speaks
from stance.attribution.place import in_quotes, is_embedded, is_passive, opens, speaks
from stance.attribution.skeleton import ENTITY_KINDS, Skeleton
from stance.attribution.style import Style
from stance.attribution.types import Phrase, Speaker
from stance.prefix_tree import prefix_tree

__all__ = ["Anaphora", "office_of"]

# An office named with its delegation: "the Executive Director (of Open Harbours)".
_OFFICE_NAMED = re.compile(rf"(?:[Tt]he |[Aa]n? )?(?:senior )?((?:Deputy )?{OFFICE}|official) ")
# "…, in the words of |its delegate".
_IN_THE_WORDS_OF = re.compile(r"\b(?:in the words of|according to) $")

# "its delegate |Ama Owusu said".
_NAMED = re.compile(rf"^(?: {NAME_WORD}){{1,4}}(?= )")
# "The Group therefore asked", "On costs, most members of the Union", "The Group's members": a group by one word of its name.
_SHORT_GROUP = re.compile(
    rf"^(?:[A-Z][^,;]{{0,60}}, )?(?:[Tt]he |{MEMBERS})({prefix_tree(lx.ANAPHORIC_BODIES)})\b(?:'s members\b)?"
)
# "The delegates agreed": more than the one who spoke before.
_SEVERAL = re.compile(
    r"[Tt]he (?:\w+ )?(?:delegates|delegations|representatives|speakers|experts|envoys|participants)$"
)
# "(Chad's ports, said) the delegate of that country", "(…, said) that country's delegate".
_OF_THAT_COUNTRY = re.compile(
    rf"\b(?:[Tt]he {ROLE} (?:of|from) that (?:country|State|Government|delegation)|[Tt]hat (?:country|State)'s {MODIFIER}{ROLE})\b"
)
# "she said", not "her country".
_SAYS = re.compile(rf"\b(?:{SPEECH})$")
# "(Asked by Oman whether it was late), he replied".
_ANSWERS = re.compile(rf", (?:he|she|they|it)(?= (?:{ADVERB} )*{SPEECH})")
# "Responding to the delegate of Oman, who had asked, |she said", "Supported by Oman, |it proposed".
_PARTICIPLE_OPENS = re.compile(r"(?:[A-Z]\w+ing|(?:Supported|Seconded|Joined|Backed|Opposed)(?: \w+)? by)\b")
# "(New Zealand, for Australia and Canada, spoke.) On costs, the three countries were of one mind".
_NUMBERS = ("", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTED = re.compile(
    rf"(?:[A-Z][^,;]{{0,60}}, )?(?:[Tt]he|[Tt]hose|[Aa]ll) ({'|'.join(_NUMBERS[2:])}) (?:countries|States|delegations|Governments)\b"
)
# "(The Group) considered that", "turned to the costs and said that": an opinion, which a body that considers an item does not have.
_OPINES = re.compile(
    r"^(?: \w+ly| also| therefore| further)* (?:considered|agreed|believed) (?:that|it)\b|"
    rf"^(?: then| next)? \w+ed [^,;.]{{0,100}} and (?:{SPEECH}) (?:that|it)\b"
)

# Who presides, unless the text has named the one of a country: "The President".
_OF_THE_MEETING = ("The President", "the President", "The Vice-President", "the Vice-President")

# "It was agreed that": nobody's.
_IMPERSONAL = re.compile(r"^ (?:was|is|had been) (?:\w+ )?\w+ed that\b")

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
_FRAME = re.compile(r"^(?:[A-Z]\w+, )?(?:For|In|To|From|As for|Speaking for|(?:Speaking on|On) behalf(?: of)?) $")
# "|Oman, whose delegate": nothing but an adverb between the two.
_WHOSE = re.compile(r"^(?: also| too| as well| likewise| itself)?(?:,| —) $")
# "That was a priority for |Oman also, its delegate stated", "One home in five in |Oman had light, said its delegate".
_CONCERNED = re.compile(r"\b(?:in|for|to|by) (?:the )?$")
_CONCERNED_ENDS = re.compile(r"^(?: also| too| as well| likewise)?,|^ (?:was|were|is|are|had|has)\b")
# Somebody has been pointed at before, whom "its" may mean.
_POINTED = re.compile(r"\b(?:[Ii]t|[Hh]e|[Ss]he|[Tt]hey|[Ii]ts|[Hh]is|[Hh]er|[Tt]heir)\b")
# "“|Oman has one port”, its delegate stated".
_QUOTED_TOPIC = re.compile(r"^\"q*\",? $")
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
            text = skeleton.text
            found = (
                self._opening_pronoun(text, accepted, current)
                or _answer(text, accepted, current)
                or _main_clause(text, accepted, current)
            )
            return found, False
        found = (
            self._of_that_country(skeleton)
            or self._delegate(skeleton, current)
            or self._group(skeleton.text, current)
            or _together(skeleton.text, current)
        )
        if found:
            return found, False
        if outsider_speaks(skeleton.text):
            return None, True
        return self._pronoun(skeleton.text, current), False

    def _opening_pronoun(self, text: str, accepted: Sequence[Phrase], current: tuple[Speaker, ...]) -> Phrase | None:
        """Settle a pronoun before others have the word: "She objected, while Oman agreed"."""
        opening = OPENING_PRONOUN.match(text)
        if not opening or not current or any(p.start <= opening.end() for p in accepted):
            return None
        # "Her delegation, said the delegate of Oman, agreed", "She would wait, said the delegate of Oman": her own.
        is_own = not _SAYS.search(opening[0]) and INVERTED.search(text[: accepted[0].start])
        return None if is_own else _pointing(opening, current, "pronoun")

    def _delegate(self, skeleton: Skeleton, current: tuple[Speaker, ...]) -> Phrase | None:
        """Settle "its delegate": the topic of the sentence, the holder of the office, or who spoke before."""
        text = skeleton.text
        for match in ANAPHORIC.finditer(text):
            if _SEVERAL.match(match[0]) and len(current) == 1:
                continue
            before, after = text[: match.start()], text[match.end() :]
            if in_quotes(before) or is_embedded(text, match.start(), ()):
                continue
            if not speaks(before, _NAMED.sub("", after)) and not _IN_THE_WORDS_OF.search(before):
                continue
            office = re.sub(r"^(?:the|its|his|her|their|that|this) ", "", match[0].lower())
            if match[0] in _OF_THE_MEETING and office not in self._offices:
                continue
            speakers = (
                self._topic(skeleton, match.start())
                or self._concerned(skeleton, match)
                or self._offices.get(office)
                or current
            )
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
        if not match or not any(sp.is_called(match[1]) for sp in current):
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
            if speaks(before, after) and not is_passive(after) and not (word == "it" and _IMPERSONAL.match(after)):
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

    def _concerned(self, skeleton: Skeleton, pointing: re.Match[str]) -> tuple[Speaker, ...]:
        """Return the delegation that is no subject of the sentence, but that "its delegate" can only mean.

        "That was a priority for Oman also, its delegate stated", "…, as it was for Oman, whose delegate asked", "“Oman has
        one port”, its delegate stated".
        """
        start, text = pointing.start(), skeleton.text
        places = [p for p in sorted(skeleton.names) if p < start and skeleton.names[p].kind in ENTITY_KINDS]
        if not places:
            return ()
        place = places[-1]
        before, after = text[:place], text[place + 1 : start]
        if pointing[0].startswith("whose"):
            is_meant = bool(_WHOSE.match(after)) and not re.match(r"(?: \w+)? (?:had|has)\b", text[pointing.end() :])
        elif not pointing[0].lower().startswith("its") or len(places) > 1:
            return ()
        elif _QUOTED_TOPIC.match(text[:start]):
            is_meant = place <= len('"The ')
        else:
            is_meant = bool(
                _CONCERNED.search(before) and _CONCERNED_ENDS.match(after) and not _POINTED.search(before + after)
            )
        return self._names.speakers(skeleton, place, place + 1, "anaphora") if is_meant else ()


def _together(text: str, current: tuple[Speaker, ...]) -> Phrase | None:
    """Settle "the three countries": those for which somebody spoke, if there were so many of them."""
    match = _COUNTED.match(text)
    states = sum(sp.kind == "state" for sp in current)
    if not match or states < 2 or _NUMBERS.index(match[1]) != states or not FOLLOWED.match(text[match.end() :]):
        return None
    return _pointing(match, current, "anaphora")


def _answer(text: str, accepted: Sequence[Phrase], current: tuple[Speaker, ...]) -> Phrase | None:
    """Settle who answers where another only asks: "Asked by Oman whether it was late, he replied that it was"."""
    asked = accepted[0]
    if len(accepted) > 1 or not current or not asks(text[: asked.start], text[asked.end :]):
        return None
    match = _ANSWERS.search(text, asked.end)
    return _pointing(match, current, "pronoun") if match else None


def _main_clause(text: str, accepted: Sequence[Phrase], current: tuple[Speaker, ...]) -> Phrase | None:
    """Settle the subject behind a participle: "Joining Oman's delegate, who had asked for time, she said"."""
    if not current or not _PARTICIPLE_OPENS.match(text) or "," in text[: accepted[-1].start]:
        return None
    match = _ANSWERS.search(text, accepted[-1].end)
    return _pointing(match, current, "pronoun") if match else None


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
