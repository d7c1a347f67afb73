"""TF-IDF of words and characters with logistic regression: the lexical baseline.

The sentence and its context are separate fields, so that a word weighs differently in each.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from stance.classifiers.base import Floats, StanceClassifier, full_columns
from stance.encoding import Encoded

__all__ = ["TfidfClassifier"]


class TfidfClassifier(StanceClassifier):
    """TF-IDF and logistic regression.

    Parameters
    ----------
    words : (int, int)
        Shortest and longest word n-gram of sentence and context.
    characters : (int, int) or None
        Shortest and longest character n-gram inside the words of the sentence.
    min_df : int
        Statements that a term must occur in.
    c : float
        Inverse strength of the L2 penalty.
    balanced : bool
        Weigh labels by inverse frequency.
    seed : int
        Unused by the solver; kept in the model's record.
    """

    kind = "tfidf"

    def __init__(
        self,
        words: tuple[int, int] = (1, 2),
        characters: tuple[int, int] | None = (3, 5),
        min_df: int = 1,
        c: float = 1.0,
        balanced: bool = True,
        seed: int = 13,
    ) -> None:
        self.words = words
        self.characters = characters
        self.min_df = min_df
        self.c = c
        self.balanced = balanced
        self.seed = seed

    def _fields(self) -> list[tuple[str, TfidfVectorizer]]:
        word = {
            "ngram_range": tuple(self.words),
            "min_df": self.min_df,
            "sublinear_tf": True,
            "token_pattern": r"\[?\w+\]?",
        }
        fields = [("text", TfidfVectorizer(**word)), ("context", TfidfVectorizer(**word))]
        if self.characters:
            span = tuple(self.characters)
            fields.append(
                ("text", TfidfVectorizer(analyzer="char_wb", ngram_range=span, min_df=self.min_df, sublinear_tf=True))
            )
        return fields

    @staticmethod
    def _column(X: list[Encoded], field: str) -> list[str]:
        # A field that is empty everywhere (context=0) would leave the vectorizer without a vocabulary.
        return [getattr(x, field) or "[NONE]" for x in X]

    def _fit(self, X: list[Encoded], y: NDArray[Any], groups: list[str] | None) -> None:
        self._vectorizers = self._fields()
        features = hstack([v.fit_transform(self._column(X, field)) for field, v in self._vectorizers], format="csr")
        self._model = LogisticRegression(C=self.c, class_weight="balanced" if self.balanced else None, max_iter=2000)
        self._model.fit(features, y)

    def _features(self, X: list[Encoded]) -> csr_matrix:
        return hstack([v.transform(self._column(X, field)) for field, v in self._vectorizers], format="csr")

    def _proba(self, X: list[Encoded]) -> Floats:
        return full_columns(self._model.predict_proba(self._features(X)), list(self._model.classes_))

    def _write(self, folder: Path) -> None:
        vocabularies = [[t for t, _ in sorted(v.vocabulary_.items(), key=lambda i: i[1])] for _, v in self._vectorizers]
        record = {"labels": list(map(str, self._model.classes_)), "vocabularies": vocabularies}
        (folder / "vocabulary.json").write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")
        tensors = {f"idf.{i}": np.asarray(v.idf_) for i, (_, v) in enumerate(self._vectorizers)}
        tensors |= {"coef": self._model.coef_, "intercept": self._model.intercept_}
        (folder / "weights.safetensors").write_bytes(save({k: np.ascontiguousarray(v) for k, v in tensors.items()}))

    def _read(self, folder: Path) -> None:
        record = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        tensors = load_file(folder / "weights.safetensors")
        self._vectorizers = self._fields()
        for i, (_, vectorizer) in enumerate(self._vectorizers):
            vectorizer.vocabulary_ = {term: j for j, term in enumerate(record["vocabularies"][i])}
            vectorizer.idf_ = tensors[f"idf.{i}"]
        self._model = LogisticRegression(C=self.c)
        self._model.classes_ = np.array(record["labels"])
        self._model.coef_ = tensors["coef"]
        self._model.intercept_ = tensors["intercept"]
