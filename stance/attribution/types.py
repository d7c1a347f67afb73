"""What attribution hands out, and the speakers and phrases it works with on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from stance.attribution.skeleton import Name
from stance.sentences import Sentence

__all__ = ["UNNAMED", "Attribution", "Phrase", "Speaker", "Statement"]

UNNAMED = "UNNAMED"


@dataclass(frozen=True, slots=True)
class Statement:
    """One (sentence, speaker) pair.

    Attributes
    ----------
    document : str
        Name of the document.
    sentence : int
        Number of the sentence in the document, from 1.
    start, end : int
        Offsets of the sentence, Unicode code points into the text of the document.
    text : str
        The sentence as stored.
    speaker : str
        ISO 3166-1 alpha-3 code of a state, the registry's code of another delegation, an upper-case code made from
        the name of an organisation that the registry lacks, or ``UNNAMED``.
    speaker_name : str
        The delegation's name, or the words used for unnamed speakers.
    speaker_kind : str
        ``state``, ``group``, ``organization`` or ``unnamed``.
    attribution : str
        The construction by which the speaker was found: ``possessive``, ``role``, ``adjective``,
        ``section``, ``person``, ``subject``, ``agent``, ``with``, ``complement``, ``included``, ``represented``,
        ``anaphora``, ``pronoun``, ``continued`` or ``unnamed``.
    """

    document: str
    sentence: int
    start: int
    end: int
    text: str
    speaker: str
    speaker_name: str
    speaker_kind: str
    attribution: str


@dataclass(frozen=True)
class Attribution:
    """What attribution found in a document.

    Attributes
    ----------
    sentences : tuple of Sentence
        All sentences and headings of the body.
    statements : tuple of Statement
        In the order of the text.
    listed : tuple of (str, str, str)
        Code, name and kind of each speaker of a list such as "Also speaking were …".
    names : dict of int to tuple of Name
        Sentence number → the names in it, for masking.
    """

    sentences: tuple[Sentence, ...]
    statements: tuple[Statement, ...]
    listed: tuple[tuple[str, str, str], ...]
    names: dict[int, tuple[Name, ...]] = field(repr=False)

    @cached_property
    def prose(self) -> tuple[Sentence, ...]:
        """The sentences without the headings."""
        return tuple(s for s in self.sentences if not s.heading)

    @cached_property
    def _starts(self) -> dict[int, int]:
        return {s.start: i for i, s in enumerate(self.prose)}

    def place(self, start: int) -> int | None:
        """Return the index in ``prose`` of the sentence that begins at an offset, None if none does."""
        return self._starts.get(start)

    @cached_property
    def _by_sentence(self) -> dict[int, tuple[Statement, ...]]:
        found: dict[int, tuple[Statement, ...]] = {}
        for statement in self.statements:
            found[statement.sentence] = (*found.get(statement.sentence, ()), statement)
        return found

    def said(self, sentence: int) -> tuple[Statement, ...]:
        """Return the statements of the sentence with a number, in the order of the text."""
        return self._by_sentence.get(sentence, ())


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who speaks: code, name, kind, and the construction by which the sentence says so."""

    code: str
    name: str
    kind: str
    how: str

    def is_called(self, word: str) -> bool:
        """Tell whether a word such as "Union" or "group" may stand for the speaker; any group is "the Group"."""
        if self.kind == "group" and word.casefold() == "group":
            return True
        return self.kind != "state" and word.casefold() in self.name.casefold().split()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase that can stand for speakers: its span in the skeleton and whom it names."""

    start: int
    end: int
    speakers: tuple[Speaker, ...]
    how: str
