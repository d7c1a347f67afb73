"""The name of a reader's library → the module, imported when it is first needed.

Readers import their libraries when they are called: ``import stance`` must stay quick for those who only read text.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any


def import_quietly(module: str) -> Any:
    """Import a reader's library on demand, and keep its log lines off the user's terminal.

    Without a handler, Python prints every library's warnings to standard error; about a damaged page or an odd font
    the user can do nothing, and what matters is raised as an :class:`InputError`.
    """
    imported = importlib.import_module(module)
    for name in (module.partition(".")[0], "htmldate", "justext", "courlan"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return imported
