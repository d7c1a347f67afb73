"""Measures of a corpus of annotated statements, its splits, and loading it by one call.

A corpus that is written to train a classifier can fail quietly: near-copies that make a test look good, a label that
the target alone betrays, two or three verbs of saying that stand for everybody's speech. What is measured here is
printed by ``stance data stats`` and stands in the datasheet.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stance.annotations import Annotation, count_annotations, read_annotations, to_dataset
from stance.encoding import Encoded, EncodingOptions, encode_annotations
from stance.errors import AnnotationError, ConfigError
from stance.resources import configs_folder

if TYPE_CHECKING:
    import datasets

__all__ = [
    "CORPORA",
    "PARTS",
    "SPLITS",
    "assign_parts",
    "corpus_groups",
    "describe",
    "lexical_variety",
    "load_dataset",
    "near_duplicates",
    "parts_of",
    "read_parts",
    "verbs_of_saying",
]

#: Corpora of the project by name: annotation files and the folders of their texts, relative to the checkout.
CORPORA = {
    "debate": (("data/annotations/SOC_CP_365.jsonl",), ("data/meetings",)),
    "authored": (
        ("data/authored/annotations/summaries.jsonl", "data/authored/annotations/statements.jsonl"),
        ("data/authored/meetings",),
    ),
    "test": (("data/test/annotations/summaries.jsonl",), ("data/test/meetings",)),
}
#: The split file of the authored corpus, relative to the checkout.
SPLITS = "data/authored/splits.csv"
#: Parts of the authored corpus: ``train``, ``development`` (other groups, same targets), ``transfer`` (whole targets).
PARTS = ("train", "development", "transfer")
_WORD = re.compile(r"\[(?:SPEAKER|OTHER)\]|[^\W_]+(?:['’-][^\W_]+)*")


def _words(text: str) -> list[str]:
    return [w if w.startswith("[") else w.lower() for w in _WORD.findall(text)]


def corpus_groups(annotations: Sequence[Annotation]) -> list[str]:
    """Return the group of each statement that no split may tear apart.

    A contrast group, a whole summary, or the statement itself when it stands alone.
    """
    return [a.group or (a.document if a.start is not None else a.id) for a in annotations]


def near_duplicates(
    texts: Sequence[str], groups: Sequence[str], *, threshold: float = 0.7, permutations: int = 128, seed: int = 1
) -> list[tuple[int, int, float]]:
    """Find pairs of statements of different groups that have nearly the same words.

    Parameters
    ----------
    texts : sequence of str, length n
        Masked sentences.
    groups : sequence of str, length n
        Pairs inside one group are meant to be alike and are left out.
    threshold : float
        Least Jaccard similarity of the two sets of words, exact for every pair that is returned.
    permutations : int
        Hash functions of the MinHash sketch that proposes pairs (Broder, 1997).
    seed : int
        Seed of the hash functions.

    Returns
    -------
    list of (int, int, float)
        Indices, the smaller first, and similarity; ordered by them.
    """
    from datasketch import MinHash, MinHashLSH

    if len(texts) != len(groups):
        raise ConfigError(f"near duplicates: {len(texts)} texts but {len(groups)} groups")
    sets = [frozenset(_words(t)) for t in texts]
    # Proposals from well below the threshold, because a sketch is an estimate; the exact similarity decides.
    index = MinHashLSH(threshold=max(0.05, threshold - 0.3), num_perm=permutations)
    found = []
    for i, words in enumerate(sets):
        sketch = MinHash(num_perm=permutations, seed=seed)
        sketch.update_batch([w.encode() for w in sorted(words)])
        for j in index.query(sketch):
            if groups[i] == groups[j] or not words | sets[j]:
                continue
            similarity = len(words & sets[j]) / len(words | sets[j])
            if similarity >= threshold:
                found.append((int(j), i, similarity))
        index.insert(i, sketch)
    return sorted(found)


def lexical_variety(texts: Iterable[str], window: int = 500) -> dict[str, float]:
    """Count tokens and types, and the moving-average type–token ratio.

    Parameters
    ----------
    texts : iterable of str
    window : int
        Tokens in a window; the plain ratio falls with length, this one does not (Covington and McFall, 2010).

    Returns
    -------
    dict
        ``tokens``, ``types``, ``type_token_ratio``, ``moving_average_type_token_ratio``.
    """
    tokens = [w for t in texts for w in _words(t) if not w.startswith("[")]
    if not tokens:
        return {"tokens": 0, "types": 0, "type_token_ratio": 0.0, "moving_average_type_token_ratio": 0.0}
    window = min(window, len(tokens))
    inside = Counter(tokens[:window])
    ratios = [len(inside)]
    for gone, come in zip(tokens, tokens[window:], strict=False):
        inside[gone] -= 1
        if not inside[gone]:
            del inside[gone]
        inside[come] += 1
        ratios.append(len(inside))
    return {
        "tokens": len(tokens),
        "types": len(set(tokens)),
        "type_token_ratio": len(set(tokens)) / len(tokens),
        "moving_average_type_token_ratio": float(np.mean(ratios)) / window,
    }


def verbs_of_saying(texts: Iterable[str]) -> Counter[str]:
    """Count the verbs of saying in the past tense ("the delegate stressed") in a corpus."""
    from stance.attribution.lexicon import SPEECH_PASTS

    return Counter(w for t in texts for w in _words(t) if w in SPEECH_PASTS)


def describe(annotations: Sequence[Annotation], meetings: Sequence[Path] = ()) -> dict[str, Any]:
    """Return counts, near-duplicates, lexical variety and verbs of saying of a corpus.

    Parameters
    ----------
    annotations : sequence of Annotation
    meetings : sequence of Path
        Folders with the texts that the annotations point into.

    Returns
    -------
    dict
        What ``stance data stats`` prints.
    """
    encoded = encode_annotations(annotations, EncodingOptions(), meetings=meetings)
    texts = [e.text for e in encoded]
    groups = corpus_groups(annotations)
    pairs = near_duplicates(texts, groups)
    touched = {i for j, k, _ in pairs for i in (j, k)}
    verbs = verbs_of_saying(texts)
    total = sum(verbs.values())
    labels: dict[str, set[str]] = {}
    for a in annotations:
        labels.setdefault(a.group, set()).add(a.stance)
    contrast = Counter(a.group for a in annotations if a.group and a.start is None)
    return {
        **count_annotations(annotations),
        "contrast_groups": {
            "groups": len(contrast),
            "statements": sum(contrast.values()),
            "with_more_than_one_label": sum(len(labels[g]) > 1 for g in contrast),
            "kinds": dict(
                Counter({a.group: a.note for a in annotations if a.group in contrast}.values()).most_common()
            ),
        },
        "near_duplicates": {
            "threshold": 0.7,
            "pairs_outside_groups": len(pairs),
            "statements": len(touched),
            "share_of_statements": len(touched) / len(annotations),
            "examples": [[annotations[j].id, annotations[k].id, round(s, 3)] for j, k, s in pairs[:20]],
        },
        "lexical_variety": lexical_variety(texts),
        "verbs_of_saying": {
            "different": len(verbs),
            "occurrences": total,
            "share_of_most_frequent": verbs.most_common(1)[0][1] / total if total else 0.0,
            "most_frequent": dict(verbs.most_common(25)),
        },
    }


def assign_parts(
    annotations: Sequence[Annotation],
    held_out_targets: Sequence[str],
    *,
    development: float = 0.1,
    seed: int = 13,
) -> dict[str, str]:
    """Assign every group of a corpus to a part.

    A group with a statement on a held-out target goes to ``transfer`` as a whole, so that nothing of that target is
    left in training; of the others, a random share goes to ``development``. A group is drawn by its name alone: a corpus
    that grows leaves the groups that it had where they were.

    Parameters
    ----------
    annotations : sequence of Annotation
    held_out_targets : sequence of str
        Ids of targets that training must not see.
    development : float
        Chance of each remaining group.
    seed : int
        Seed of the draw.

    Returns
    -------
    dict
        Group → part, in the order of the corpus.
    """
    known = {a.target for a in annotations}
    for target in held_out_targets:
        if target not in known:
            raise ConfigError(f"held-out target {target!r}: no statement of the corpus is about it")
    parts: dict[str, str] = {}
    for group, a in zip(corpus_groups(annotations), annotations, strict=True):
        if a.target in held_out_targets:
            parts[group] = "transfer"
        elif group not in parts:
            drawn = int.from_bytes(hashlib.sha256(f"{seed}:{group}".encode()).digest()[:8]) / 2**64
            parts[group] = "development" if drawn < development else "train"
    return parts


def read_parts(path: Path | str) -> dict[str, str]:
    """Read a split file (``group,part``).

    Raises
    ------
    AnnotationError
        Naming file and line, for an unknown part or a group that stands twice.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.reader(handle))
    except (OSError, UnicodeDecodeError) as error:
        raise AnnotationError(f"{path}: cannot be read: {error}") from None
    if not rows or rows[0] != ["group", "part"]:
        raise AnnotationError(f"{path}:1: expected the columns group,part")
    parts: dict[str, str] = {}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != 2 or row[1] not in PARTS:
            raise AnnotationError(f"{path}:{number}: part: expected GROUP,{'|'.join(PARTS)}")
        if row[0] in parts:
            raise AnnotationError(f"{path}:{number}: group: {row[0]!r} stands already")
        parts[row[0]] = row[1]
    return parts


