"""A bare name ("Oman", "Peru and Togo") in its sentence, with what the rules for it ask (``bare.py``)."""

from __future__ import annotations

import re
from functools import cached_property

from stance.attribution.contexts import FOLLOWED_SPEECH
from stance.attribution.grammar import ADVERB, ANAPHORIC, AUX, MODIFIER, OFFICE, ROLE, SPEECH
from stance.attribution.place import Place, is_passive
from stance.attribution.style import Style
from stance.delegations import Registry

__all__ = ["BareName"]

# "The coastal network |Open Harbours".
_KIND_OF_ORGANIZATION = re.compile(r"^(?:The|An?) (?:[a-z-]+ ){1,4}$")
_PREPOSITION = re.compile(r"(?:also )?(?:from|of) ")
# "(For |Oman, all was said;) its delegate also asked".
_DELEGATE_SPEAKS = re.compile(
    rf"\b(?:[Ii]ts|[Hh]er|[Hh]is|[Tt]heir|[Tt]he) {MODIFIER}(?:{ROLE}|{OFFICE})\b,? "
    rf"(?:{ADVERB} )*(?:{SPEECH}|{AUX})"
)


class BareName:
    """A bare name in its sentence, with what several rules ask."""

    def __init__(self, place: Place, style: Style, registry: Registry) -> None:
        self.text = place.text
        self.start = place.phrase.start
        self.before = place.before
        self.after = place.after
        self.accepted = place.accepted
        self.style = style
        self.place = place
        self._registry = registry

    @property
    def embedded(self) -> bool:
        """Whether the name stands inside what an earlier speaker says."""
        return self.place.embedded

    @cached_property
    def opens_sentence(self) -> bool:
        """Whether the name opens the sentence, alone or after the words for what it is.

        The latter only for organisations that the document introduces: "The coastal network |Open Harbours said".
        """
        if not self.before.strip(' "(—') or self.before in ("Neither ", "Both ", "Not only "):
            return True
        return self.is_unregistered and _KIND_OF_ORGANIZATION.match(self.before) is not None

    @cached_property
    def before_noun(self) -> str:
        """The sentence up to the name itself: a list of names begins with its preposition ("the view |of Oman")."""
        preposition = _PREPOSITION.match(self.text, self.start)
        return self.before + (preposition[0] if preposition else "")

    @property
    def is_unregistered(self) -> bool:
        """Whether only the document makes the name a delegation's."""
        return self.place.phrase.speakers[0].code not in self._registry

    @cached_property
    def bare_speakers(self) -> bool:
        """Whether bare names speak in this sentence or, by habit, in the document."""
        first = self.accepted[0].how if self.accepted else None
        return first in ("subject", "agent", "with", "included") or self.style.bare

    @cached_property
    def delegate_speaks(self) -> bool:
        """Whether somebody of the name speaks behind it: "For |Oman, all was said; its delegate added …"."""
        return bool(ANAPHORIC.search(self.after) and _DELEGATE_SPEAKS.search(self.after))

    @cached_property
    def says(self) -> bool:
        """Whether a verb of saying follows that is no passive."""
        return bool(FOLLOWED_SPEECH.match(self.after)) and not is_passive(self.after)
