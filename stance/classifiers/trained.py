"""A model that was trained before, as a member of an ensemble: named, not copied."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from stance.classifiers.base import Floats, StanceClassifier
from stance.encoding import Encoded
from stance.errors import ModelError
from stance.prompting.costs import Cost

__all__ = ["TrainedClassifier"]


class TrainedClassifier(StanceClassifier):
    """The classifier of a trained model, without the calibration and the decision rule of that model.

    ``fit`` learns nothing. What is stored is the name of the model and the digest of its weights and settings.

    Parameters
    ----------
    start : str
        Model folder, hub id, or name of a model in the package.
    seed : int
        Of no consequence.
    """

    kind = "trained"

    def __init__(self, start: str = "default", seed: int = 13) -> None:
        self.start = start
        self.seed = seed

    def _load(self) -> str:
        """Load the model and return its digest."""
        # The model of a run loads classifiers, this one among them.
        from stance.model import Classifier

        model = Classifier.load(self.start)
        self._estimator = model.estimator
        return model.digest

    def _fit(self, X: list[Encoded], y: NDArray[Any], groups: list[str] | None) -> None:
        self._digest = self._load()

    def _proba(self, X: list[Encoded]) -> Floats:
        # Every classifier sorts classes_ alike, so the columns agree.
        return self._estimator.predict_proba(X)

    @property
    def remote(self) -> bool:  # type: ignore[override]
        """Whether the model asks a server."""
        return hasattr(self, "_estimator") and self._estimator.remote

    @property
    def unanswered(self) -> Mapping[Encoded, str]:
        return self._estimator.unanswered

    def cost(self, X: Sequence[Encoded]) -> Cost:
        return self._estimator.cost(X)

    def groups_shown(self) -> frozenset[str]:
        return self._estimator.groups_shown()

    def asked(self) -> dict[str, Any] | None:
        return self._estimator.asked()

    def move(self, device: str) -> None:
        self._estimator.move(device)

    def forget(self) -> None:
        self._estimator.forget()

    def _write(self, folder: Path) -> None:
        (folder / "trained.json").write_text(json.dumps({"digest": self._digest}) + "\n", encoding="utf-8")

    def _read(self, folder: Path) -> None:
        self._digest = str(json.loads((folder / "trained.json").read_text(encoding="utf-8"))["digest"])
        found = self._load()
        if found != self._digest:
            raise ModelError(
                f"{folder}: made with another state of {self.start} (digest {self._digest[:12]}…, now {found[:12]}…); "
                "train it again"
            )
