"""Who can speak at a meeting: states, groups of states and organisations, under all the names that summaries use.

In comes a name or a text, out come stable codes: ISO 3166-1 alpha-3 for states, an upper-case code for anything else.

- :func:`load_registry` gives the registry that ships with the package; it is read once.
- :meth:`Registry.resolve` when the whole string is a name ("Iran (Islamic Republic of)").
- :meth:`Registry.find` when names stand in running text; it gives character offsets.
- :meth:`Registry.members` when a group has to be taken apart, for the year of the meeting.
- :func:`read_registry` for a registry of one's own, in a folder with the same four CSV files.
"""

from __future__ import annotations

from stance.delegations.registry import (
    ALIAS_TYPES,
    DEFAULT_TYPES,
    KINDS,
    Alias,
    Delegation,
    Membership,
    Mention,
    Registry,
    load_registry,
    read_registry,
)

__all__ = [
    "ALIAS_TYPES",
    "DEFAULT_TYPES",
    "KINDS",
    "Alias",
    "Delegation",
    "Membership",
    "Mention",
    "Registry",
    "load_registry",
    "read_registry",
]
