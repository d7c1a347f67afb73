"""Statement + target → what a classifier reads: the speaker's clauses, names masked, context added, typography made plain.

A classifier that can read "the United States" learns countries, not arguments. Here the focal speaker becomes
``[SPEAKER]`` and every other delegation ``[OTHER]``, in the sentence and in its context; a preceding article goes with
the name, so that exchanging one country for another leaves the input exactly as it was. Capitals that stand for a
government and adjectives ("the Danish clinics") are names too; names of instruments ("the Budapest Convention") are
not, because they carry the argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stance.annotations import Annotation, text_path
from stance.assent import antecedent
from stance.attribution import Attribution, Name, Statement, attribute
from stance.attribution.names import is_government
from stance.attribution.skeleton import plain
from stance.clauses import focal_part
from stance.delegations import ALIAS_TYPES, Registry, load_registry
from stance.documents import read_document
from stance.sentences import Sentence
from stance.targets import Target, load_target

__all__ = ["Encoded", "EncodingOptions", "encode_annotations", "encode_attribution", "find_names", "mask"]

SPEAKER = "[SPEAKER]"
OTHER = "[OTHER]"
_MASKED = re.compile(r"\[(?:SPEAKER|OTHER)\]")


@dataclass(frozen=True)
class EncodingOptions:
    """How statements are turned into text.

    Attributes
    ----------
    mask : bool, default True
        Replace names of delegations. Switched off only to measure what masking costs.
    target : bool, default True
        Let the classifier read the target.
    context : int, default 1
        Number of sentences before the statement that the classifier reads (0 or more).
    clauses : bool, default False
        Where several delegations speak in one sentence, let the classifier read the focal speaker's clauses as the statement
        (:func:`stance.clauses.focal_part`); those before become context, those behind are left out.
    """

    mask: bool = True
    target: bool = True
    context: int = 1
    clauses: bool = False


@dataclass(frozen=True, slots=True)
class Encoded:
    """What a classifier reads of one statement.

    Attributes
    ----------
    target : str
        The target's name, empty when the target is hidden.
    context : str
        Masked context, oldest sentence first, then the clauses of others before the speaker's; empty for none.
    text : str
        The masked sentence, or the speaker's clauses of it.
    description : str
        What the target is, in a sentence or two, for a model that is asked in words; follows from the target, and does not tell
        two statements apart.
    """

    target: str
    context: str
    text: str
    description: str = field(default="", compare=False)

    @property
    def premise(self) -> str:
        """Context and sentence in one text; the sentence is set off by a bar, the only one there is."""
        text, context = self.text.replace("|", "/"), self.context.replace("|", "/")
        return f"{context} | {text}" if context else text


def find_names(text: str, registry: Registry | None = None, extra: Iterable[tuple[str, str]] = ()) -> list[Name]:
    """Find the delegations named in a text that stands alone.

    Parameters
    ----------
    text : str
        A sentence or a context.
    registry : Registry, optional
        The package's own when left out.
    extra : iterable of (str, str)
        Code and words of speakers that the registry lacks.

    Returns
    -------
    list of Name
        Not overlapping, in the order of the text.
    """
    registry = registry or load_registry()
    names: list[Name] = []
    for code, words in extra:
        if words and code not in registry:
            names.extend(
                Name(m.start(), m.end(), code, "body", words)
                for m in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text)
            )
    for m in registry.find(text, types=frozenset(ALIAS_TYPES)):
        if any(m.start < n.end and m.end > n.start for n in names):
            continue
        if m.type == "capital" and not is_government(text, m.end):
            continue
        names.append(Name(m.start, m.end, m.code, m.type, text[m.start : m.end]))
    return sorted(names, key=lambda n: n.start)


def mask(text: str, speaker: str, names: Iterable[Name], start: int = 0, end: int | None = None) -> str:
    """Replace the names in a text by ``[SPEAKER]`` and ``[OTHER]``.

    Parameters
    ----------
    text : str
        The text as stored.
    speaker : str
        Code of the focal speaker.
    names : iterable of Name
        Names in it, offsets into ``text``.
    start, end : int, optional
        Offsets of the part that is wanted; the whole text when left out.

    Returns
    -------
    str
        The masked text with plain quotes, dashes and single spaces.
    """
    out: list[str] = []
    position = start
    end = len(text) if end is None else end
    for name in sorted(names, key=lambda n: n.start):
        if name.start < position or name.end > end:
            continue
        out.append(text[position : name.start])
        out.append(SPEAKER if name.code == speaker else OTHER)
        position = name.end
    out.append(text[position:end])
    return tidy("".join(out))


def tidy(text: str) -> str:
    """Make typography plain and drop what only the form of a name leaves behind (articles, possessives, acronyms)."""
    # A hyphen between spaces is a dash that was typed on a typewriter's keys.
    text = re.sub(r"\s+", " ", plain(text)).strip().replace(" - ", " — ")
    # "the [OTHER]" and "[OTHER]", "an [OTHER]" and "a [OTHER]", "[OTHER]'" and "[OTHER]'s" would tell which name it was.
    text = re.sub(r"\b(?:the|The|THE) (?=\[(?:SPEAKER|OTHER)\])", "", text)
    text = re.sub(r"\b([Aa])n (?=\[(?:SPEAKER|OTHER)\])", r"\1 ", text)
    text = re.sub(r"(\[(?:SPEAKER|OTHER)\])(?: \(\1\))", r"\1", text)
    return re.sub(r"(?<!')(\[(?:SPEAKER|OTHER)\])'(?:[sS]\b)?", r"\1's", text)


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence with the names in it, and the part of it that is the focal speaker's.

    Attributes
    ----------
    text : str
        The sentence.
    speaker : str
        Code of the focal speaker.
    names : tuple of Name
        Names in the sentence, offsets into ``text``.
    start, end : int
        Offsets of the speaker's clauses; of the whole sentence where it was not cut.
    mask : bool
        Replace the names.
    """

    text: str
    speaker: str
    names: tuple[Name, ...]
    start: int
    end: int
    mask: bool

    @classmethod
    def of(cls, text: str, speaker: str, names: Sequence[Name], options: EncodingOptions) -> Reading:
        """Read a sentence as the options say."""
        start, end = 0, len(text)
        if options.clauses:
            own = [(n.start, n.end) for n in names if n.code == speaker]
            start, end = focal_part(text, own, [(n.start, n.end) for n in names if n.code != speaker])
        return cls(text, speaker, tuple(names), start, end, options.mask)

    @property
    def before(self) -> str:
        """The clauses of others before the speaker's, as a classifier reads them; empty for none."""
        return self._part(0, self.start) if self.start else ""

    @property
    def own(self) -> str:
        """The speaker's clauses, as a classifier reads them."""
        own = self._part(self.start, self.end)
        return own if self.end == len(self.text) else own.rstrip(" ,;:.") + "."

    def _part(self, start: int, end: int) -> str:
        return mask(self.text, self.speaker, self.names, start, end) if self.mask else tidy(self.text[start:end])


