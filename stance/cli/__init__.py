"""The command line: ``stance label|train|search|evaluate|annotate|data|config|export|completion``.

Exit codes: 0 done; 1 some inputs failed and were reported, the rest is written; 2 wrong usage or configuration,
nothing written; 130 interrupted. Heavy libraries are imported by the commands that need them, so that ``stance --help``
is quick.
"""

from __future__ import annotations

import gc
import io
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from stance.cli.commands import DONE, WRONG
from stance.cli.console import Console
from stance.cli.parser import parse
from stance.errors import ConfigError, StanceError

__all__ = ["command", "main"]


def command(argv: Sequence[str] | None = None) -> int:
    """Run the command line in a process of its own, which ends with it."""
    try:
        return main(argv)
    finally:
        # The process gives all its memory back at once; nothing need be looked for in it.
        gc.freeze()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    args = parse(argv)
    console = Console(as_json=args.json, quiet=args.quiet)
    logging.basicConfig(level=logging.INFO if args.verbose else logging.WARNING, format="stance: %(message)s")
    # Local folders and packaged weights are used as they lie; only a hub id that the user names may use a network.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        for folder in getattr(args, "meetings", ()):
            if not Path(folder).is_dir():
                raise ConfigError(f"--meetings: {folder}: no such folder")
        code: int = args.run(args, console)
    except StanceError as error:
        console.error(str(error))
        return WRONG
    except KeyboardInterrupt:
        console.error("interrupted")
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`stance … | head`); that is no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return code
