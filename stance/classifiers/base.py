"""The protocol of all classifiers: scikit-learn's, with folders of plain files instead of pickles.

A classifier is a scikit-learn estimator over sequences of :class:`stance.encoding.Encoded`; ``classes_`` is sorted as
scikit-learn expects, and :func:`probabilities` reorders to the package's own order (for, against, neutral).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError

from stance.encoding import Encoded
from stance.errors import ModelError
from stance.targets import STANCES

__all__ = ["NotFitted", "StanceClassifier", "probabilities"]

Floats = NDArray[np.float64]


class NotFitted(ModelError, NotFittedError):  # type: ignore[misc]
    """A classifier was used before ``fit`` or ``load``; also scikit-learn's ``NotFittedError``."""


class StanceClassifier(ClassifierMixin, BaseEstimator, ABC):  # type: ignore[misc]
    """Base class of the classifiers.

    A subclass sets ``kind`` (the name in configurations and model folders), and implements ``_fit``, ``_proba``,
    ``_write`` and ``_read``.
    """

    kind: str = ""
    classes_: NDArray[np.str_]

    def fit(self, X: Sequence[Encoded], y: Sequence[str]) -> Self:
        """Fit on encoded statements.

        Parameters
        ----------
        X : sequence of Encoded, length n
        y : sequence of str, length n
            Labels, each ``for``, ``against`` or ``neutral``.

        Returns
        -------
        self

        Raises
        ------
        ModelError
            If there are no statements, or the lengths differ.
        """
        if len(X) != len(y):
            raise ModelError(f"cannot fit: {len(X)} statements but {len(y)} labels")
        if not len(X):
            raise ModelError("cannot fit: there are no statements")
        unknown = sorted(set(map(str, y)) - set(STANCES))
        if unknown:
            raise ModelError(f"cannot fit: {unknown[0]!r} is not one of {', '.join(STANCES)}")
        self.classes_ = np.array(sorted(STANCES))
        try:
            self._fit(list(X), np.asarray(y))
        except ValueError as error:
            del self.classes_
            raise ModelError(f"cannot fit: {error}") from None
        return self

    def predict_proba(self, X: Sequence[Encoded]) -> Floats:
        """Return probabilities, shape (n, 3), columns in the order of ``classes_``."""
        if not hasattr(self, "classes_"):
            raise NotFitted(f"this {self.kind} classifier is not fitted; call fit or load")
        return self._proba(list(X)) if len(X) else np.zeros((0, len(self.classes_)))

    def predict(self, X: Sequence[Encoded]) -> NDArray[np.str_]:
        """Return the most probable label of each statement, shape (n,)."""
        proba = self.predict_proba(X)
        labels: NDArray[np.str_] = self.classes_[proba.argmax(axis=1)]
        return labels

    def save(self, folder: Path) -> None:
        """Write parameters and weights into an existing folder, as JSON and safetensors."""
        if not hasattr(self, "classes_"):
            raise NotFitted(f"this {self.kind} classifier is not fitted; there is nothing to save")
        params: dict[str, Any] = {"kind": self.kind, "params": self.get_params()}
        (folder / "classifier.json").write_text(json.dumps(params, indent=2) + "\n", encoding="utf-8")
        self._write(folder)

    @classmethod
    def load(cls, folder: Path) -> StanceClassifier:
        """Load a classifier that :meth:`save` wrote.

        Raises
        ------
        ModelError
            If the folder holds no classifier, or one of an unknown kind.
        """
        from stance.classifiers import classifier_class

        path = Path(folder) / "classifier.json"
        if not path.is_file():
            raise ModelError(f"{folder}: no model here (classifier.json is missing)")
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            params = {key: _as_tuples(value) for key, value in raw["params"].items()}
            loaded = classifier_class(raw["kind"])(**params)
            loaded.classes_ = np.array(sorted(STANCES))
            loaded._read(Path(folder))
        except (AttributeError, LookupError, TypeError, ValueError, OSError, SafetensorError) as error:
            raise ModelError(f"{folder}: the model cannot be read: {error}") from None
        return loaded

    @abstractmethod
    def _fit(self, X: list[Encoded], y: NDArray[np.str_]) -> None: ...

    @abstractmethod
    def _proba(self, X: list[Encoded]) -> Floats: ...

    @abstractmethod
    def _write(self, folder: Path) -> None: ...

    @abstractmethod
    def _read(self, folder: Path) -> None: ...


def _as_tuples(value: Any) -> Any:
    """Return a value of JSON with its lists as tuples, at any depth; parameters are tuples."""
    if isinstance(value, list):
        return tuple(map(_as_tuples, value))
    return {key: _as_tuples(v) for key, v in value.items()} if isinstance(value, dict) else value


def probabilities(classifier: StanceClassifier, X: Sequence[Encoded]) -> Floats:
    """Return probabilities in the package's order (for, against, neutral), shape (n, 3)."""
    order = [list(classifier.classes_).index(s) for s in STANCES]
    return np.asarray(classifier.predict_proba(X))[:, order]


def full_columns(proba: Floats, classes: Sequence[str]) -> Floats:
    """Spread probabilities over all three labels where training data lacked one."""
    out = np.zeros((len(proba), len(STANCES)))
    for column, label in enumerate(sorted(STANCES)):
        if label in classes:
            out[:, column] = proba[:, list(classes).index(label)]
    return out
