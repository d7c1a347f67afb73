#!/usr/bin/env python3
"""Search for a configuration from a checkout: python scripts/search.py configs/search/tfidf.yaml [--out DIR]."""

import sys

from stance.cli import main

if __name__ == "__main__":
    sys.exit(main(["search", *sys.argv[1:]]))
