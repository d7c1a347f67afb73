#!/usr/bin/env python3
"""Train a classifier from a checkout: python scripts/train.py configs/minilm.yaml [--set key.path=value] [--out DIR]."""

import sys

from stance.cli import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
