"""Which statements a person should label first (active learning; Settles, 2009).

``uncertain-diverse``, the usual choice, takes those that the model is unsure of and that are unlike those taken before: ten copies of one doubtful phrase teach no more than one. ``random`` is the only one whose labels say how good
a model is: a sample that was chosen for its difficulty is no sample of the texts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stance.annotating.items import Item
from stance.errors import ConfigError

__all__ = ["STRATEGIES", "rank"]

Floats = NDArray[np.float64]
STRATEGIES = ("uncertain-diverse", "least-confident", "margin", "entropy", "diverse", "random", "text")
#: As many are chosen with a view to one another; the rest follow by doubt alone.
_CHOSEN = 1000


def rank(items: Sequence[Item], strategy: str, limit: int | None = None, *, seed: int = 13) -> list[Item]:
    """Return the items to be labelled, the first ones first.

    Parameters
    ----------
    items : sequence of Item, length n
    strategy : str
        ``least-confident`` (the most probable label is improbable; Lewis & Gale, 1994), ``margin`` (the two most probable
        are close; Scheffer et al., 2001), ``entropy`` (of the three probabilities), ``diverse`` (each as far as possible
        from those before it, by the words of sentence and context; Sener & Savarese, 2018), ``uncertain-diverse`` (doubt,
        as for least-confident, times that distance), ``random``, or ``text`` (as they stand).
    limit : int, optional
        How many; all when left out.
    seed : int, default 13
        Of the random order.

    Returns
    -------
    list of Item, length min(n, limit)

    Raises
    ------
    ConfigError
        If the strategy is not known, or the limit is no number of items.
    """
    if strategy not in STRATEGIES:
        raise ConfigError(f"--query {strategy}: not one of {', '.join(STRATEGIES)}")
    if limit is not None and limit < 1:
        raise ConfigError(f"--limit {limit}: must be 1 or more")
    count = len(items) if limit is None else min(limit, len(items))
    if not count:
        return []
    if strategy == "text":
        order = list(range(len(items)))
    elif strategy == "random":
        order = np.random.default_rng(seed).permutation(len(items)).tolist()
    elif strategy == "diverse":
        order = _far_apart(items, np.ones(len(items)), count)
    else:
        proba = np.array([item.p for item in items])
        doubt = _doubt(proba, "least-confident" if strategy == "uncertain-diverse" else strategy)
        order = np.argsort(-doubt, kind="stable").tolist()
        if strategy == "uncertain-diverse":
            chosen = _far_apart(items, doubt, min(count, _CHOSEN))
            taken = set(chosen)
            order = [*chosen, *(i for i in order if i not in taken)]
    return [items[i] for i in order[:count]]


def _doubt(proba: Floats, measure: str) -> Floats:
    """Return how doubtful each row of probabilities is, shape (n,); more is more."""
    ordered = np.sort(proba, axis=1)
    if measure == "least-confident":
        return 1.0 - ordered[:, -1]
    if measure == "margin":
        return 1.0 - (ordered[:, -1] - ordered[:, -2])
    positive = np.where(proba > 0, proba, 1.0)
    found: Floats = -(proba * np.log(positive)).sum(axis=1)
    return found


def _far_apart(items: Sequence[Item], weight: Floats, count: int) -> list[int]:
    """Return items, each with the greatest product of weight and distance to those before it; the heaviest is the first."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(token_pattern=r"(?u)\b\w+\b", sublinear_tf=True).fit_transform(
        [f"{item.context} {item.text}" for item in items]
    )
    nearest = np.zeros(len(items))
    chosen: list[int] = []
    while len(chosen) < count:
        # Rows have length one, and so the product of two is their likeness.
        value = weight * (1.0 - nearest)
        value[chosen] = -np.inf
        following = int(np.argmax(value))
        chosen.append(following)
        nearest = np.maximum(nearest, np.asarray((vectors @ vectors[following].T).todense()).ravel())
    return chosen
