"""Libraries that speak when there is nothing to say, kept quiet for the length of a block."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quiet"]


@contextmanager
def quiet(*loggers: str, level: int = logging.ERROR) -> Iterator[None]:
    """Let loggers report errors alone, or what is as bad as a level, and show no warnings; all is as before afterwards."""
    levels = [(logger, logger.level) for logger in map(logging.getLogger, loggers)]
    try:
        for logger, _ in levels:
            logger.setLevel(level)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, before in levels:
            logger.setLevel(before)
