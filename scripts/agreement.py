#!/usr/bin/env python3
"""Agreement of two or more readings of the same statements, of which a model's may be one.

    python scripts/agreement.py [--out agreement.json]
    python scripts/agreement.py FIRST.jsonl SECOND.jsonl ... [--model default] [--meetings DIR] [--out agreement.json]

With annotation files, statements are the same where document, offsets (or, for single statements, id), speaker and target
are; prints Fleiss' kappa, Krippendorff's alpha, also per label, and Cohen's kappa of each pair, with 95 % intervals from a
bootstrap over delegations. ``--model`` adds what a model says of the statements of the first file, so that it stands
beside people.

Without files, prints Cohen's kappa and Krippendorff's alpha, with 95 % intervals from a bootstrap over speakers (the debate) or
documents and contrast groups (the authored corpus), for the two passes over the debate and for the blind second
reading of the authored corpus and of the authored test set, and lists the disagreements.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path
from typing import Any

from stance.annotating import compare_files, describe_agreement
from stance.annotations import read_annotations
from stance.errors import StanceError
from stance.evaluation.agreement import agreement
from stance.manifest import write_json

DATA = Path(__file__).resolve().parent.parent / "data"


def debate() -> dict[str, Any]:
    """Compare the two passes over the debate."""
    first = read_annotations(DATA / "annotations/passes/SOC_CP_365.a1.jsonl", meetings=[DATA / "meetings"])
    second = {
        a.id: a for a in read_annotations(DATA / "annotations/passes/SOC_CP_365.a2.jsonl", meetings=[DATA / "meetings"])
    }
    common = [a for a in first if a.id in second]
    result = agreement(
        [a.id for a in common],
        [a.stance for a in common],
        [second[a.id].stance for a in common],
        [a.speaker if a.speaker != "UNNAMED" else a.id for a in common],
    )
    return {**result, "only_first": len(first) - len(common), "only_second": len(second) - len(common)}


def second_reading(corpus: str) -> dict[str, Any]:
    """Compare the authors' labels with the blind second reading."""
    path = DATA / corpus / "second_reading.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return agreement(
        [r["id"] for r in rows], [r["first"] for r in rows], [r["second"] for r in rows], [r["cluster"] for r in rows]
    )


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, metavar="ANNOTATIONS.jsonl")
    parser.add_argument("--model", help="model folder, hub id or default, as one more annotator")
    parser.add_argument(
        "--meetings", action="append", default=[], type=Path, metavar="DIR", help="folder with the texts"
    )
    parser.add_argument("--out", type=Path, help="also write the results there as JSON")
    args = parser.parse_args(argv)
    if args.files or args.model:
        try:
            found = compare_files(args.files, args.model, args.meetings)
            print(describe_agreement(found))
            if args.out:
                write_json(args.out, found)
        except StanceError as error:
            print(error, file=sys.stderr)
            return 2
        return 0
    results = {"debate": debate(), "authored": second_reading("authored"), "test": second_reading("test")}
    for name, r in results.items():
        k, a = r["kappa_interval"], r["alpha_interval"]
        print(
            f"{name}: n = {r['n']}, observed {r['observed']:.3f}, kappa {r['kappa']:.3f} ({k[0]:.3f}–{k[1]:.3f}), "
            f"alpha {r['alpha']:.3f} ({a[0]:.3f}–{a[1]:.3f}), per label {r['per_label']}"
        )
        for d in r["disagreements"]:
            print(f"  {d['item']}: {d['first']} / {d['second']}")
    if args.out:
        write_json(args.out, results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
