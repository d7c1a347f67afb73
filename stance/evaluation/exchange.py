"""Exchange every delegation's name for another one: does a label hang on who speaks?

A classifier that reads names can learn countries instead of arguments. What masking spares it is measured by giving each
delegation of a statement the name of another of its kind, the same one wherever it occurs, and counting the labels
that change. Where names are masked none should.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

import numpy as np

from stance.annotations import MASKED_SPEAKER, Annotation
from stance.attribution.types import UNNAMED
from stance.delegations import Registry, load_registry
from stance.encoding import find_names

__all__ = ["exchange_names", "stand_alone"]

#: States whose short name takes an article in running text.
_WITH_ARTICLE = re.compile(
    r"(?:.*\b(?:Republic|Islands|Federation|Emirates|United|State)\b.*"
    r"|Holy See|Netherlands|Philippines|Bahamas|Gambia|Maldives|Comoros|Niger|Sudan|Congo)"
)
#: Forms of a name that are replaced by the same form of another one; the others by its short name.
_KEPT = ("demonym", "capital", "abbreviation")
_DETERMINER = re.compile(r"\b(?:an?|its|his|her|their|our|this|that|another) $", re.IGNORECASE)


def stand_alone(annotations: Sequence[Annotation]) -> list[Annotation]:
    """Return statements cut from their documents, so that their own text and context are what is encoded."""
    return [dataclasses.replace(a, start=None, end=None, origin="authored") for a in annotations]


def exchange_names(annotations: Sequence[Annotation], seed: int, registry: Registry | None = None) -> list[Annotation]:
    """Give every delegation that the statements name the name of another one of its kind.

    Parameters
    ----------
    annotations : sequence of Annotation
        Statements; those authored in masked form have no names and stay as they are.
    seed : int
        Seed of the draw. Two delegations never get the same name, and none gets one that occurs in the statements.
    registry : Registry, optional
        The package's own when left out.

    Returns
    -------
    list of Annotation
        The statements with other names in text and context and the other speaker's code, cut from their documents; to be
        compared with :func:`stand_alone` of the same statements.

    Notes
    -----
    A name goes with its article, which fits the new one. Capitals that stand for a government and adjectives are exchanged
    for those of the new delegation where the registry has them.
    """
    registry = registry or load_registry()
    alone = stand_alone(annotations)
    extra = sorted({(a.speaker, a.speaker_name) for a in alone if a.speaker_name and a.speaker != UNNAMED})
    texts = {t for a in alone for t in (a.text, *a.context.split("\n"))}
    codes = {n.code for t in texts for n in find_names(t, registry, extra)}
    codes |= {a.speaker for a in alone} - {UNNAMED, MASKED_SPEAKER}
    other = _draw(sorted(codes), seed, registry)
    done = {t: _exchange(t, other, registry, extra) for t in sorted(texts)}
    return [
        dataclasses.replace(
            a,
            text=done[a.text],
            context="\n".join(done[c] for c in a.context.split("\n")),
            speaker=other.get(a.speaker, a.speaker),
            speaker_name=registry.get(other[a.speaker]).name if a.speaker in other else a.speaker_name,
        )
        for a in alone
    ]


def _draw(codes: Sequence[str], seed: int, registry: Registry) -> dict[str, str]:
    """Return another delegation for each, of the same kind; what the registry lacks counts as an organization."""
    rng = np.random.default_rng(seed)
    found: dict[str, str] = {}
    for kind in ("state", "group", "organization"):
        own = [c for c in codes if (registry.get(c).kind if c in registry else "organization") == kind]
        pool = [d.code for d in registry if d.kind == kind and d.code not in codes]
        if len(pool) < len(own):
            # Too few strangers: they take each other's names.
            places = rng.permutation(len(own))
            found.update((own[places[i]], own[places[i - 1]]) for i in range(len(own)))
            continue
        found.update(zip(own, (pool[i] for i in rng.choice(len(pool), len(own), replace=False)), strict=True))
    return found


def _form(code: str, kind: str, registry: Registry) -> str | None:
    """Return the new delegation's name of one kind, where that kind can be told from another's ("Congolese" cannot)."""
    for alias in registry.aliases:
        if alias.code == code and alias.type == kind:
            found = registry.find(f"the {alias.text} delegate", frozenset({kind}))
            if [m.code for m in found] == [code]:
                return alias.text
    return None


def _exchange(text: str, other: dict[str, str], registry: Registry, extra: Sequence[tuple[str, str]]) -> str:
    out: list[str] = []
    position = 0
    for name in find_names(text, registry, extra):
        code = other[name.code]
        before = text[position : name.start]
        new = _form(code, name.kind, registry) if name.kind in _KEPT else None
        if new is None:
            new = registry.get(code).name
            article = re.search(r"\b([Tt]he) $", before)
            opens = article[1] == "The" if article else not out and not before.strip()
            before = before[: article.start()] if article else before
            if registry.get(code).kind != "state" or _WITH_ARTICLE.fullmatch(new):
                # "its Peru office": no second determiner.
                new = new if _DETERMINER.search(before) else f"{'The' if opens else 'the'} {new}"
        out += [before, new]
        position = name.end
    return "".join(out) + text[position:]
