#!/usr/bin/env python3
"""Estimate how many delegations are for, against and neutral, corrected for the classifier's errors.

    python scripts/shares.py OUT/positions.csv --draw 40 > to_code.csv
    python scripts/shares.py OUT/positions.csv coded.csv --random [--out shares.json]

``positions.csv`` is what ``stance label`` wrote. The first form draws delegations at random, to be coded by hand without a
look at the classifier's answer: the rows of their meetings, with an empty column ``position``. The second reads that file
with the column filled in (for, against, neutral, none). Needs the extra ``shares``.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from stance.errors import AnnotationError, StanceError
from stance.evaluation.positions import POSITIONS
from stance.evaluation.shares import Key, corrected_shares
from stance.manifest import write_json


def read(path: Path, allowed: tuple[str, ...]) -> tuple[dict[Key, str], dict[str, str]]:
    """Read positions by document and delegation, and the names of delegations, where there are any."""
    found: dict[Key, str] = {}
    names: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            for name in ("document", "speaker", "position"):
                if name not in (reader.fieldnames or ()):
                    raise AnnotationError(f"{path}:1: {name}: no such column")
            for row in reader:
                where, position = f"{path}:{reader.line_num}", (row["position"] or "").strip()
                if position not in allowed:
                    raise AnnotationError(f"{where}: position: {position!r} is not one of {', '.join(allowed)}")
                key = row["document"], row["speaker"]
                if key in found:
                    raise AnnotationError(f"{where}: speaker: {key[1]} stands twice in {key[0]}")
                found[key] = position
                names[key[1]] = row.get("speaker_name") or ""
    except OSError as error:
        raise AnnotationError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise AnnotationError(f"{path}: not UTF-8 (byte {error.start})") from None
    return found, names


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("positions", type=Path, metavar="POSITIONS.csv")
    parser.add_argument("coded", type=Path, nargs="?", metavar="CODED.csv")
    parser.add_argument(
        "--draw", type=int, metavar="N", help="print the positions of N random delegations, to be coded"
    )
    parser.add_argument("--random", action="store_true", help="the coded delegations were drawn at random (--draw)")
    parser.add_argument("--level", type=float, default=0.95, help="coverage of the intervals (default: 0.95)")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--out", type=Path, metavar="FILE.json")
    args = parser.parse_args(argv)
    if (args.coded is None) == (args.draw is None):
        parser.error("either CODED.csv or --draw N")
    if not 0 < args.level < 1:
        parser.error("--level: a number between 0 and 1")
    try:
        predicted, names = read(args.positions, POSITIONS)
        if args.draw is not None:
            delegations = sorted({speaker for _, speaker in predicted})
            if args.draw < 1:
                raise AnnotationError(f"--draw {args.draw}: must be 1 or more")
            if args.draw >= len(delegations):
                print(f"{args.positions} has {len(delegations)} delegations: code them all, and count", file=sys.stderr)
            count = min(args.draw, len(delegations))
            chosen = set(np.random.default_rng(args.seed).choice(delegations, count, replace=False).tolist())
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(["document", "speaker", "speaker_name", "position"])
            writer.writerows([d, s, names[s], ""] for d, s in sorted(predicted) if s in chosen)
            return 0
        coded, _ = read(args.coded, POSITIONS)
        report = corrected_shares(predicted, coded, random=args.random, level=args.level)
        if args.out:
            write_json(args.out, asdict(report))
    except StanceError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{report.delegations} delegations, {report.coded} of them coded by hand; intervals of {args.level:.0%}")
    for stance, share in report.shares.items():
        low, high = share["interval"]
        least, most = share["coded_interval"]
        print(
            f"{stance:>8}: predicted {share['predicted']:.3f}; corrected {share['corrected']:.3f} ({low:.3f}–{high:.3f}); "
            f"coded sample alone {share['coded']:.3f} ({least:.3f}–{most:.3f})"
        )
    for warning in report.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
