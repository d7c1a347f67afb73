"""Targets: the proposals that stance is measured against, and the labels that a stance can have.

A target is a small YAML file (``configs/targets/cybercrime-convention.yaml``) with ``id``, ``name``, ``description``
and ``aliases``. Researchers add their own treaty by writing one; no code knows any of them.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from stance.errors import ConfigError
from stance.resources import targets_folder

__all__ = ["DEFAULT_TARGET", "STANCES", "Stance", "Target", "known_targets", "load_target", "speaks_of"]

Stance = Literal["for", "against", "neutral"]
#: The order of every probability vector of the package.
STANCES: tuple[Stance, Stance, Stance] = ("for", "against", "neutral")
DEFAULT_TARGET = "cybercrime-convention"
_FIELDS = ("id", "name", "description", "aliases")


@dataclass(frozen=True)
class Target:
    """A proposed instrument.

    Attributes
    ----------
    id : str
        Short name, equal to the name of its file.
    name : str
        What a classifier reads: a noun phrase such as "A new United Nations convention on cybercrime".
    description : str
        One or two sentences that say what is proposed and what it must not be confused with.
    aliases : tuple of str
        Other names under which summaries speak of it.
    """

    id: str
    name: str
    description: str = ""
    aliases: tuple[str, ...] = ()


#: Targets that were loaded from files of a user's own, by id.
_own: dict[str, Target] = {}


def known_targets() -> list[str]:
    """Return the ids of the targets that ship with the package, sorted."""
    return sorted(p.stem for p in targets_folder().glob("*.yaml"))


def load_target(name: str) -> Target:
    """Load a target by its id or from a YAML file.

    Parameters
    ----------
    name : str
        ``cybercrime-convention`` or ``path/to/my_treaty.yaml``. A target that was loaded from a file is known by its id from
        then on, so that annotations can name it; the package's own ids stay the package's.

    Returns
    -------
    Target

    Raises
    ------
    ConfigError
        If there is no such target, or the file is not a mapping with at least ``id`` and ``name``; the message names
        the file and the field.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else targets_folder() / f"{name}.yaml"
    if name in _own and not path.is_file():
        return _own[name]
    if not path.is_file():
        near = difflib.get_close_matches(name, known_targets(), 1, cutoff=0.75)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known_targets())}."
        raise ConfigError(
            f"target {name!r}: not found; {hint} A target of your own is named by its file: --target my_treaty.yaml, "
            "in training --set target=my_treaty.yaml; then annotations can name it by its id"
        )
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: a target is a mapping with the fields {', '.join(_FIELDS)}")
    for key in raw:
        if key not in _FIELDS:
            near = difflib.get_close_matches(str(key), _FIELDS, 1)
            raise ConfigError(f"{path}: {key}: unknown field" + (f"; did you mean {near[0]!r}?" if near else ""))
    for key in ("id", "name"):
        if not isinstance(raw.get(key), str) or not raw[key].strip():
            raise ConfigError(f"{path}: {key}: must be a non-empty text")
    if not isinstance(raw.get("description") or "", str):
        raise ConfigError(f"{path}: description: must be a text")
    aliases = raw.get("aliases") or []
    if not isinstance(aliases, list) or not all(isinstance(a, str) for a in aliases):
        raise ConfigError(f"{path}: aliases: must be a list of texts")
    target = Target(raw["id"], raw["name"].strip(), str(raw.get("description") or "").strip(), tuple(aliases))
    _own[target.id] = target
    return target


#: Words of names of treaties that say nothing about what a treaty is about.
_GENERAL = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "on",
        "in",
        "to",
        "for",
        "and",
        "or",
        "with",
        "by",
        "from",
        "its",
        "their",
        "all",
        "new",
        "legally",
        "binding",
        "international",
        "global",
        "universal",
        "united",
        "nations",
        "convention",
        "treaty",
        "covenant",
        "protocol",
        "agreement",
        "instrument",
        "pact",
        "framework",
        "compact",
        "declaration",
        "resolution",
        "proposal",
        "proposed",
        "draft",
        "future",
        "comprehensive",
        "additional",
        "optional",
        "multilateral",
        "intergovernmental",
        "rights",
        "law",
        "use",
        "against",
        "prevention",
        "protection",
        "cooperation",
        "purposes",
        "persons",
        "people",
        "matters",
        "system",
        "other",
        "member",
        "states",
    ]
)


@lru_cache(maxsize=256)
def _subject(target: Target) -> re.Pattern[str] | None:
    """Return a pattern of the words that say what a target is about; None where its names hold none."""
    words = {w for text in (target.name, *target.aliases) for w in re.findall(r"[^\W\d_]+", text.casefold())}
    # "forest" is in "forests", "cyber" in "cybercrime" and "cyberspace".
    stems = {
        w[: max(5, len(w) - (5 if len(w) > 9 else 3))] if len(w) > 5 else w for w in words - _GENERAL if len(w) > 2
    }
    return re.compile("|".join(rf"\b{re.escape(s)}" for s in sorted(stems))) if stems else None


def speaks_of(text: str, target: Target) -> bool:
    """Tell whether a text holds any word of what a target is about.

    Parameters
    ----------
    text : str
    target : Target

    Returns
    -------
    bool
        True also where the names of the target hold no such word.
    """
    subject = _subject(target)
    return subject is None or subject.search(text.casefold()) is not None
