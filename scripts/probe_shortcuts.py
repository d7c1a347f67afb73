#!/usr/bin/env python3
"""Probe a corpus for shortcuts: what do the target alone and a bag of words know of the labels?

    python scripts/probe_shortcuts.py [--corpus authored] [--out probes.json]

Five folds over contrast groups and summaries (seed 13), intervals by a bootstrap over them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from stance.annotations import read_annotations
from stance.corpus import CORPORA, corpus_groups
from stance.encoding import EncodingOptions, encode_annotations
from stance.evaluation.probes import probe_shortcuts

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", choices=sorted(CORPORA), default="authored")
    parser.add_argument("--out", type=Path, help="also write the results there as JSON")
    args = parser.parse_args()
    files, folders = CORPORA[args.corpus]
    meetings = [ROOT / f for f in folders]
    annotations = [a for f in files for a in read_annotations(ROOT / f, meetings=meetings)]
    encoded = encode_annotations(annotations, EncodingOptions(), meetings=meetings)
    results = probe_shortcuts(annotations, encoded, corpus_groups(annotations))
    n = results["n"]
    print(f"{n['statements']} statements, {n['in_contrast_groups']} of them in contrast groups, {n['folds']} folds")
    for name, r in results.items():
        if name == "n":
            continue
        low, high = r["macro_f1_interval"]
        c = r["contrast"]
        print(
            f"{name:21} macro-F1 {r['macro_f1']:.3f} ({low:.3f}–{high:.3f}); contrast groups: macro-F1 "
            f"{r['contrast_macro_f1']:.3f}, all members right {c['consistency']:.3f}, one label for all {c['one_label']:.3f} "
            f"(n = {c['groups']}); minimal pairs alone: {r['minimal']['macro_f1']:.3f}, {r['minimal']['consistency']:.3f} "
            f"(n = {r['minimal']['groups']})"
        )
    print("bag of words, contrast groups by kind:")
    for kind, c in results["bag_of_words"]["contrast_by_kind"].items():
        print(
            f"  {kind:14} all members right {c['consistency']:.3f}, one label for all {c['one_label']:.3f} (n = {c['groups']})"
        )
    if args.out:
        args.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
