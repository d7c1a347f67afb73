#!/usr/bin/env python3
"""Rank the statements whose label a classifier doubts most, for a person to read.

    python scripts/cross_judge.py configs/teacher.yaml --out runs/judgements.csv
    python scripts/find_label_errors.py configs/teacher.yaml runs/judgements.csv --out runs/label_errors.csv [--top 100]

The judgements are out of fold, and cleanlab ranks the statements by confident learning (Northcutt, Jiang and Chuang,
2021): first those that it takes for label errors, by the probability that the classifier gives the label. Statements
that the file lacks, or that were changed since they were judged, are left out. Needs the extra ``corpus``.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

import numpy as np

from stance.config import load_config
from stance.errors import StanceError, install_extra
from stance.judgements import judged
from stance.manifest import write_text
from stance.targets import STANCES
from stance.training import load_examples


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path, help="names the annotation files, and how they are encoded")
    parser.add_argument("judgements", type=Path)
    parser.add_argument("--top", type=int, default=100)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    try:
        from cleanlab.filter import find_label_issues
        from cleanlab.rank import get_self_confidence_for_each_label
    except ImportError:
        print(f"cleanlab is missing; {install_extra('corpus')}", file=sys.stderr)
        return 2
    try:
        config = load_config(args.config, ["data.parts=[]"])
        examples = load_examples(config)
        proba = judged(args.judgements, examples.annotations)
        known = np.flatnonzero(~np.isnan(proba).any(axis=1))
        if not len(known):
            print(f"{args.judgements}: judges none of the statements of {args.config}", file=sys.stderr)
            return 2
        examples, proba = examples.part(known), proba[known]
    except StanceError as error:
        print(error, file=sys.stderr)
        return 2
    labels = np.array([STANCES.index(a.stance) for a in examples.annotations])
    suspected = find_label_issues(labels, proba)
    confidence = get_self_confidence_for_each_label(labels, proba)
    order = sorted(range(len(labels)), key=lambda i: (not suspected[i], confidence[i]))[: args.top]
    handle = io.StringIO()
    writer = csv.writer(handle, lineterminator="\n")
    writer.writerow(["id", "target", "label", "predicted", "confidence_in_label", "suspected", "context", "text"])
    for i in order:
        a, e = examples.annotations[i], examples.encoded[i]
        predicted = STANCES[int(proba[i].argmax())]
        writer.writerow(
            [a.id, a.target, a.stance, predicted, f"{confidence[i]:.4f}", bool(suspected[i]), e.context, e.text]
        )
    write_text(args.out, handle.getvalue())
    print(f"{int(suspected.sum())} of {len(labels)} labels suspected; the {len(order)} most doubtful are in {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
