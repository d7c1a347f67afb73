"""``python -m stance``."""

import sys

from stance.cli import command

sys.exit(command())
