#!/usr/bin/env python3
"""Label summaries from a checkout: python scripts/label.py INPUT... --out DIR."""

import sys

from stance.cli import main

if __name__ == "__main__":
    sys.exit(main(["label", *sys.argv[1:]]))
