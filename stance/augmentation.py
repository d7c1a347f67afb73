"""Other forms of training statements that keep their label.

A sentence says by itself where its speaker stands, or it does not ("echoed that view"). Where it does, what stands before
it must not change the label; a classifier that reads both tends to let the side of one speaker leak to the next. So
some statements are read once more behind what another speaker said about the same target, whichever side that was
(counterfactual augmentation after Kaushik et al., 2020, but with the label kept).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stance.annotations import Annotation
from stance.encoding import OTHER, SPEAKER, Encoded

__all__ = ["exchange_contexts"]

#: Bases of statements that say by themselves where the speaker stands, or that nothing is said.
_ALONE = frozenset({"explicit", "implicit", "none"})


def exchange_contexts(
    annotations: Sequence[Annotation], encoded: Sequence[Encoded], groups: Sequence[str], share: float, seed: int
) -> list[Encoded]:
    """Put some statements behind sentences of another speaker on the same target.

    Parameters
    ----------
    annotations : sequence of Annotation, length n
        Labelled statements; only those with basis ``explicit``, ``implicit`` or ``none`` are changed.
    encoded : sequence of Encoded, length n
        Masked. A statement that does not name its speaker in its own sentence is left alone: behind the words of
        another one its pronoun would be that one's.
    groups : sequence of str, length n
        Groups (meeting, contrast set) of the statements; the new context is of another group.
    share : float
        Share of these statements that is changed, 0 to 1.
    seed : int
        Seed of the draws.

    Returns
    -------
    list of Encoded, length n
        The side of the new context is drawn evenly from the three, and so tells nothing of the label.
    """
    rng = np.random.default_rng(seed)
    donors: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, (annotation, item) in enumerate(zip(annotations, encoded, strict=True)):
        if SPEAKER in item.text:
            donors[annotation.target][str(annotation.stance)].append(i)
    out = list(encoded)
    for i, (annotation, item) in enumerate(zip(annotations, encoded, strict=True)):
        if annotation.basis not in _ALONE or SPEAKER not in item.text or rng.random() >= share:
            continue
        stances = sorted(donors[annotation.target])
        found = donors[annotation.target][stances[rng.integers(len(stances))]]
        donor = found[rng.integers(len(found))]
        if groups[donor] == groups[i]:
            continue
        other = encoded[donor]
        before = f"{other.context} {other.text}".strip() if rng.random() < 0.5 else other.text
        out[i] = replace(item, context=before.replace(SPEAKER, OTHER))
    return out
