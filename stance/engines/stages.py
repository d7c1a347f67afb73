"""The stages of labelling, each a plain function, so that every engine does the same work in the same portions.

Documents are read, split and attributed in *shards* of consecutive inputs. The statements of all shards, in their order,
each kind of statement once, are classified in *portions* of equal size. What a portion holds follows from the inputs
alone, not from who does the work or whether it was interrupted: a probability depends, in its last digits, on the
statements beside it, and so every engine gives the same ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stance.attribution import Attribution, Statement, attribute
from stance.documents import Document, Input
from stance.encoding import Encoded, EncodingOptions, encode_attribution
from stance.errors import InputError
from stance.targets import Target

if TYPE_CHECKING:
    from stance.model import Classifier

__all__ = [
    "PORTION",
    "SHARD",
    "DocumentRecord",
    "Roll",
    "Shard",
    "Shelf",
    "classify",
    "key_of",
    "portions",
    "read_shard",
    "shards_of",
]

#: Inputs in a shard: as much as is read again after an interruption.
SHARD = 64
#: Statements in a portion: enough for batches of like length.
PORTION = 4096


@dataclass(frozen=True)
class DocumentRecord:
    """What is kept of a document: what it is, who is only listed in it, and how many statements of a shard are its."""

    document: str
    source: str | None
    sha256: str
    symbol: str | None
    title: str | None
    date: str | None
    encoding: str | None
    listed: tuple[tuple[str, str, str], ...]
    statements: int


@dataclass
class Shard:
    """Consecutive inputs after reading.

    Attributes
    ----------
    statements : list of Statement, length n
        Of all its documents, in their order.
    encoded : list of Encoded, length n
    documents : list of DocumentRecord
    failures : list of (str, str)
        Source and message of each input that could not be read.
    """

    statements: list[Statement] = field(default_factory=list)
    encoded: list[Encoded] = field(default_factory=list)
    documents: list[DocumentRecord] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)

    def add(self, document: Document, attribution: Attribution, target: Target, options: EncodingOptions) -> None:
        """Append a document that was read."""
        statements = list(attribution.statements)
        self.statements += statements
        self.encoded += encode_attribution(attribution, statements, target, options)
        self.documents.append(
            DocumentRecord(
                document.name, document.source, document.sha256, document.symbol, document.title, document.date,
                document.encoding, tuple(attribution.listed), len(statements),
            )
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return what is no table."""
        return {"documents": [asdict(d) for d in self.documents], "failures": [list(f) for f in self.failures]}


def shards_of(items: Sequence[Input]) -> list[Sequence[Input]]:
    """Divide inputs into shards."""
    return [items[i : i + SHARD] for i in range(0, len(items), SHARD)]


def read_shard(items: Iterable[Input], target: Target, options: EncodingOptions, shelf: Shelf | None = None) -> Shard:
    """Read, split, attribute and encode inputs; one that cannot be read costs itself only.

    Parameters
    ----------
    items : iterable of Input
    target : Target
    options : EncodingOptions
    shelf : Shelf, optional
        Where the first documents are put.

    Returns
    -------
    Shard
    """
    shard = Shard()
    for item in items:
        try:
            document = item.read()
        except InputError as error:
            shard.failures.append((item.source, str(error)))
            continue
        attribution = attribute(document)
        shard.add(document, attribution, target, options)
        if shelf is not None:
            shelf.put(document, attribution)
    return shard


class Shelf:
    """The first documents of a run, with their attribution, for the report; the tables do not hold their full text.

    Parameters
    ----------
    names : iterable of str
        Names of the documents that it takes.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._held: dict[str, tuple[Document, Attribution]] = {}

    def put(self, document: Document, attribution: Attribution) -> None:
        """Take a document, if it is one of those."""
        if document.name in self._names:
            self._held[document.name] = (document, attribution)

    def take(self, item: Input) -> tuple[Document, Attribution]:
        """Return an input's document; one that is not here is read again.

        Raises
        ------
        InputError
            If it cannot be read any more.
        """
        if item.name not in self._held:
            document = item.read()
            return document, attribute(document)
        return self._held[item.name]


def key_of(encoded: Encoded) -> bytes:
    """Return a digest of all that a classifier reads of a statement."""
    return hashlib.blake2b("\0".join((encoded.target, encoded.context, encoded.text)).encode(), digest_size=16).digest()


class Roll:
    """The statements of a run, each kind once, in the order in which they first come.

    Attributes
    ----------
    places : list of ndarray
        For each shard, the place of each of its statements among the different ones.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}
        self.places: list[NDArray[np.int64]] = []

    def enter(self, encoded: Iterable[Encoded]) -> list[Encoded]:
        """Enter a shard's statements and return those that had not been seen."""
        new: list[Encoded] = []
        places: list[int] = []
        for item in encoded:
            key = key_of(item)
            if key not in self._known:
                self._known[key] = len(self._known)
                new.append(item)
            places.append(self._known[key])
        self.places.append(np.array(places, dtype=np.int64))
        return new


def portions(roll: Roll, shards: Iterable[Iterable[Encoded]]) -> Iterator[list[Encoded]]:
    """Yield what is to be classified, in portions, while the shards are entered in a roll."""
    waiting: list[Encoded] = []
    for encoded in shards:
        waiting += roll.enter(encoded)
        while len(waiting) >= PORTION:
            yield waiting[:PORTION]
            waiting = waiting[PORTION:]
    if waiting:
        yield waiting


def classify(model: Classifier, portion: Sequence[Encoded]) -> NDArray[np.float64]:
    """Return the probabilities of a portion, shape (n, 3), whatever was classified in this process before."""
    model.estimator.forget()
    return model.predict_proba(portion)
