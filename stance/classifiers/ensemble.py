"""Several classifiers whose probabilities are averaged.

Classifiers that err differently correct one another, and equal ones that differ in nothing but their seed err less
often than one of them (Lakshminarayanan et al., 2017). The members are whole classifiers of any kind, each in a folder
of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.classifiers.base import Floats, StanceClassifier
from stance.encoding import Encoded
from stance.prompting.costs import Cost

__all__ = ["EnsembleClassifier"]


class EnsembleClassifier(StanceClassifier):
    """Weighted mean of the probabilities of several classifiers.

    Parameters
    ----------
    members : tuple of mapping
        Configurations of the members: ``kind`` and the parameters of that kind without ``seed``. At least two.
    weights : tuple of float, optional
        Weight of each member, 0 or more, in any unit; all weigh the same when left out.
    seed : int
        Member ``i`` gets ``seed + i``, so that members of equal configuration differ.
    """

    kind = "ensemble"
    #: Show the members' bars on standard error while training.
    progress: bool = False

    def __init__(
        self,
        members: tuple[Mapping[str, Any], ...] = (),
        weights: tuple[float, ...] | None = None,
        seed: int = 13,
    ) -> None:
        self.members = members
        self.weights = weights
        self.seed = seed

    def _shares(self) -> Floats:
        """Return the members' shares of the mean, summing to 1."""
        if len(self.members) < 2:
            raise ValueError("an ensemble needs at least two members")
        weights = np.ones(len(self.members)) if self.weights is None else np.array(self.weights, dtype=float)
        if len(weights) != len(self.members):
            raise ValueError(f"{len(weights)} weights for {len(self.members)} members")
        if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0):
            raise ValueError("weights must be 0 or more, and not all 0")
        shares: Floats = weights / weights.sum()
        return shares

    def _new_member(self, i: int) -> StanceClassifier:
        from stance.classifiers import classifier_class

        params = {key: value for key, value in self.members[i].items() if key != "kind"}
        member = classifier_class(self.members[i]["kind"])(**params, seed=self.seed + i)
        if hasattr(member, "progress"):
            member.progress = self.progress
        return member

    def _fit(self, X: list[Encoded], y: NDArray[np.str_], groups: list[str] | None) -> None:
        # Before the first member trains for an hour.
        self._shares()
        labels = [str(label) for label in y]
        self._fitted = [self._new_member(i).fit(X, labels, groups) for i in range(len(self.members))]

    @property
    def remote(self) -> bool:  # type: ignore[override]
        """Whether a member asks a server."""
        return any(m.remote for m in getattr(self, "_fitted", ()))

    @property
    def unanswered(self) -> Mapping[Encoded, str]:
        return {x: why for m in self._fitted for x, why in m.unanswered.items()}

    def cost(self, X: Sequence[Encoded]) -> Cost:
        return sum((m.cost(X) for m in self._fitted), Cost(len(set(X))))

    def groups_shown(self) -> frozenset[str]:
        return frozenset[str]().union(*(m.groups_shown() for m in self._fitted))

    def asked(self) -> dict[str, Any] | None:
        found = [a for m in self._fitted if (a := m.asked()) is not None]
        return {"members": found} if found else None

    def move(self, device: str) -> None:
        for member in self._fitted:
            member.move(device)

    def forget(self) -> None:
        for member in self._fitted:
            member.forget()

    def _proba(self, X: list[Encoded]) -> Floats:
        # Every classifier sorts classes_ alike, so the columns agree.
        each = [m.predict_proba(X) for m in self._fitted]
        return np.asarray(sum(share * proba for share, proba in zip(self._shares(), each, strict=True)))

    def _write(self, folder: Path) -> None:
        for i, member in enumerate(self._fitted):
            place = folder / f"member-{i}"
            place.mkdir(exist_ok=True)
            member.save(place)

    def _read(self, folder: Path) -> None:
        self._shares()
        self._fitted = [StanceClassifier.load(folder / f"member-{i}") for i in range(len(self.members))]
        for i, (member, record) in enumerate(zip(self._fitted, self.members, strict=True)):
            if member.kind != record["kind"]:
                raise ValueError(f"member-{i} is a {member.kind} classifier, not a {record['kind']} classifier")
