#!/usr/bin/env python3
"""Assign the groups of the authored corpus to training, development and transfer.

    python scripts/split_corpus.py [--seed 13] [--check]

Writes ``data/authored/splits.csv``. Three whole targets are held out (``transfer``), to measure how well a classifier
does on a treaty that training never saw; a tenth of the other groups is ``development``. No group is torn apart. A
contrast group with one statement on a held-out target goes to ``transfer`` as a whole.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from stance.annotations import read_annotations
from stance.corpus import CORPORA, assign_parts, corpus_groups

ROOT = Path(__file__).resolve().parent.parent
HELD_OUT = ("crimes-against-humanity-convention", "older-persons-convention", "autonomous-weapons-treaty")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--check", action="store_true", help="compare with the file on disk, write nothing")
    args = parser.parse_args()
    files, folders = CORPORA["authored"]
    annotations = [a for f in files for a in read_annotations(ROOT / f, meetings=[ROOT / m for m in folders])]
    parts = assign_parts(annotations, HELD_OUT, seed=args.seed)
    text = "group,part\n" + "".join(f"{group},{part}\n" for group, part in parts.items())
    path = ROOT / "data/authored/splits.csv"
    if args.check:
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"{path.relative_to(ROOT)}: not what the corpus gives; run scripts/split_corpus.py", file=sys.stderr)
            return 1
        return 0
    path.write_text(text, encoding="utf-8", newline="\n")
    print(dict(Counter(parts[g] for g in corpus_groups(annotations))), "statements,", len(parts), "groups")
    return 0


if __name__ == "__main__":
    sys.exit(main())
