#!/usr/bin/env python3
"""Rank the statements whose label a classifier doubts most, for a person to read.

    python scripts/find_label_errors.py configs/default.yaml --out runs/label_errors.csv [--folds 3] [--top 100]

The configured classifier is cross-validated on its training data (groups stay whole) and cleanlab ranks the statements by
confident learning (Northcutt, Jiang and Chuang, 2021): first those that it takes for label errors, by the probability
that the classifier gives the label. Needs the extra ``corpus``.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

import numpy as np
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

from stance.classifiers import build_classifier
from stance.classifiers.base import probabilities
from stance.config import load_config
from stance.corpus import corpus_groups
from stance.errors import StanceError
from stance.manifest import write_text
from stance.targets import STANCES
from stance.training import load_examples


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="KEY.PATH=VALUE")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--top", type=int, default=100)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    try:
        from cleanlab.filter import find_label_issues
        from cleanlab.rank import get_self_confidence_for_each_label
    except ImportError:
        print("cleanlab is missing; run: pip install 'stance[corpus]'", file=sys.stderr)
        return 2
    try:
        # Hours of work must not end at a folder that is missing.
        write_text(args.out, "")
        config = load_config(args.config, args.set)
        examples = load_examples(config)
        groups = corpus_groups(examples.annotations)
        proba = np.zeros((len(groups), len(STANCES)))
        folds = GroupKFold(args.folds, shuffle=True, random_state=config.seed)
        for train, test in tqdm(list(folds.split(groups, groups=groups)), desc="folds", unit="fold"):
            estimator = build_classifier(config.classifier, config.seed)
            estimator.fit([examples.encoded[i] for i in train], [str(examples.labels[i]) for i in train])
            proba[test] = probabilities(estimator, [examples.encoded[i] for i in test])
    except StanceError as error:
        print(error, file=sys.stderr)
        return 2
    labels = np.array([STANCES.index(a.stance) for a in examples.annotations])
    proba /= proba.sum(axis=1, keepdims=True)
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
