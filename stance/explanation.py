"""Which words carried a label: occlusion, for any classifier.

A word's weight is what the probability of the label loses when the word is left out of the sentence (Zeiler & Fergus, 2014;
Li, Monroe & Jurafsky, 2016). That needs nothing of a classifier but its probabilities, and it says what the classifier
went by, not why the label is right. Names of delegations have no weight, because a classifier does not see them.

:func:`explain` explains statements; :func:`deletion_curves` measures whether the weights say the truth: where they do,
leaving out the words from the heaviest on destroys the label sooner than in any other order (``scripts/faithfulness.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stance.attribution import Attribution, Name, Statement
from stance.encoding import Encoded, EncodingOptions, Reading
from stance.model import Classifier
from stance.positions import decide
from stance.progress import Progress
from stance.targets import STANCES, Target

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DeletionCurve", "Explanation", "WordWeight", "deletion_curves", "explain", "word_weights"]

Floats = NDArray[np.float64]
_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")
#: Statements whose variants are classified together.
_TOGETHER = 64


@dataclass(frozen=True, slots=True)
class WordWeight:
    """A word of a statement and what it contributed to the label.

    Attributes
    ----------
    start, end : int
        Offsets into the text of the statement.
    weight : float
        Probability of the label with the word, less that without it; between -1 and 1.
    """

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a statement has its label, as far as single words tell.

    Attributes
    ----------
    stance : str
        The label that is explained.
    p : float
        Its probability.
    words : tuple of WordWeight
        In the order of the text; words in names of delegations are left out.
    context : float
        Probability of the label, less that without the sentences before it; 0 where there are none.
    """

    stance: str
    p: float
    words: tuple[WordWeight, ...]
    context: float


@dataclass(frozen=True, slots=True)
class DeletionCurve:
    """How the probability of a label falls while words are left out.

    Attributes
    ----------
    heaviest, lightest, random : ndarray of shape (k + 1,)
        Probability of the label with 0 to k words left out, the heaviest first, the lightest first, and in random order.
    """

    heaviest: Floats
    lightest: Floats
    random: Floats

    def area(self, order: str) -> float:
        """Return the mean probability of the label along a curve (trapezoids); small where the label is soon destroyed."""
        curve = getattr(self, order)
        return float(np.trapezoid(curve, dx=1 / max(len(curve) - 1, 1))) if len(curve) > 1 else float(curve[0])


def words_of(text: str, names: Sequence[Name]) -> list[tuple[int, int]]:
    """Return the spans of the words of a sentence; names of delegations are none, masked or not."""
    spans = [m.span() for m in _WORD.finditer(text)]
    return [(a, b) for a, b in spans if not any(a < n.end and b > n.start for n in names)]


class _Variants:
    """A statement as a classifier reads it, and as it reads it with some words left out."""

    def __init__(
        self, attribution: Attribution, statement: Statement, encoded: Encoded, options: EncodingOptions
    ) -> None:
        self._read = Reading.of(statement.text, statement.speaker, attribution.names[statement.sentence], options)
        self.whole = encoded
        #: A mere assent is read as what it agrees with: none of its own words decides.
        self._read_back = encoded.text != self._read.own
        self.words = [] if self._read_back else words_of(statement.text, self._read.names)
        before = self._read.before
        self._sentences = encoded.context[: len(encoded.context) - len(before)].rstrip()

    @property
    def has_context(self) -> bool:
        """Whether sentences before the statement are read."""
        return self._read_back or bool(self._sentences)

    def without_context(self) -> Encoded:
        """Return the statement without the sentences before it."""
        return replace(self.whole, context=self._read.before, text=self._read.own)

    def without(self, words: Iterable[int]) -> Encoded:
        """Return the statement without the words of some numbers; it is cut where it was cut with them."""
        if self._read_back:
            return self.whole
        gone = sorted(self.words[i] for i in words)
        read = self._read
        kept: list[str] = []
        position = 0
        for start, end in gone:
            kept.append(read.text[position:start])
            position = end
        text = "".join([*kept, read.text[position:]])

        def moved(at: int) -> int:
            return at - sum(end - start for start, end in gone if end <= at)

        names = tuple(replace(n, start=moved(n.start), end=moved(n.end)) for n in read.names)
        left = replace(read, text=text, names=names, start=moved(read.start), end=moved(read.end))
        context = f"{self._sentences} {left.before}".strip()
        return replace(self.whole, context=context, text=left.own)


def explain(
    model: Classifier,
    items: Sequence[tuple[Attribution, Statement]],
    target: Target | None = None,
    *,
    labels: Sequence[str] | None = None,
    progress: bool = False,
) -> list[Explanation]:
    """Explain the labels of statements by leaving out one word at a time.

    Parameters
    ----------
    model : Classifier
    items : sequence of (Attribution, Statement), length n
        Statements, each with what attribution found in its document.
    target : Target, optional
        The model's own when left out.
    labels : sequence of str, length n, optional
        The labels to explain; those that the model gives when left out.
    progress : bool, default False
        Show a bar on standard error.

    Returns
    -------
    list of Explanation, length n
        It takes as long as labelling every statement once for each of its words.
    """
    parts = _prepare(model, items, target)
    with Progress("explaining", len(parts), "statements", shown=progress) as bar:
        return list(_explained(model, parts, labels, bar.advance))