def _encode(reading: Reading, context: Sequence[str], target: Target, options: EncodingOptions) -> Encoded:
    kept = context[-options.context :] if options.context else ()
    before = " ".join(part for part in (*kept, reading.before) if part)
    if not options.target:
        return Encoded("", before, reading.own)
    return Encoded(target.name, before, reading.own, " ".join(target.description.split()))


def _at_sentence(
    attribution: Attribution, place: int, speaker: str, target: Target, options: EncodingOptions
) -> Encoded:
    """Encode the sentence at ``place`` among the prose sentences of a document, for one speaker."""
    prose = attribution.prose
    # Without context no model can read back.
    meant = antecedent(attribution, place, speaker) if options.context else None
    if meant:
        return _at_sentence(attribution, place - 1, meant.speaker, target, options)

    def masked(sentence: Sentence) -> str:
        return mask(sentence.text, speaker, attribution.names[sentence.number]) if options.mask else tidy(sentence.text)

    around = prose[max(0, place - options.context) : place]
    reading = Reading.of(prose[place].text, speaker, attribution.names[prose[place].number], options)
    return _encode(reading, [masked(s) for s in around], target, options)


def encode_attribution(
    attribution: Attribution, statements: Sequence[Statement], target: Target, options: EncodingOptions
) -> list[Encoded]:
    """Encode statements of a document that was read by :func:`stance.attribution.attribute`.

    Returns
    -------
    list of Encoded
        One for each of ``statements``, in their order.
    """
    place = {s.number: i for i, s in enumerate(attribution.prose)}
    return [_at_sentence(attribution, place[x.sentence], x.speaker, target, options) for x in statements]


def _signs(annotation: Annotation) -> list[Name]:
    """Return the signs for names in a text that was written in masked form; each is masked by itself."""
    return [
        Name(m.start(), m.end(), annotation.speaker if m[0] == SPEAKER else OTHER, "sign", m[0])
        for m in _MASKED.finditer(annotation.text)
    ]


def encode_annotations(
    annotations: Sequence[Annotation],
    options: EncodingOptions,
    *,
    meetings: Sequence[Path] = (),
    registry: Registry | None = None,
) -> list[Encoded]:
    """Encode annotated statements for training and evaluation.

    Where the text of the document is at hand, names and context are found in it exactly as for labelling; a statement
    that stands alone is masked by the registry, and one that was authored in masked form is taken as it is.

    Parameters
    ----------
    annotations : sequence of Annotation
        Statements with gold labels.
    options : EncodingOptions
        As for labelling.
    meetings : sequence of Path
        Folders with the texts of the documents.
    registry : Registry, optional
        The package's own when left out.

    Returns
    -------
    list of Encoded
        One for each annotation, in their order.
    """
    registry = registry or load_registry()
    read: dict[str, Attribution | None] = {}
    targets: dict[str, Target] = {}
    encoded = []
    for a in annotations:
        if a.target not in targets:
            targets[a.target] = load_target(a.target)
        target = targets[a.target]
        if a.start is not None and a.document not in read:
            path = text_path(a.document, meetings)
            read[a.document] = attribute(read_document(path), registry=registry) if path else None
        attribution = read.get(a.document) if a.start is not None else None
        place = attribution.place(a.start) if attribution and a.start is not None else None
        if attribution is not None and place is not None and attribution.prose[place].text == a.text:
            encoded.append(_at_sentence(attribution, place, a.speaker, target, options))
            continue
        ready = bool(_MASKED.search(a.text + a.context))
        extra = [(a.speaker, a.speaker_name)] if a.speaker_name and a.speaker != "UNNAMED" else []
        context = [c for c in a.context.split("\n") if c]
        if options.mask and not ready:
            context = [mask(c, a.speaker, find_names(c, registry, extra)) for c in context]
        names = _signs(a) if ready else find_names(a.text, registry, extra)
        reading = Reading.of(a.text, a.speaker, names, options)
        encoded.append(_encode(reading, [tidy(c) for c in context], target, options))
    return encoded