def parts_of(annotations: Sequence[Annotation], path: Path | str) -> list[str | None]:
    """Return the part of each statement by a split file; None for groups that the file lacks.

    Raises
    ------
    AnnotationError
        See :func:`read_parts`.
    """
    parts = read_parts(path)
    return [parts.get(g) for g in corpus_groups(annotations)]


def load_dataset(corpus: str = "authored", part: str | None = None, *, context: int = 1) -> datasets.Dataset:
    """Load a corpus as a ``datasets.Dataset``, annotations beside what a classifier reads.

    Parameters
    ----------
    corpus : str
        ``authored``, ``debate``, ``test`` (authored summaries in no training), or the path of an annotation file.
    part : str, optional
        ``train``, ``development`` or ``transfer`` of the authored corpus; all of it when left out.
    context : int
        Sentences of context in ``input_context``.

    Returns
    -------
    datasets.Dataset
        One row a statement: every field of :class:`stance.annotations.Annotation`, and ``input_target``,
        ``input_context``, ``input_text`` (masked).

    Raises
    ------
    ConfigError, AnnotationError
        For an unknown corpus or part, and for annotation files that break the schema.
    """
    root = configs_folder().parent
    names, folders = CORPORA.get(corpus, ((corpus,), ()))
    meetings = [root / f for f in folders]
    paths = [root / n if corpus in CORPORA else Path(n) for n in names]
    if corpus in CORPORA and not paths[0].is_file():
        raise ConfigError(f"corpus {corpus!r}: not in this installation; it is part of the checkout (data/)")
    if corpus not in CORPORA:
        if not paths[0].is_file():
            raise ConfigError(f"corpus {corpus!r}: no such file; known by name: {', '.join(CORPORA)}")
        meetings = [paths[0].parent.parent / "meetings", paths[0].parent]
    annotations = [a for p in paths for a in read_annotations(p, meetings=meetings)]
    if part is not None:
        if corpus != "authored":
            raise ConfigError(f"part {part!r}: only the authored corpus has parts")
        if part not in PARTS:
            raise ConfigError(f"part {part!r}: not one of {', '.join(PARTS)}")
        parts = read_parts(root / SPLITS)
        annotations = [a for a, g in zip(annotations, corpus_groups(annotations), strict=True) if parts[g] == part]
    encoded = encode_annotations(annotations, EncodingOptions(context=context), meetings=meetings)
    dataset = to_dataset(annotations)
    for f in fields(Encoded):
        dataset = dataset.add_column(f"input_{f.name}", [getattr(e, f.name) for e in encoded])
    return dataset
