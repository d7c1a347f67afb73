"""How a document reports: by sections, by capitals, or by bare names of countries."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stance.attribution.grammar import ADJECTIVE_ROLE, ENTITY_ROLE, INSERT, ROLE_OF, SECTION_NAME, SPEECH, THE
from stance.attribution.names import DocumentNames
from stance.attribution.skeleton import ENTITY, ENTITY_KINDS

__all__ = ["Style", "read_style"]

# "Ghana, a coastal State, also said".
_BARE_SUBJECT = re.compile(rf"{THE}{ENTITY}{INSERT} ?{SPEECH}")

# Phrases that name a speaker by a role, with the kinds of name that they hold.
_ROLES = (
    (SECTION_NAME, ("section",)),
    (ENTITY_ROLE, ENTITY_KINDS),
    (ROLE_OF, ENTITY_KINDS),
    (ADJECTIVE_ROLE, ("adjective",)),
)


@dataclass(frozen=True, slots=True)
class Style:
    """The habits of a document.

    Attributes
    ----------
    sections : bool
        Speakers are introduced with their delegations: "AMA OWUSU (Ghana) said …".
    capitals : bool
        Speakers stand in capitals, as in bulletins of environmental negotiations: "GHANA said …".
    bare : bool
        A country's bare name is the usual subject of what it says: "Ghana said …".
    """

    sections: bool
    capitals: bool
    bare: bool


def read_style(names: DocumentNames) -> Style:
    """Tell how a document reports.

    Parameters
    ----------
    names : DocumentNames
        The document's names.

    Returns
    -------
    Style
    """
    capitals = _in_capitals(names)
    return Style(
        sections=sum(len(v) for v in names.introductions.values()) >= 3,
        capitals=capitals,
        bare=capitals or _by_bare_names(names),
    )


def _in_capitals(names: DocumentNames) -> bool:
    upper = lower = 0
    for s in names.sentences:
        if s.heading:
            continue
        for n in names.names[s.number]:
            if n.kind in ENTITY_KINDS and len(n.text) > 3:
                upper += n.text.isupper()
                lower += not n.text.isupper()
    return upper >= 5 and upper >= 0.5 * (upper + lower)


def _by_bare_names(names: DocumentNames) -> bool:
    skeletons = [names.skeletons[s.number] for s in names.sentences if not s.heading]
    bare = sum(bool(_BARE_SUBJECT.match(skeleton.text)) for skeleton in skeletons)
    if bare < 4:
        return False
    roles = sum(any(p.search(x.text) for p, kinds in _ROLES if not x.kinds.isdisjoint(kinds)) for x in skeletons)
    return bare > roles
