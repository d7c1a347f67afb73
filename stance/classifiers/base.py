"""The protocol of all classifiers: scikit-learn's, with folders of plain files instead of pickles.

A classifier is a scikit-learn estimator over sequences of :class:`stance.encoding.Encoded`; ``classes_`` is sorted as
scikit-learn expects, and :func:`probabilities` reorders to the package's own order (for, against, neutral).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError

from stance.encoding import Encoded
from stance.errors import ModelError
from stance.positions import check_answered
from stance.prompting.costs import Cost
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
    #: Whether ``fit`` takes probabilities of labels as well as labels (to learn from another model's judgement).
    soft_labels: bool = False
    #: Whether there is nothing to fit without statements.
    needs_statements: bool = True
    #: Whether statements leave this machine, to a server that may not answer.
    remote: bool = False
    classes_: NDArray[np.str_]

    def fit(self, X: Sequence[Encoded], y: Sequence[str] | Floats, groups: Sequence[str] | None = None) -> Self:
        """Fit on encoded statements.

        Parameters
        ----------
        X : sequence of Encoded, length n
        y : sequence of str, length n, or ndarray of shape (n, 3)
            Labels, each ``for``, ``against`` or ``neutral``; or, for a classifier with ``soft_labels``, probabilities of
            the labels in the order of ``classes_`` (against, for, neutral).
        groups : sequence of str, length n, optional
            Groups of statements that a division inside the fit (early stopping) must not tear apart. A classifier
            that divides nothing ignores them.

        Returns
        -------
        self

        Raises
        ------
        ModelError
            If there are no statements, the lengths differ, or the labels are none.
        """
        if len(X) != len(y):
            raise ModelError(f"cannot fit: {len(X)} statements but {len(y)} labels")
        if not len(X) and self.needs_statements:
            raise ModelError("cannot fit: there are no statements")
        if groups is not None and len(groups) != len(X):
            raise ModelError(f"cannot fit: {len(X)} statements but {len(groups)} groups")
        self.classes_ = np.array(sorted(STANCES))
        try:
            self._fit(list(X), self._labels(y), None if groups is None else list(map(str, groups)))
        except (ValueError, ModelError) as error:
            del self.classes_
            raise error if isinstance(error, ModelError) else ModelError(f"cannot fit: {error}") from None
        return self

    def _labels(self, y: Sequence[str] | Floats) -> NDArray[Any]:
        """Return valid labels, shape (n,), or valid probabilities of them, shape (n, 3)."""
        found = np.asarray(y)
        if found.ndim == 1:
            unknown = sorted(set(map(str, found)) - set(STANCES))
            if unknown:
                raise ValueError(f"{unknown[0]!r} is not one of {', '.join(STANCES)}")
            return found.astype(str)
        if not self.soft_labels:
            raise ValueError(f"a {self.kind} classifier learns from labels, not from probabilities")
        if found.ndim != 2 or found.shape[1] != len(STANCES):
            raise ValueError(f"probabilities of labels have the shape (n, {len(STANCES)}), not {found.shape}")
        found = found.astype(np.float64)
        if not (np.isfinite(found).all() and (found >= 0).all() and np.allclose(found.sum(axis=1), 1, atol=1e-6)):
            raise ValueError("probabilities of labels are not negative and sum to 1 for each statement")
        return found

    def predict_proba(self, X: Sequence[Encoded]) -> Floats:
        """Return probabilities, shape (n, 3), columns in the order of ``classes_``.

        Equal statements are judged once, so that they get equal probabilities to the last digit. A statement that a server
        gave no label has probabilities that are no numbers.
        """
        if not hasattr(self, "classes_"):
            raise NotFitted(f"this {self.kind} classifier is not fitted; call fit or load")
        if not len(X):
            return np.zeros((0, len(self.classes_)))
        place = {x: i for i, x in enumerate(dict.fromkeys(X))}
        return self._proba(list(place))[[place[x] for x in X]]

    def predict(self, X: Sequence[Encoded]) -> NDArray[np.str_]:
        """Return the most probable label of each statement, shape (n,)."""
        proba = self.predict_proba(X)
        check_answered(proba)
        labels: NDArray[np.str_] = self.classes_[proba.argmax(axis=1)]
        return labels

    @property
    def unanswered(self) -> Mapping[Encoded, str]:
        """Statements that have no label, because a server gave none, and why."""
        return {}

    def cost(self, X: Sequence[Encoded]) -> Cost:
        """Return what labelling these statements would cost, where a server is asked; nothing is sent."""
        return Cost(len(set(X)))

    def asked(self) -> dict[str, Any] | None:
        """Return what was asked of a server so far, for a manifest; None where there is no server."""
        return None

    def groups_shown(self) -> frozenset[str]:
        """Return the groups of annotated statements that its prompts show; it must not be asked about those."""
        return frozenset()

    def forget(self) -> None:
        """Drop what was kept of earlier statements to save time; what it answers must then not hang on them.

        The last digits of a vector come with the texts beside it in a batch, and a batch leaves out what is known.
        """

    def move(self, device: str) -> None:
        """Compute on another device of torch from now on, where that makes a difference."""

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
    def _fit(self, X: list[Encoded], y: NDArray[Any], groups: list[str] | None) -> None: ...

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
