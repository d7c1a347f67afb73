#!/usr/bin/env python3
"""Score attribution on the debate and on the authored summaries: python scripts/evaluate_attribution.py [--errors]."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import cast

from stance.annotations import Annotation, read_annotations
from stance.corpus import CORPORA
from stance.evaluation.attribution import attribution_pairs, score_attribution

ROOT = Path(__file__).resolve().parent.parent
#: Each was scored before its errors were read (README, "Who says what"); rules were written from all of them since.
LATE = tuple(f"s{n}_" for n in (*range(79, 92), *range(93, 172, 2)))
FIFTH = tuple(f"s{n}_" for n in range(179, 203))
SIXTH = tuple(f"s{n}_" for n in range(203, 251))
SEVENTH = tuple(f"s{n}_" for n in range(251, 299))
EIGHTH = tuple(f"s{n}_" for n in range(299, 347))


def whole_texts(corpus: str) -> tuple[list[Annotation], Path]:
    """Return the statements of a corpus that stand in texts, and the folder of these."""
    names, folders = CORPORA[corpus]
    folder = ROOT / folders[0]
    return read_annotations(ROOT / names[0], meetings=[folder]), folder


def report(name: str, annotations: list[Annotation], folder: Path, errors: bool) -> None:
    """Print the scores of one set."""
    r = score_attribution(annotations, [folder])
    text = f"{name}: precision {r['precision']:.3f}, recall {r['recall']:.3f}"
    if "precision_interval" in r:
        a, b = cast(tuple[float, float], r["precision_interval"])
        c, d = cast(tuple[float, float], r["recall_interval"])
        text = f"{name}: precision {r['precision']:.3f} ({a:.3f}–{b:.3f}), recall {r['recall']:.3f} ({c:.3f}–{d:.3f})"
    print(f"{text}, n = {r['n']} pairs in {r['documents']} documents")
    if errors:
        texts = {(a.document, a.start): a.text for a in annotations}
        for document, (wanted, found) in attribution_pairs(annotations, [folder]).items():
            for kind, pairs in (("missed", wanted - found), ("extra", found - wanted)):
                for start, speaker in sorted(pairs):
                    print(f"  {document}\t{kind}\t{speaker}\t{texts.get((document, start), f'at {-start - 1}')}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Score attribution on the debate and on the authored summaries.")
    parser.add_argument("--errors", action="store_true", help="list every error, but not those of the test set")
    args = parser.parse_args()
    report("debate", *whole_texts("debate"), args.errors)
    authored, folder = whole_texts("authored")
    for name, documents in (
        ("s79–s171, odd", LATE),
        ("s179–s202", FIFTH),
        ("s203–s250", SIXTH),
        ("s251–s298", SEVENTH),
        ("s299–s346", EIGHTH),
    ):
        report(name, [a for a in authored if a.document.startswith(documents)], folder, args.errors)
    others = [a for a in authored if not a.document.startswith((*LATE, *FIFTH, *SIXTH, *SEVENTH, *EIGHTH))]
    report("the other summaries", others, folder, args.errors)
    # Their errors are not listed: a set is worth what nobody has learnt from it.
    test, folder = whole_texts("test")
    for name, first, last in (("the test set, t01–t08", 1, 8), ("the test set, t09–t24", 9, 24)):
        documents = tuple(f"t{n:02d}_" for n in range(first, last + 1))
        report(name, [a for a in test if a.document.startswith(documents)], folder, errors=False)


if __name__ == "__main__":
    main()
