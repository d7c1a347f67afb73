#!/usr/bin/env python3
"""Score a model from a checkout: python scripts/evaluate.py MODEL ANNOTATIONS.jsonl... [--out DIR]."""

import sys

from stance.cli import command

if __name__ == "__main__":
    sys.exit(command(["evaluate", *sys.argv[1:]]))
