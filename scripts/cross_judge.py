#!/usr/bin/env python3
"""Let a classifier judge the statements of its training data out of fold.

    python scripts/cross_judge.py configs/teacher.yaml --folds 2 --out data/authored/judgements.csv
    python scripts/cross_judge.py configs/six_rounds.yaml --by MODEL --documents REGEX --out runs/judgements.csv

With ``--by`` a trained model judges instead, statements that were written after it (``--documents`` chooses them by the names
of their documents). Parts of the corpus that the configuration does not train on are judged too, by the mean of the folds. A killed run goes on
at the fold where it was. The file is what ``scripts/find_label_errors.py`` ranks, and what ``distillation.judgements`` in
a configuration learns from.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from sklearn.metrics import f1_score

from stance.config import EncodingConfig, load_config
from stance.corpus import parts_of
from stance.errors import ConfigError, OutputError, StanceError
from stance.judgements import cross_judge, write_judgements
from stance.model import Classifier
from stance.resources import existing_path
from stance.targets import STANCES
from stance.training import load_examples


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="KEY.PATH=VALUE")
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument(
        "--by", metavar="MODEL", help="a trained model that has not seen the statements, in place of folds"
    )
    parser.add_argument("--documents", default="", metavar="REGEX", help="judge documents whose name begins like this")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    try:
        if not args.out.parent.is_dir():
            # Hours of work must not end there.
            raise OutputError(f"{args.out}: no folder {args.out.parent} to write it to")
        config = load_config(args.config, args.set)
        model = Classifier.load(args.by) if args.by else None
        if model:
            # It reads as it was trained to, whatever the configuration says.
            config = config.model_copy(update={"encoding": EncodingConfig(**asdict(model.options))})
        everything = config.model_copy(update={"data": config.data.model_copy(update={"parts": ()})})
        examples = load_examples(everything)
        try:
            rows = [i for i, a in enumerate(examples.annotations) if re.match(args.documents, a.document)]
        except re.error as error:
            raise ConfigError(f"--documents {args.documents}: no regular expression: {error}") from None
        if not rows:
            raise ConfigError(f"--documents {args.documents}: no document has such a name")
        examples = examples.part(rows)
        place = parts_of(examples.annotations, existing_path(config.data.splits))
        fitted = [p is None or not config.data.parts or p in config.data.parts for p in place]
        if model:
            proba = model.predict_proba(examples.encoded)
            fitted = [False] * len(fitted)
        else:
            keep = args.out.with_name(f".{args.out.name}.folds")
            proba = cross_judge(config, examples, fitted, folds=args.folds, keep=keep, progress=True)
        write_judgements(args.out, examples.annotations, proba)
        if not model:
            shutil.rmtree(keep)
    except StanceError as error:
        print(error, file=sys.stderr)
        return 2
    called = [STANCES[i] for i in proba.argmax(axis=1)]
    for name, chosen in (("out of fold", True), ("in no fold", False)):
        rows = [i for i, f in enumerate(fitted) if f == chosen]
        if rows:
            score = f1_score(
                [str(examples.labels[i]) for i in rows], [called[i] for i in rows], average="macro", labels=STANCES
            )
            print(f"{name}: macro-F1 {score:.3f}, n = {len(rows)}")
    print(f"{len(called)} judgements in {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