def _prepare(
    model: Classifier, items: Sequence[tuple[Attribution, Statement]], target: Target | None
) -> list[_Variants]:
    return [
        _Variants(attribution, statement, model.encode(attribution, [statement], target)[0], model.options)
        for attribution, statement in items
    ]


def _explained(
    model: Classifier,
    parts: Sequence[_Variants],
    labels: Sequence[str] | None,
    advance: Callable[[int], None] | None = None,
) -> Iterator[Explanation]:
    for begin in range(0, len(parts), _TOGETHER):
        group = parts[begin : begin + _TOGETHER]
        asked = [[x.whole, x.without_context(), *(x.without([i]) for i in range(len(x.words)))] for x in group]
        model.estimator.forget()
        proba = np.asarray(model.predict_proba([variant for own in asked for variant in own]))
        ends = list(accumulate(map(len, asked)))
        for number, (x, own, end) in enumerate(zip(group, asked, ends, strict=True)):
            p = proba[end - len(own) : end]
            label = labels[begin + number] if labels is not None else decide(p[:1], model.decision.threshold)[0]
            column = p[:, STANCES.index(label)]
            weights = column[0] - column[2:]
            words = tuple(WordWeight(a, b, float(w)) for (a, b), w in zip(x.words, weights, strict=True))
            yield Explanation(label, float(column[0]), words, float(column[0] - column[1]) if x.has_context else 0.0)
        if advance:
            advance(len(group))


def word_weights(texts: Sequence[str], explanations: Sequence[Explanation], *, at_least: int = 2) -> pd.DataFrame:
    """Sum up which words carry which label.

    Parameters
    ----------
    texts : sequence of str, length n
        The statements.
    explanations : sequence of Explanation, length n
        Theirs.
    at_least : int, default 2
        Words in fewer statements of a label are left out.

    Returns
    -------
    pandas.DataFrame
        ``stance``, ``word`` in small letters, ``weight`` (mean over the statements of that label that hold the word) and
        ``statements`` (their number), the heaviest first.
    """
    import pandas as pd

    found: dict[tuple[str, str], list[float]] = {}
    for text, explanation in zip(texts, explanations, strict=True):
        own: dict[str, float] = {}
        for w in explanation.words:
            word = text[w.start : w.end].lower()
            own[word] = max(own.get(word, -1.0), w.weight)
        for word, weight in own.items():
            found.setdefault((explanation.stance, word), []).append(weight)
    rows = [(s, word, float(np.mean(x)), len(x)) for (s, word), x in found.items() if len(x) >= at_least]
    table = pd.DataFrame(rows, columns=["stance", "word", "weight", "statements"])
    return table.sort_values("weight", ascending=False, kind="stable", ignore_index=True)


def deletion_curves(
    model: Classifier,
    items: Sequence[tuple[Attribution, Statement]],
    target: Target | None = None,
    *,
    share: float = 0.5,
    seed: int = 13,
    progress: bool = False,
) -> list[DeletionCurve]:
    """Measure how faithful explanations are: leave out more and more words and follow the label's probability.

    The idea is that of the deletion metric (Petsiuk, Das & Saenko, 2018) and of comprehensiveness (DeYoung et al., 2020).

    Parameters
    ----------
    model : Classifier
    items : sequence of (Attribution, Statement), length n
    target : Target, optional
        The model's own when left out.
    share : float, default 0.5
        Share of the words that is left out in the end, between 0 and 1.
    seed : int, default 13
        Of the random order.
    progress : bool, default False

    Returns
    -------
    list of DeletionCurve, length n
    """
    rng = np.random.default_rng(seed)
    parts = _prepare(model, items, target)
    curves: list[DeletionCurve] = []
    with Progress("deleting", len(parts), "statements", shown=progress) as bar:
        for x, found in zip(parts, _explained(model, parts, None), strict=True):
            weights = np.array([w.weight for w in found.words])
            count = int(np.ceil(share * len(weights)))
            down = np.argsort(-weights, kind="stable")
            orders = {"heaviest": down, "lightest": down[::-1], "random": rng.permutation(len(weights))}
            asked = [x.without(order[:k]) for order in orders.values() for k in range(count + 1)]
            model.estimator.forget()
            proba = np.asarray(model.predict_proba(asked))[:, STANCES.index(found.stance)]
            curves.append(DeletionCurve(**dict(zip(orders, proba.reshape(3, count + 1), strict=True))))
            bar.advance(1)
    return curves
