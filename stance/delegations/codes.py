"""Codes of speakers that no registry holds."""

from __future__ import annotations

import re

__all__ = ["name_to_code"]


def name_to_code(name: str) -> str:
    """Return the upper-case code of an unregistered organisation (``Open Desk`` → ``OPEN_DESK``)."""
    return re.sub(r"\W+", "_", re.sub(r"[’'“”\"]", "", name).upper()).strip("_")
