#!/usr/bin/env python3
"""Search for a configuration from a checkout: python scripts/search.py configs/search/tfidf.yaml [--out DIR]."""

import sys

from stance.cli import command

if __name__ == "__main__":
    sys.exit(command(["search", *sys.argv[1:]]))
