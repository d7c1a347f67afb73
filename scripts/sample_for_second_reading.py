#!/usr/bin/env python3
"""Draw authored statements at random for a blind second reading, without their labels.

    python scripts/sample_for_second_reading.py --out sample.txt [--n 1020] [--seed 2026] [--match REGEX]

Writes one block a statement: its id, target, context, sentence and speaker. A reader answers with lines of
``id<TAB>stance``; ``scripts/agreement.py`` compares them with the authors' labels.
"""

from __future__ import annotations

import argparse
import random
import re
from pathlib import Path

from stance.annotations import read_annotations
from stance.targets import load_target

ANNOTATIONS = Path(__file__).resolve().parent.parent / "data" / "authored" / "annotations"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--n", type=int, default=1020)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--match", default="", help="draw only from documents whose name matches from its beginning")
    args = parser.parse_args()
    everything = [a for path in sorted(ANNOTATIONS.glob("*.jsonl")) for a in read_annotations(path)]
    everything = [a for a in everything if re.match(args.match, a.document)]
    drawn = random.Random(args.seed).sample(everything, args.n)
    with args.out.open("w", encoding="utf-8") as out:
        for a in drawn:
            context = a.context.replace("\n", " ")
            speaker = a.speaker_name or "[SPEAKER]"
            out.write(f"id: {a.id}\ntarget: {load_target(a.target).name}\n")
            out.write(f"context: {context}\nsentence: {a.text}\nspeaker: {speaker}\n\n")


if __name__ == "__main__":
    main()
