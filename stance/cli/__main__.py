"""``python -m stance.cli`` is the same as ``stance``."""

import sys

from stance.cli import command

sys.exit(command())
