#!/usr/bin/env python3
"""Label summaries from a checkout: python scripts/label.py INPUT... --out DIR."""

import sys

from stance.cli import command

if __name__ == "__main__":
    sys.exit(command(["label", *sys.argv[1:]]))
