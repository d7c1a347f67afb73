"""How files, sizes and system errors are called in results and messages.

In: paths as the system gives them, counts of bytes, an :class:`OSError`. Out: short strings that are valid Unicode.
"""

from __future__ import annotations

import os
from pathlib import Path

from stance.documents.model import STDIN


def clean_name(text: str) -> str:
    # File names need not be valid Unicode on Linux; a lone surrogate would break every table written later.
    return os.fsencode(text).decode("utf-8", "replace")


def shown_name(source: str) -> str:
    return "standard input" if source == STDIN else clean_name(source)


def stem_of(file_name: str) -> str:
    path = Path(file_name)
    # "SC.14000" has no ending: what follows the dot belongs to the name.
    return path.stem if any(c.isalpha() for c in path.suffix) else file_name


def reason_of(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def size_text(count: int) -> str:
    return f"{count / 2**20:.1f} MiB" if count >= 2**20 else f"{count} bytes"
