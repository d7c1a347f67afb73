#!/usr/bin/env python3
"""Score attribution on the debate and on the authored summaries: python scripts/evaluate_attribution.py [--errors]."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import cast

from stance.annotations import Annotation, read_annotations
from stance.evaluation.attribution import attribution_pairs, score_attribution

DATA = Path(__file__).resolve().parent.parent / "data"
#: Each was scored before its errors were read (README, "Who says what"); rules were written from all of them since.
LATE = tuple(f"s{n}_" for n in (*range(79, 92), *range(93, 172, 2)))
FIFTH = tuple(f"s{n}_" for n in range(179, 203))
SIXTH = tuple(f"s{n}_" for n in range(203, 251))
SEVENTH = tuple(f"s{n}_" for n in range(251, 299))


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
    debate = read_annotations(DATA / "annotations/SOC_CP_365.jsonl", meetings=[DATA / "meetings"])
    authored = read_annotations(DATA / "authored/annotations/summaries.jsonl", meetings=[DATA / "authored/meetings"])
    report("debate", debate, DATA / "meetings", args.errors)
    for name, documents in (("s79–s171, odd", LATE), ("s179–s202", FIFTH), ("s203–s250", SIXTH), ("s251–s298", SEVENTH)):
        report(name, [a for a in authored if a.document.startswith(documents)], DATA / "authored/meetings", args.errors)
    others = [a for a in authored if not a.document.startswith((*LATE, *FIFTH, *SIXTH, *SEVENTH))]
    report("the other summaries", others, DATA / "authored/meetings", args.errors)
    test = read_annotations(DATA / "test/annotations/summaries.jsonl", meetings=[DATA / "test/meetings"])
    # Its errors are not listed: a set is worth what nobody has learnt from it.
    report("the test set", test, DATA / "test/meetings", errors=False)


if __name__ == "__main__":
    main()
