#!/usr/bin/env python3
"""Check authored files and print what they hold: python scripts/check_authored.py FILE..."""

from __future__ import annotations

import collections
import sys
from pathlib import Path

from stance.authored import read_statements, read_summary
from stance.errors import StanceError


def main(paths: list[str]) -> int:
    failed = False
    total: collections.Counter[str] = collections.Counter()
    for path in map(Path, paths):
        counts: collections.Counter[str] = collections.Counter()
        try:
            if path.parent.name == "summaries":
                summary = read_summary(path)
                for sentence in summary.sentences:
                    counts.update(tag.stance for tag in sentence.tags)
            else:
                groups = set()
                for statement in read_statements(path):
                    counts[statement.stance] += 1
                    if statement.group:
                        groups.add(statement.group)
                counts["groups"] = len(groups)
        except StanceError as error:
            print(error)
            failed = True
            continue
        total += counts
        print(path, sum(counts.values()) - counts["groups"], "statements", dict(counts))
    print("all", dict(total))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
