"""Sentences → statements: who is reported as saying each sentence.

Attribution reads a meeting summary the way its genre is written. Every sentence is reduced (``skeleton.py``), noun
phrases that can stand for a speaker are found in it (``grammar.py``), and each is judged by its place in the grammar of
reported speech (``phrases.py``, ``roles.py``, ``bare.py``): subject of a verb of saying, inverted subject ("…, said the
delegate of X"), agent of a passive ("supported by X"), complement ("with X saying"), or merely mentioned. What a
sentence leaves open (pronouns, free indirect speech, "its delegate") is settled by the sentences before it
(``anaphora.py`` and here). Delegations that only appear in a list of those who took the floor are kept apart as *listed* (``listed.py``).

``Statement.attribution`` tells which construction was found, so that a reader can check a rule and not only a result.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from stance.attribution.grammar import THE
from stance.attribution.groups import in_national_capacity
from stance.attribution.listed import listed_speakers
from stance.attribution.names import DocumentNames
from stance.attribution.outsiders import is_narrated
from stance.attribution.reader import SentenceReader
from stance.attribution.skeleton import ENTITY, STATE, Skeleton
from stance.attribution.style import read_style
from stance.attribution.types import Attribution, Speaker, Statement
from stance.delegations import Registry, load_registry
from stance.documents import Document
from stance.sentences import Sentence, split_sentences

__all__ = ["attribute"]

# Constructions that lean on the sentence before.
_LEANING = ("pronoun", "anaphora", "continued", "person")
# Constructions that do not take the floor: those who only support or oppose, or are put among others.
_ASIDE = ("agent", "included", "with")
# In documents with sections a paragraph of some length goes on with the section's speaker …
_SHORT_PARAGRAPH = 40
# … unless it begins with the meeting: "The Committee".
_MEETING_OPENING = re.compile(r"(?:The Committee|The Assembly|The Council|The Chair)\b")
# "Turning to |Oman, she said".
_TURNING = re.compile(
    rf"(?:Turning|Coming|Passing|Moving)(?: on| then)? to (?:the situation in )?{THE}({STATE}), (?:he|she)\b"
)
# A name at the beginning of a sentence: "The |Netherlands", "|Oman".
_FIRST_NAME = re.compile(rf"{THE}({ENTITY})")


def attribute(
    document: Document, sentences: Sequence[Sentence] | None = None, registry: Registry | None = None
) -> Attribution:
    """Link every sentence of a document to the speakers that it reports.

    Parameters
    ----------
    document : Document
        A document as read.
    sentences : sequence of Sentence, optional
        Its sentences; split here when left out.
    registry : Registry, optional
        The delegations that can speak; the package's own when left out.

    Returns
    -------
    Attribution
        Statements in the order of the text, listed speakers, and the names found in each sentence.
    """
    sentences = split_sentences(document) if sentences is None else sentences
    return _Attributor(document, sentences, registry or load_registry()).read()


class _Attributor:
    """Walks through one document and carries the speaker from sentence to sentence."""

    def __init__(self, document: Document, sentences: Sequence[Sentence], registry: Registry) -> None:
        self._document = document
        self._sentences = sentences
        self._names = DocumentNames(sentences, registry)
        self._style = read_style(self._names)
        self._reader = SentenceReader(self._names, self._style)

    def read(self) -> Attribution:
        """Attribute every sentence."""
        statements: list[Statement] = []
        listed: dict[str, tuple[str, str, str]] = {}
        current: tuple[Speaker, ...] = ()
        is_aside = False
        paragraph = 0
        for s in self._sentences:
            if s.heading:
                current = ()
                continue
            before, was_aside = current, is_aside and s.paragraph == paragraph
            is_fresh = s.paragraph != paragraph
            paragraph = s.paragraph
            skeleton = self._names.skeletons[s.number]
            in_list = listed_speakers(skeleton, self._names)
            if in_list:
                for sp in in_list:
                    listed.setdefault(sp.code, (sp.code, sp.name, sp.kind))
                current = ()
                continue
            found, current = self._speakers(s, skeleton, current, is_fresh=is_fresh, is_aside=was_aside)
            # Others, who are not named, had the word: who spoke before them can still be "he", but does not go on unsaid.
            is_aside = bool(found) and not _named(found) and not is_fresh
            if is_aside:
                current = before
            statements.extend(self._statement(s, sp) for sp in found)
        spoken = {x.speaker for x in statements}
        return Attribution(
            tuple(self._sentences),
            tuple(statements),
            tuple(v for k, v in listed.items() if k not in spoken),
            self._names.names,
        )

    def _statement(self, s: Sentence, sp: Speaker) -> Statement:
        return Statement(self._document.name, s.number, s.start, s.end, s.text, sp.code, sp.name, sp.kind, sp.how)

    def _speakers(
        self, s: Sentence, skeleton: Skeleton, current: tuple[Speaker, ...], *, is_fresh: bool, is_aside: bool
    ) -> tuple[list[Speaker], tuple[Speaker, ...]]:
        """Return the speakers of a sentence, and who has the floor after it."""
        reading = self._reader.read(skeleton, current, is_fresh=is_fresh, is_aside=is_aside)
        found = reading.speakers
        if in_national_capacity(skeleton) or _turns_to_own_country(skeleton, current):
            found = _without_groups(found)
            current = tuple(sp for sp in current if sp.kind == "state") or current
        elif (not is_fresh or self._style.sections) and _goes_on_for_group(found, current):
            spoken = {sp.code for sp in found}
            found = [*found, *(replace(sp, how="continued") for sp in current if sp.code not in spoken)]
            return found, current
        if (
            not found
            and not reading.blocked
            and current
            and not is_aside
            and self._continues(s, skeleton, current, is_fresh=is_fresh)
        ):
            found = [replace(sp, how="continued") for sp in current]
        return found, _floor(_named(found))

    def _continues(self, s: Sentence, skeleton: Skeleton, current: tuple[Speaker, ...], *, is_fresh: bool) -> bool:
        """Tell whether a sentence without a speaker goes on with the one before (free indirect speech).

        "Ghana asked for time. The text had come late."
        """
        if is_narrated(skeleton.text):
            return False
        if is_fresh:
            is_long = len(s.text) > _SHORT_PARAGRAPH
            return self._style.sections and is_long and not _MEETING_OPENING.match(skeleton.text)
        # Where speakers have sections, several have one because one of them speaks for all.
        if sum(sp.kind == "state" for sp in current) > 1 and not self._style.sections:
            return False
        return not self._has_foreign_subject(skeleton, current)

    def _has_foreign_subject(self, skeleton: Skeleton, current: tuple[Speaker, ...]) -> bool:
        """Tell whether, in a text where bare names speak, the sentence has another country for its subject."""
        if not self._style.bare:
            return False
        match = _FIRST_NAME.match(skeleton.text)
        return match is not None and skeleton.names[match.start(1)].code not in {sp.code for sp in current}


def _turns_to_own_country(skeleton: Skeleton, current: Sequence[Speaker]) -> bool:
    """Tell whether a spokesman goes on with his own country: "Turning to Oman, she said"."""
    match = _TURNING.match(skeleton.text)
    return match is not None and skeleton.names[match.start(1)].code in {sp.code for sp in current}


def _named(speakers: Sequence[Speaker]) -> list[Speaker]:
    return [sp for sp in speakers if sp.kind != "unnamed"]


def _without_groups(found: list[Speaker]) -> list[Speaker]:
    """Return the speakers of a sentence in national capacity: "In her national capacity, she added …".

    The groups for which somebody speaks go; where the speaker comes from the sentence before, so does every group
    that came along.
    """
    found = [sp for sp in found if sp.kind != "group" or sp.how != "represented"]
    named = _named(found)
    if named and named[-1].how in _LEANING and any(sp.kind == "state" for sp in named):
        return [sp for sp in found if sp.kind in ("state", "unnamed")]
    return found


def _goes_on_for_group(found: Sequence[Speaker], current: Sequence[Speaker]) -> bool:
    """Tell whether a spokesman goes on where a sentence names the group alone, or the person alone.

    "Kenya's delegate, for the African Group, asked for a vote. The Group of African States was ready."
    """
    named = _named(found)
    if (
        not named
        or any(sp.how in _ASIDE for sp in named)
        or not {sp.code for sp in named} < {sp.code for sp in current}
    ):
        return False
    if all(sp.how == "person" for sp in named):
        return any(sp.how not in _ASIDE and sp.kind == "group" for sp in current)
    return all(sp.kind != "state" for sp in named) and sum(sp.kind == "state" for sp in current) == 1


def _floor(named: Sequence[Speaker]) -> tuple[Speaker, ...]:
    """Return who goes on speaking after a sentence: the last one named, with the groups he speaks for."""
    represented = tuple(sp for sp in named if sp.how == "represented")
    main = [sp for sp in named if sp.how != "represented"]
    if not main:
        return represented
    if all(sp.how in _LEANING for sp in main) and len(main) > 1:
        return (*main, *represented)
    subjects = [sp for sp in main if sp.how not in _ASIDE] or main
    return (subjects[-1], *represented)
