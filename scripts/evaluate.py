#!/usr/bin/env python3
"""Score a model from a checkout: python scripts/evaluate.py MODEL ANNOTATIONS.jsonl... [--out DIR]."""

import sys

from stance.cli import main

if __name__ == "__main__":
    sys.exit(main(["evaluate", *sys.argv[1:]]))
