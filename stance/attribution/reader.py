"""One sentence → its speakers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stance.attribution import lexicon as lx
from stance.attribution.anaphora import Anaphora, office_of
from stance.attribution.grammar import SPEECH
from stance.attribution.groups import find_groups, in_national_capacity, spokesman
from stance.attribution.names import DocumentNames
from stance.attribution.outsiders import chair_takes_floor, outsider_speaks
from stance.attribution.phrases import find_phrases, judge
from stance.attribution.place import Place
from stance.attribution.skeleton import Skeleton
from stance.attribution.style import Style
from stance.attribution.types import Phrase, Speaker
from stance.attribution.unnamed import find_included, find_unnamed
from stance.prefix_tree import prefix_tree

__all__ = ["Reading", "SentenceReader"]

_SAYS = re.compile(rf"\b{SPEECH}")
# "(Oman), for the |Group".
_FOR_THE_GROUP = re.compile(rf"\b(?:[Ff]or|[Oo]n behalf of) the ({prefix_tree(lx.ANAPHORIC_BODIES)})\b")
_SAYS_THAT = re.compile(r"\b(?:said|that|whether)\b")
# "A joint statement on behalf of the Group of 77 …": the words open the sentence, the group is their speaker.
_PAPER_OPENING = re.compile(r"(?:The|A|In a) (?:\w+ )?(?:statement|letter|note|paper|contribution|submission)\b")


@dataclass(frozen=True, slots=True)
class Reading:
    """Who speaks in a sentence.

    Attributes
    ----------
    speakers : list of Speaker
        Named ones in the order of the sentence, then the groups they speak for, then unnamed ones.
    blocked : bool
        Somebody speaks who is no delegation, so that the speaker before does not go on.
    """

    speakers: list[Speaker]
    blocked: bool


class SentenceReader:
    """Reads the sentences of one document, in their order.

    Parameters
    ----------
    names : DocumentNames
        The document's names.
    style : Style
        The habits of the document.
    """

    def __init__(self, names: DocumentNames, style: Style) -> None:
        self._names = names
        self._style = style
        self._offices: dict[str, tuple[Speaker, ...]] = {}  # "executive director" → who was introduced as one
        self._spoke_for: dict[str, list[Speaker]] = {}  # a state → the groups for which it has spoken
        self._anaphora = Anaphora(names, style, self._offices)

    def read(
        self, skeleton: Skeleton, current: tuple[Speaker, ...], *, is_fresh: bool, is_aside: bool = False
    ) -> Reading:
        """Find the speakers of a sentence.

        Parameters
        ----------
        skeleton : Skeleton
            The reduced sentence.
        current : tuple of Speaker
            Who spoke in the sentence before.
        is_fresh : bool
            Whether a paragraph begins with the sentence.
        is_aside : bool, default False
            Whether unnamed speakers had the word since ``current``.

        Returns
        -------
        Reading
        """
        groups = find_groups(skeleton, self._names)
        chaired = chair_takes_floor(skeleton.text) and not in_national_capacity(skeleton)
        accepted = self._accept(skeleton, groups, chaired=chaired)
        accepted.extend(find_included(skeleton, accepted, self._names))
        floor = current if not is_aside and (not is_fresh or self._style.sections) else ()
        anaphoric, stopped = self._anaphora.resolve(skeleton, accepted, current)
        if anaphoric:
            accepted = sorted([*accepted, anaphoric], key=lambda p: p.start)
        unnamed = find_unnamed(skeleton, accepted, floor)
        found: dict[str, Speaker] = {}
        for phrase in accepted:
            for sp in phrase.speakers:
                if sp.how == "person" and sp.code in found:
                    continue  # "Ghana's delegate, Ms. Owusu"
                found.pop(sp.code, None)  # named twice: the last place counts
                found[sp.code] = sp
        for group in groups:
            if found or _can_speak_alone(skeleton.text, group):
                for sp in group.speakers:
                    found.setdefault(sp.code, sp)
        for sp in spokesman(skeleton, self._names):
            found.setdefault(sp.code, sp)
        for sp in self._known_groups(skeleton.text, list(found.values())):
            found.setdefault(sp.code, sp)
        blocked = chaired or stopped or (not found and outsider_speaks(skeleton.text))
        return Reading([*found.values(), *unnamed], blocked)

    def _known_groups(self, text: str, found: list[Speaker]) -> list[Speaker]:
        """Return the groups meant by one word: "Oman, for the Group, said", where it has spoken for the Group of 77."""
        states = [sp for sp in found if sp.kind == "state"]
        groups = [sp for sp in found if sp.how == "represented"]
        if groups and len(states) == 1:
            self._spoke_for[states[0].code] = groups
        if groups or len(states) != 1:
            return []
        match = _FOR_THE_GROUP.search(text)
        said = _SAYS_THAT.search(text)
        if not match or (said and said.start() < match.start()):
            return []
        return [sp for sp in self._spoke_for.get(states[0].code, ()) if sp.is_called(match[1])]

    def _accept(self, skeleton: Skeleton, groups: list[Phrase], *, chaired: bool) -> list[Phrase]:
        """Return the phrases that speak; the offices they hold are kept for "the Executive Director said"."""
        accepted: list[Phrase] = []
        for phrase in find_phrases(skeleton, self._names, groups):
            if chaired and (phrase.how == "section" or phrase.start == 0):
                continue  # "AMA OWUSU (Ghana), Chair of the Committee": not for Ghana
            how = judge(Place(skeleton.text, phrase, accepted), self._style, self._names)
            office = office_of(skeleton.text[phrase.start : phrase.end])
            if not how:
                # "an exchange with the Executive Director of INTERPOL": known before she speaks.
                if office and all(sp.kind == "organization" for sp in phrase.speakers):
                    self._offices.setdefault(office, phrase.speakers)
                continue
            speakers = tuple(Speaker(sp.code, sp.name, sp.kind, how) for sp in phrase.speakers)
            accepted.append(Phrase(phrase.start, phrase.end, speakers, how))
            if office:
                self._offices[office] = speakers
        return accepted


def _can_speak_alone(text: str, group: Phrase) -> bool:
    """Tell whether a group speaks without a spokesman: nobody says anything before it, or a paper of its does."""
    return not _SAYS.search(text[: group.start]) or bool(_PAPER_OPENING.match(text))
