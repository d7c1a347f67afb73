"""Sentences → statements: who is reported as saying what."""

from stance.attribution.attributor import attribute
from stance.attribution.skeleton import Name
from stance.attribution.types import Attribution, Statement

__all__ = ["Attribution", "Name", "Statement", "attribute"]
