#!/usr/bin/env python3
"""Put the behaviour tests to one or several models: python scripts/behaviour.py MODEL... [--tests DIR] [--out DIR].

MODEL is a model folder, a hub id, or ``default``. Prints pass rates by capability; --out writes them (``behaviour.csv``,
``behaviour.md``) and every case with what each model made of it (``cases.csv``).
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

from stance.errors import StanceError
from stance.evaluation.behaviour import behaviour_table, read_capabilities, run_behaviour, summarise_behaviour
from stance.evaluation.curves import write_table
from stance.labelling import prepare_output
from stance.manifest import write_text
from stance.model import Classifier


def main(argv: list[str] | None = None) -> int:
    """Run the tests and return an exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--tests", type=Path, metavar="DIR", help="folder of behaviour tests (default: data/behaviour)")
    parser.add_argument("--out", type=Path, metavar="DIR")
    args = parser.parse_args(argv)
    try:
        capabilities = read_capabilities(args.tests)
        outcomes = {name: run_behaviour(Classifier.load(name), capabilities) for name in dict.fromkeys(args.models)}
        if args.out:
            prepare_output(args.out)
    except StanceError as error:
        print(error, file=sys.stderr)
        return 2
    print(behaviour_table(outcomes), end="")
    if args.out:
        rows = [{"model": name, **row} for name, found in outcomes.items() for row in summarise_behaviour(found)]
        write_table(args.out / "behaviour.csv", rows)
        write_text(args.out / "behaviour.md", behaviour_table(outcomes))
        handle = io.StringIO()
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["model", "capability", "case", "passed", "expected", "found", "text"])
        for name, found in outcomes.items():
            for o in found:
                writer.writerow([name, o.capability, o.number, o.passed, o.expected, " ".join(o.found), o.text])
        write_text(args.out / "cases.csv", handle.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
