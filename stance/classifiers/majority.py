"""The majority baseline: what a classifier that reads nothing would score."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.classifiers.base import Floats, StanceClassifier
from stance.encoding import Encoded

__all__ = ["MajorityClassifier"]


class MajorityClassifier(StanceClassifier):
    """Predict the label frequencies of the training data for every statement."""

    kind = "majority"

    def __init__(self, seed: int = 13) -> None:
        self.seed = seed

    def _fit(self, X: list[Encoded], y: NDArray[Any], groups: list[str] | None) -> None:
        self.frequencies_ = np.array([np.mean(y == label) for label in self.classes_])

    def _proba(self, X: list[Encoded]) -> Floats:
        return np.tile(self.frequencies_, (len(X), 1))

    def _write(self, folder: Path) -> None:
        (folder / "weights.json").write_text(json.dumps(self.frequencies_.tolist()) + "\n", encoding="utf-8")

    def _read(self, folder: Path) -> None:
        self.frequencies_ = np.array(json.loads((folder / "weights.json").read_text(encoding="utf-8")), dtype=float)
        if self.frequencies_.shape != (3,):
            raise ValueError("weights.json: expected three frequencies")
