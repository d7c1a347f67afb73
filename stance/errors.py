"""The exceptions of the package, one short tree.

Every message says what was wrong, where, and what to do about it. The command line prints the message alone; a
traceback that reaches a user is a bug.
"""

from __future__ import annotations

__all__ = [
    "AnnotationError",
    "ConfigError",
    "InputError",
    "ModelError",
    "OutputError",
    "StanceError",
    "UnansweredError",
    "install_extra",
]


class StanceError(Exception):
    """Base class of everything that the package raises on purpose."""


class InputError(StanceError):
    """A document cannot be read: missing, empty, binary, without text, too large."""


class AnnotationError(InputError):
    """An annotation file breaks the schema; the message names file, line and field."""


class ConfigError(StanceError):
    """A configuration or a command line cannot be used as written."""


class ModelError(StanceError):
    """A model folder or an encoder cannot be loaded, or was used before it was fitted."""


class UnansweredError(ModelError):
    """Statements have no label, because a model that is asked over a network gave none; nobody guesses one for them."""


class OutputError(StanceError):
    """Results cannot be written where the user asked for them."""


def install_extra(name: str) -> str:
    """Return what to run for an extra; its name alone would fetch another project of this name from the package index."""
    return f'run in the checkout: pip install -c constraints.txt -e ".[{name}]"'
