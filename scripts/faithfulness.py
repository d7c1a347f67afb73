#!/usr/bin/env python3
"""Measure whether explanations are faithful: python scripts/faithfulness.py default [--limit 100] --out runs/faithfulness.

Statements of annotated documents to which the model gives a side are explained, and their words left out one after the
other: the heaviest first, the lightest first, and in random order. Where the weights say what the model goes by, the
probability of its label falls soonest in the first order and last in the second. Written are ``faithfulness.json`` (the
mean probability along each curve and the differences, with 95 % intervals from a bootstrap over delegations) and
``faithfulness.svg``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from stance.annotations import Annotation, read_annotations, text_path
from stance.assent import antecedent
from stance.attribution import Attribution, Statement, attribute
from stance.documents import read_document
from stance.errors import StanceError
from stance.evaluation.metrics import bootstrap_interval
from stance.explanation import deletion_curves
from stance.manifest import write_json, write_text
from stance.model import Classifier
from stance.targets import load_target

ROOT = Path(__file__).resolve().parent.parent
ORDERS = ("heaviest", "random", "lightest")


def siding(
    model: Classifier, annotations: list[Annotation], folders: list[Path]
) -> dict[str, list[tuple[Attribution, Statement]]]:
    """Return, by target, the statements of documents to which a model gives a side."""
    found: dict[str, list[tuple[Attribution, Statement]]] = {}
    for document in dict.fromkeys(a.document for a in annotations if a.start is not None):
        path = text_path(document, folders)
        if path is None:
            continue
        attribution = attribute(read_document(path))
        # A mere assent has no words of its own that could be left out.
        own = [
            s
            for s in attribution.statements
            if s.speaker_kind != "unnamed" and not antecedent(attribution, attribution.place(s.start) or 0, s.speaker)
        ]
        target = next(a.target for a in annotations if a.document == document)
        stances = model.predict(model.encode(attribution, own, load_target(target)))
        found.setdefault(target, []).extend(
            (attribution, s) for s, stance in zip(own, stances, strict=True) if stance != "neutral"
        )
    return found


def main(argv: list[str] | None = None) -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument(
        "--annotations", nargs="+", default=[str(ROOT / "data/annotations/SOC_CP_365.jsonl")], metavar="FILE.jsonl"
    )
    parser.add_argument("--meetings", nargs="+", default=[str(ROOT / "data/meetings")], metavar="DIR")
    parser.add_argument("--limit", type=int, default=200, help="statements at most, the first ones (default: 200)")
    parser.add_argument("--share", type=float, default=0.5, help="share of the words that is left out (default: 0.5)")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    try:
        model = Classifier.load(args.model)
        folders = [Path(m) for m in args.meetings]
        annotations = [a for file in args.annotations for a in read_annotations(file, meetings=folders)]
        by_target = siding(model, annotations, folders)
        curves, clusters, left = [], [], args.limit
        for target, items in by_target.items():
            chosen = items[:left]
            left -= len(chosen)
            curves += deletion_curves(
                model, chosen, load_target(target), share=args.share, seed=args.seed, progress=True
            )
            clusters += [f"{s.document}:{s.speaker}" for _, s in chosen]
    except StanceError as error:
        print(error, file=sys.stderr)
        return 2
    if not curves:
        print("the model gives no statement of these documents a side", file=sys.stderr)
        return 2
    areas = {order: np.array([c.area(order) for c in curves]) for order in ORDERS}
    values = {
        **areas,
        "random_less_heaviest": areas["random"] - areas["heaviest"],
        "lightest_less_random": areas["lightest"] - areas["random"],
    }
    record: dict[str, object] = {"model": model.name, "digest": model.digest, "seed": args.seed, "share": args.share}
    record["n"] = len(curves)
    for name, x in values.items():
        low, high = bootstrap_interval(lambda i, x=x: float(x[i].mean()), clusters)  # type: ignore[misc]
        record[name] = {"mean": float(x.mean()), "interval": [low, high]}
        print(f"{name}: {x.mean():.3f} ({low:.3f}–{high:.3f}), n = {len(x)}")
    args.out.mkdir(parents=True, exist_ok=True)
    write_json(args.out / "faithfulness.json", record)
    from stance.reporting.plots import as_svg, deletion_curve

    write_text(args.out / "faithfulness.svg", as_svg(deletion_curve(curves, share=args.share)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
